"""Tests of the comparison with artefacts (the wheels that a lock names): real installers, real pip, and real forgeries.

A forgery changes files of an environment together with RECORD, so that nothing in the environment contradicts it.
"""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from environment_builder import Environment, record_hash
from judging import codes, of, only
from oddwheels import core
from traced import ALPHA, INFO, Install, rewrite, traced, with_pip, with_uv, write_wheels
from wheels import wheel_bytes

from envparity.judge.judgement import check
from envparity.judge.rules import Severity
from envparity.judge.subject import Subject
from envparity.judge.trust import trust_in

FORGED = {"artefact-differs", "artefact-lacking", "artefact-foreign"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield a folder with the subfolders `wheels` and `cache`; pip and uv look for packages only in `wheels`."""
    folder = tmp_path_factory.mktemp("shop")
    write_wheels(folder / "wheels")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(folder / "wheels"))
        yield folder


def lock(shop: Path) -> str:
    return "".join(write_wheels(shop / "wheels").values())


def installed(folder: Path, shop: Path, install: Install = with_uv) -> Environment:
    environment = Environment(folder / "environment")
    install(environment, shop / "wheels")
    return environment


@pytest.fixture(scope="module")
def whole(shop: Path) -> Environment:
    """Return an environment that uv made. Only the fixture `environment` may use it."""
    made = installed(shop / "whole", shop)
    shutil.copytree(made.folder, shop / "copy", symlinks=True)
    return made


@pytest.fixture
def environment(whole: Environment, shop: Path) -> Environment:
    """Return an environment that uv made, as it was before other tests changed it."""
    shutil.rmtree(whole.folder)
    shutil.copytree(shop / "copy", whole.folder, symlinks=True)
    return whole


def look(environment: Environment, shop: Path) -> Subject:
    return traced(environment, lock(shop), shop / "cache")


@pytest.mark.parametrize(
    "install",
    [
        with_uv,
        with_pip,
        lambda environment, wheels: with_uv(environment, wheels, "--compile-bytecode"),
        lambda environment, wheels: with_pip(environment, wheels, "--no-compile"),
    ],
    ids=["uv", "pip", "uv with bytecode", "pip without bytecode"],
)
def test_every_file_of_an_intact_environment_is_traced(install: Install, shop: Path, tmp_path: Path) -> None:
    subject = look(installed(tmp_path, shop, install), shop)
    assert [one for one in check(subject) if one.severity is Severity.ERROR] == []
    assert FORGED.isdisjoint(codes(check(subject)))
    trust = trust_in(subject)
    assert trust.artefacts
    assert trust.untraced.files == 0
    assert set(trust.judged) == {"lock", "installer"}
    assert set(trust.unjudged) <= {"bytecode header", "made with the environment"}
    every = (*trust.judged.values(), *trust.unjudged.values())
    assert sum(amount.files for amount in every) == len(subject.snapshot.files)


@pytest.mark.parametrize("name", ["with space", "x" * 130])
def test_a_path_that_no_first_line_can_hold_is_no_forgery(name: str, shop: Path, tmp_path: Path) -> None:
    for number, install in enumerate((with_uv, with_pip)):
        subject = look(installed(tmp_path / f"{name}{number}", shop, install), shop)
        assert FORGED.isdisjoint(codes(check(subject))), check(subject)


def test_compiled_bytecode_counts_as_traced(shop: Path, tmp_path: Path) -> None:
    environment = installed(tmp_path, shop, with_pip)
    subject = traced(environment, lock(shop), shop / "cache", bytecode=True)
    trust = trust_in(subject)
    assert trust.judged["compiled"].files == 6
    assert set(trust.unjudged) == {"made with the environment"}


def script(environment: Environment, name: str) -> bytes:
    return (environment.folder / "bin" / name).read_bytes()


def point_elsewhere(environment: Environment) -> None:
    rewrite(environment, "../../../bin/alpha", script(environment, "alpha").replace(b"alpha.core", b"alpha.evil"))


def other_python(environment: Environment) -> None:
    text = script(environment, "alpha-run").partition(b"\n")[2]
    rewrite(environment, "../../../bin/alpha-run", b"#!/tmp/evil/python\n" + text)


def other_tag(environment: Environment) -> None:
    wheel = (environment.site / INFO / "WHEEL").read_bytes()
    rewrite(environment, f"{INFO}/WHEEL", wheel.replace(b"py3-none-any", b"cp311-cp311-linux_x86_64"))
    rewrite(environment, "alpha/core.py", b"evil = 1\n")


def more_metadata(environment: Environment) -> None:
    metadata = (environment.site / INFO / "METADATA").read_bytes()
    rewrite(environment, f"{INFO}/METADATA", metadata + b"Requires-Dist: beta\n")


def change(path: str, algorithm: str = "sha256") -> Callable[[Environment], None]:
    def forge(environment: Environment) -> None:
        data = (environment.site / path).read_bytes()
        rewrite(environment, path, data[:-2] + bytes([data[-2] ^ 1]) + data[-1:], algorithm)

    return forge


def header(environment: Environment) -> None:
    (path,) = (environment.folder / "include").glob("**/alpha.h")
    rewrite(environment, f"../../../{path.relative_to(environment.folder)}", b"#define ALPHA 2\n")


FORGERIES: dict[str, tuple[Callable[[Environment], None], set[str], str]] = {
    "a byte": (change("alpha/core.py"), {"artefact-differs"}, "site/alpha/core.py"),
    "a byte, sha512": (change("alpha/core.py", "sha512"), {"artefact-differs"}, "site/alpha/core.py"),
    "a byte, sha384": (change("alpha/core.py", "sha384"), {"artefact-differs"}, "site/alpha/core.py"),
    "a byte, md5": (change("alpha/core.py", "md5"), {"artefact-differs"}, "site/alpha/core.py"),
    "a byte, sha1": (change("alpha/core.py", "sha1"), {"artefact-differs"}, "site/alpha/core.py"),
    "a byte, blake2b": (change("alpha/core.py", "blake2b"), {"artefact-differs"}, "site/alpha/core.py"),
    "a name that is not ASCII": (change("alpha/data file é.txt"), {"artefact-differs"}, "site/alpha/data file é.txt"),
    "a module at top level": (change("alpha_top.py"), {"artefact-differs"}, "site/alpha_top.py"),
    "a .pth file": (change("alpha.pth"), {"artefact-differs"}, "site/alpha.pth"),
    "metadata": (more_metadata, {"artefact-differs"}, f"site/{INFO}/METADATA"),
    "entry points": (change(f"{INFO}/entry_points.txt"), {"artefact-differs"}, f"site/{INFO}/entry_points.txt"),
    "a file of purelib": (change("alpha/pure.py"), {"artefact-differs"}, "site/alpha/pure.py"),
    "a file of platlib": (change("alpha/plat.py"), {"artefact-differs"}, "site/alpha/plat.py"),
    "a data file": (change("../../../share/alpha/read.me"), {"artefact-differs"}, "data/share/alpha/read.me"),
    "a program in data": (change("../../../bin/alpha-data"), {"artefact-differs"}, "scripts/alpha-data"),
    "a shell script": (change("../../../bin/alpha-shell"), {"artefact-differs"}, "scripts/alpha-shell"),
    "a program": (change("../../../bin/alpha-bytes"), {"artefact-differs"}, "scripts/alpha-bytes"),
    "a script": (change("../../../bin/alpha-run"), {"artefact-differs"}, "scripts/alpha-run"),
    "a script's Python": (other_python, {"artefact-differs"}, "scripts/alpha-run"),
    "an entry point": (point_elsewhere, {"artefact-differs"}, "scripts/alpha"),
    "a header": (header, {"artefact-differs"}, "alpha.h"),
    "the tag of the wheel": (other_tag, {"artefact-differs"}, "site/alpha/core.py"),
    "a file less": (lambda one: rewrite(one, "alpha/core.py", None), {"artefact-lacking"}, "site/alpha/core.py"),
    "a script less": (lambda one: rewrite(one, "../../../bin/alpha", None), {"artefact-lacking"}, "scripts/alpha"),
    "a file more": (lambda one: rewrite(one, "alpha/evil.py", b"x\n"), {"artefact-foreign"}, "site/alpha/evil.py"),
    "a .pth file more": (lambda one: rewrite(one, "evil.pth", b"import os\n"), {"artefact-foreign"}, "site/evil.pth"),
    "a script more": (
        lambda one: rewrite(one, "../../../bin/evil", script(one, "alpha")),
        {"artefact-foreign"},
        "scripts/evil",
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_found_with_artefacts_and_not_without(environment: Environment, forgery: str, shop: Path) -> None:
    forge, expected, path = FORGERIES[forgery]
    forge(environment)
    subject = look(environment, shop)
    findings = [one for one in check(subject) if one.code in FORGED]
    assert codes(findings) == expected
    assert any(one.endswith(path) for finding in findings for one in finding.paths)
    assert all(one.severity is Severity.ERROR for one in findings)
    assert all(one.distributions == ("alpha",) for one in findings if one.code == "artefact-differs")
    assert all("alpha 1.0: " in one.message for one in findings if one.distributions)
    blind = replace(subject, artefacts=None)
    assert [one for one in check(blind) if one.severity is Severity.ERROR] == []
    assert not trust_in(blind).artefacts


def test_a_damage_that_record_shows_is_reported_once(environment: Environment, shop: Path) -> None:
    (environment.site / "alpha/core.py").write_text("changed\n")
    (environment.site / "alpha/pure.py").unlink()
    (environment.site / "stray.py").touch()
    found = check(look(environment, shop))
    assert codes(found) == {"file-altered", "file-missing", "file-extraneous", "startup-code"}


def test_pip_installs_itself_under_a_name_with_a_version(environment: Environment, shop: Path) -> None:
    """The wheel of pip names only the scripts pip and pip3; pip adds pip3.11."""
    rewrite(environment, "../../../bin/alpha3.11", script(environment, "alpha"))
    assert FORGED.isdisjoint(codes(check(look(environment, shop))))


def test_a_distribution_without_an_artefact_is_named(environment: Environment, shop: Path) -> None:
    source = f"--no-binary alpha\n{lock(shop)}"
    subject = traced(environment, source, shop / "cache")
    (found,) = of("artefact-untraced", check(subject))
    assert (
        found.message
        == "alpha 1.0: files compared with RECORD only, because the lock says that it is built from source"
    )
    assert found.severity is Severity.NOTE
    trust = trust_in(subject)
    assert trust.judged["record"].files > 10
    assert trust.untraced.files == trust.judged["record"].files + 1, "RECORD itself has no hash"


def test_a_wheel_that_was_built_again_is_compared(environment: Environment, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "built").mkdir()
    shutil.copy(shop / "wheels" / "alpha-1.0-py3-none-any.whl", tmp_path / "built")
    source = f"--no-binary alpha\n{lock(shop)}"
    subject = traced(environment, source, shop / "cache", tmp_path / "built")
    assert codes(check(subject)) == {"startup-code"}
    assert trust_in(subject).judged["built"].files > 10
    assert trust_in(subject).untraced.files == 0
    rewrite(environment, "alpha/core.py", b"evil = 1\n")
    (found,) = of("artefact-differs", check(traced(environment, source, shop / "cache", tmp_path / "built")))
    assert "not the bytes in the wheel that was built again" in found.message


def test_without_hashes_the_report_names_the_source_of_the_wheels(
    environment: Environment, shop: Path, tmp_path: Path
) -> None:
    url = (shop / "wheels" / "beta-2.0-py3-none-any.whl").as_uri()
    subject = traced(environment, f"alpha==1.0\nbeta @ {url}\n", tmp_path / "cache")
    found = [one.message for one in of("artefact-unhashed", check(subject))]
    assert found == [
        "alpha 1.0: the lock has no hash, so files were compared with the wheel that the package index offers",
        "beta 2.0: the lock has no hash, so files were compared with the wheel that the URL in the lock offers",
    ]
    assert set(trust_in(subject).judged) == {"offered", "installer"}


def test_a_distribution_that_the_lock_does_not_pin_is_named(environment: Environment, shop: Path) -> None:
    subject = traced(environment, write_wheels(shop / "wheels")["alpha"], shop / "cache")
    (found,) = of("artefact-untraced", check(subject))
    assert "beta 2.0: files compared with RECORD only, because the lock does not pin it" in found.message


@pytest.mark.parametrize("install", [with_uv, with_pip])
def test_a_wrong_hash_in_the_record_of_a_wheel_is_a_fault_of_the_wheel(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels, cache = tmp_path / "wheels", tmp_path / "cache"
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    lines = write_wheels(wheels)
    rows = core(lambda path, _, size: [f"{path},{record_hash(b'other')},{size}"])
    data = wheel_bytes("alpha", "1.0", ALPHA, rows=rows)
    (wheels / "alpha-1.0-py3-none-any.whl").write_bytes(data)
    text = f"alpha==1.0 --hash=sha256:{hashlib.sha256(data).hexdigest()}\n{lines['beta']}"
    environment = Environment(tmp_path / "environment")
    install(environment, wheels)
    subject = traced(environment, text, cache)
    one = only("record-built-wrong", check(subject))
    assert "the RECORD of its wheel has 1 wrong hash of a file" in one.message
    assert {one.severity for one in check(subject)} == {Severity.NOTE}
    assert "file-altered" in codes(check(replace(subject, artefacts=None)))
    (environment.site / "alpha" / "core.py").write_text("def answer():\n    return 41\n")
    assert "file-altered" in codes(check(traced(environment, text, cache)))
