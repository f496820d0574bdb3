"""Tests of finding artefacts: a real pip fetches the wheel that a pin stands for, by its hash, from a real index.

An artefact is the wheel of one pin of a lock.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from index import Index
from judging import edited
from wheels import wheel_bytes

from envparity.artefacts.artefact import Artefacts
from envparity.artefacts.cache import WheelCache
from envparity.artefacts.chain import Chain
from envparity.errors import EnvparityError
from envparity.index.clients import IndexClients, IndexUnreachable
from envparity.project.locks import read_lock
from envparity.snapshot.types import Snapshot

LINUX = "cp311-cp311-manylinux_2_17_x86_64"
NEWER = "cp311-cp311-manylinux_2_28_x86_64"
MUSL = "cp311-cp311-musllinux_1_2_x86_64"
DATE = "2025-01-01T00:00:00Z"


def module(tag: str) -> dict[str, str]:
    return {"alpha.py": f"built_for = {tag!r}\n"}


def sha256(tag: str, name: str = "alpha") -> str:
    return hashlib.sha256(wheel_bytes(name, "1.0", {f"{name}.py": f"built_for = {tag!r}\n"}, tag=tag)).hexdigest()


def publish(index: Index, *tags: str, name: str = "alpha") -> str:
    """Add a wheel for each tag to the index; return the line of the lock with all hashes."""
    for tag in tags:
        index.wheel(name, "1.0", DATE, {f"{name}.py": f"built_for = {tag!r}\n"}, tag=tag)
    return f"{name}==1.0 " + " ".join(f"--hash=sha256:{sha256(tag, name)}" for tag in tags) + "\n"


def environment(clean: bytes, *tags: str, name: str = "alpha", installed: str | None = None) -> Snapshot:
    """Return an environment whose WHEEL names these tags; with `installed`, it is the WHEEL of that wheel."""

    def change(document: dict[str, Any]) -> None:
        document["interpreter"] |= {"platform": "linux-x86_64", "abi": "cpython-311-x86_64-linux-gnu"}
        document["interpreter"]["markers"]["python_version"] = "3.11"
        document["toolchain"]["libc"] = "glibc 2.36"
        first = document["distributions"][0]
        document["distributions"] = [first | {"name": name, "id": name, "version": "1.0", "tags": list(tags)}]
        if installed is not None:
            text = f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: false\nTag: {installed}\n"
            document["files"]["site/alpha-1.0.dist-info/WHEEL"]["sha256"] = hashlib.sha256(text.encode()).hexdigest()

    return edited(clean, change)


def find(snapshot: Snapshot, lock: str, folder: Path, built: Path | None = None) -> Artefacts:
    (folder / "lock.txt").write_text(lock)
    pins = read_lock(folder / "lock.txt").for_environment(snapshot.marker_environment)
    with IndexClients() as clients:
        return Chain(WheelCache(folder / "cache"), clients, built).artefacts(snapshot, pins)


def wheels_of(found: Artefacts) -> Mapping[str, str]:
    return {name: one.wheel.files[f"{name}.py"] for name, one in found.found.items()}


def of(tag: str, name: str = "alpha") -> dict[str, str]:
    return {name: hashlib.sha256(f"built_for = {tag!r}\n".encode()).hexdigest()}


@pytest.mark.parametrize("tag", [LINUX, NEWER, MUSL, "py3-none-any", "cp38-abi3-manylinux2014_x86_64"])
def test_the_tags_choose_between_the_wheels_of_the_lock(tag: str, clean: bytes, index: Index, tmp_path: Path) -> None:
    lock = publish(index, LINUX, NEWER, MUSL, "py3-none-any", "cp38-abi3-manylinux2014_x86_64")
    assert wheels_of(find(environment(clean, tag), lock, tmp_path)) == of(tag)


def test_two_distributions_with_different_tags(clean: bytes, index: Index, tmp_path: Path) -> None:
    """One run of pip asks with the tags of alpha and beta, and would choose the newer wheel of alpha."""
    lock = publish(index, LINUX, NEWER) + publish(index, NEWER, name="beta")

    def both(document: dict[str, Any]) -> None:
        alpha = document["distributions"][0]
        document["distributions"].append(
            alpha | {"name": "beta", "id": "beta", "metadata": "site/beta-1.0.dist-info", "tags": [NEWER]}
        )

    snapshot = environment(clean, LINUX)
    document = json.loads(msgspec.json.encode(snapshot))
    both(document)
    found = find(edited(json.dumps(document).encode()), lock, tmp_path)
    assert wheels_of(found) == of(LINUX) | of(NEWER, "beta")


def test_a_warm_cache_needs_no_index(
    clean: bytes, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = publish(index, LINUX, MUSL)
    first = find(environment(clean, LINUX), lock, tmp_path)
    index.asked.clear()
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    assert find(environment(clean, LINUX), lock, tmp_path) == first
    assert index.asked == []


def test_a_forged_tag_does_not_hide_the_wheel(clean: bytes, index: Index, tmp_path: Path) -> None:
    """WHEEL names a tag that no wheel of the lock has, so the environment is compared with a wheel that fits."""
    lock = publish(index, LINUX, MUSL)
    for tags in (("cp311-cp311-linux_x86_64",), (), ("nonsense",)):
        assert wheels_of(find(environment(clean, *tags), lock, tmp_path)) == of(LINUX)


def test_a_forged_tag_does_not_hide_the_wheel_without_an_index(
    clean: bytes, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = publish(index, LINUX, MUSL)
    find(environment(clean, LINUX), lock, tmp_path)
    find(environment(clean, MUSL), lock, tmp_path)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    assert wheels_of(find(environment(clean, "cp311-cp311-linux_x86_64"), lock, tmp_path)) == of(LINUX)


def test_an_unreachable_index_is_an_error(clean: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(IndexUnreachable):
        find(environment(clean, LINUX), f"alpha==1.0 --hash=sha256:{'0' * 64}\n", tmp_path)


def test_an_sdist_is_neither_fetched_nor_run(clean: bytes, index: Index, tmp_path: Path) -> None:
    index.sdist("alpha", "1.0", DATE)
    lock = f"alpha==1.0 --hash=sha256:{'1' * 64}\n" + publish(index, LINUX, name="beta")
    found = find(environment(clean, LINUX), lock, tmp_path)
    assert found.absent == {"alpha": "the index has no wheel that fits and that the lock names"}
    assert not any(path.endswith(".tar.gz") for path in index.asked)
    index.asked.clear()
    assert find(environment(clean, LINUX), lock, tmp_path) == found
    assert index.asked == [], "the cache keeps for a day that the index has no wheel"


def test_a_file_with_another_hash_is_refused(clean: bytes, index: Index, tmp_path: Path) -> None:
    publish(index, LINUX)
    found = find(environment(clean, LINUX), f"alpha==1.0 --hash=sha256:{'2' * 64}\n", tmp_path)
    assert (found.found, list(found.absent)) == ({}, ["alpha"])


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_other_hashes_of_a_lock(algorithm: str, clean: bytes, index: Index, tmp_path: Path) -> None:
    publish(index, LINUX)
    data = wheel_bytes("alpha", "1.0", module(LINUX), tag=LINUX)
    lock = f"alpha==1.0 --hash={algorithm}:{hashlib.new(algorithm, data).hexdigest()}\n"
    found = find(environment(clean, LINUX), lock, tmp_path)
    assert (wheels_of(found), found.found["alpha"].basis) == (of(LINUX), "lock")
    index.asked.clear()
    assert find(environment(clean, LINUX), lock, tmp_path) == found
    assert index.asked == []


def test_without_a_hash_the_index_is_asked_each_time(clean: bytes, index: Index, tmp_path: Path) -> None:
    publish(index, LINUX, MUSL)
    for _ in range(2):
        index.asked.clear()
        found = find(environment(clean, LINUX), "alpha==1.0\n", tmp_path)
        assert (wheels_of(found), found.found["alpha"].basis) == (of(LINUX), "index")
        assert index.asked


def test_a_url_may_have_the_hash_of_its_wheel(clean: bytes, index: Index, tmp_path: Path) -> None:
    publish(index, LINUX)
    url = f"{index.url.removesuffix('simple/')}files/alpha-1.0-{LINUX}.whl"
    plain = find(environment(clean, LINUX), f"alpha @ {url}\n", tmp_path)
    assert (wheels_of(plain), plain.found["alpha"].basis) == (of(LINUX), "url")
    hashed = find(environment(clean, LINUX), f"alpha @ {url}#sha256={sha256(LINUX)}\n", tmp_path)
    assert (wheels_of(hashed), hashed.found["alpha"].basis) == (of(LINUX), "lock")


@pytest.mark.parametrize(
    ("lock", "reason"),
    [
        ("alpha @ git+https://example.com/alpha@0123\n", "the lock pins a commit"),
        ("alpha @ https://example.com/alpha-1.0.tar.gz\n", "the lock pins the URL of an sdist"),
        ("--no-binary alpha\nalpha==1.0\n", "the lock says that it is built from source"),
        ("--no-binary :all:\nalpha==1.0\n", "the lock says that it is built from source"),
        ("alpha==1.1\n", "the lock pins 1.1"),
        ("beta==1.0\n", "the lock does not pin it"),
    ],
)
def test_some_pins_have_no_wheel(lock: str, reason: str, clean: bytes, index: Index, tmp_path: Path) -> None:
    assert find(environment(clean, LINUX), lock, tmp_path).absent == {"alpha": reason}
    assert index.asked == []


def test_a_wheel_that_was_built_again_is_used_for_a_commit(clean: bytes, tmp_path: Path) -> None:
    (tmp_path / "built").mkdir()
    data = wheel_bytes("alpha", "1.0", module("py3-none-any"))
    (tmp_path / "built" / "alpha-1.0-py3-none-any.whl").write_bytes(data)
    lock = "alpha @ git+https://example.com/alpha@0123\n"
    found = find(environment(clean, "py3-none-any"), lock, tmp_path, tmp_path / "built")
    assert (wheels_of(found), found.found["alpha"].basis) == (of("py3-none-any"), "built")
    (tmp_path / "built" / "beta-1.0-py3-none-any.whl").write_bytes(b"no wheel")
    with pytest.raises(EnvparityError, match=r"beta-1\.0-py3-none-any\.whl: expected a wheel, found: "):
        find(environment(clean, "py3-none-any"), lock, tmp_path, tmp_path / "built")
