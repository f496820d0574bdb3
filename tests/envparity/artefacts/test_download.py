"""Tests of fetching the wheels of pins: one run of pip for many pins, and a reason for each pin that has no wheel."""

import hashlib
from pathlib import Path

import pytest
from index import Index
from wheels import wheel_bytes

from envparity.artefacts.cache import WheelCache
from envparity.artefacts.download import Download, digests, hashes_of, is_wheel
from envparity.index.clients import IndexClients
from envparity.project.locks.requirements import read_pin

DATE = "2025-01-01T00:00:00Z"
HASH = "0" * 64


def pin(index: Index, name: str, data: bytes | None = None) -> str:
    """Add a release to the index, and return its line in a lock; `data` replaces the hashed bytes."""
    index.wheel(name, "1.0", DATE)
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(data or wheel_bytes(name, '1.0')).hexdigest()}"


def download(folder: Path, *lines: str) -> Download:
    with IndexClients() as clients:
        found = Download(clients, WheelCache(folder), "3.11", [])
        found.run([read_pin(line, "lock") for line in lines])
    return found


def test_a_missing_release_and_a_wrong_file_do_not_stop_the_others(index: Index, tmp_path: Path) -> None:
    good, wrong, also = pin(index, "good"), pin(index, "wrong", b"other"), pin(index, "also-good")
    found = download(tmp_path, good, f"gone==1.0 --hash=sha256:{HASH}", wrong, also)
    assert sorted(found.wheels) == ["also-good", "good"]
    assert found.absent["gone"] == "the index has no wheel that fits and that the lock names"
    assert sorted(found.absent) == ["gone", "wrong"]
    assert "127.0.0.1" not in str(found.absent)


def test_many_pins_need_few_runs(index: Index, tmp_path: Path) -> None:
    lines = [pin(index, f"name-{number}") for number in range(30)]
    assert len(download(tmp_path, *lines).wheels) == 30
    assert len(list(tmp_path.glob("*/sha256/*.json"))) == 30
    assert sum(path == "/simple/name-7/" for path in index.asked) == 1


def test_a_wheel_that_cannot_be_read_is_named(index: Index, tmp_path: Path) -> None:
    index.wheel("alpha", "1.0", DATE, {"alpha-1.0.dist-info/entry_points.txt": "no section\n"})
    data = wheel_bytes("alpha", "1.0", {"alpha-1.0.dist-info/entry_points.txt": "no section\n"})
    found = download(tmp_path, f"alpha==1.0 --hash=sha256:{hashlib.sha256(data).hexdigest()}")
    assert found.absent["alpha"].startswith("alpha-1.0-py3-none-any.whl cannot be read: ")


@pytest.mark.parametrize(
    ("line", "hashes", "wheel"),
    [
        (f"alpha==1.0 --hash=sha256:{HASH}", {f"sha256:{HASH}"}, True),
        (f"alpha @ https://example.com/alpha-1.0-py3-none-any.whl#sha256={HASH}", {f"sha256:{HASH}"}, True),
        ("alpha @ https://example.com/alpha-1.0-py3-none-any.whl?token=x", set(), True),
        ("alpha @ https://example.com/alpha-1.0.tar.gz", set(), False),
        ("alpha @ git+https://example.com/alpha@0123#egg=alpha", set(), False),
    ],
)
def test_a_pin_says_whether_it_has_a_wheel_and_a_hash(line: str, hashes: set[str], wheel: bool) -> None:
    one = read_pin(line, "lock")
    assert (set(hashes_of(one)), is_wheel(one)) == (hashes, wheel)


def test_digests_are_written_as_a_lock_writes_them(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x")
    both = {f"{name}:{hashlib.new(name, b'x').hexdigest()}" for name in ("sha256", "sha512")}
    assert digests(tmp_path / "x", {"sha256", "sha512", "shake_128"}) == both
