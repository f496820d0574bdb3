"""Tests of the files that an installer writes for a wheel: the paths in an environment, and the texts of scripts."""

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import msgspec
import pytest
from judging import edited
from traced import DATA, INFO

from envparity.artefacts.artefact import Wheel
from envparity.artefacts.installed import Place, Scripts, is_alias, places
from envparity.snapshot.types import File, Snapshot

HASH = "a" * 64


def snapshot(clean: bytes, *paths: str, prefix: str = "/env") -> Snapshot:
    def change(document: dict[str, Any]) -> None:
        document["located"] |= {"prefix": prefix, "sites": {"site": f"{prefix}/lib/python3.11/site-packages"}}
        document["files"] |= {path: {} for path in paths}

    return edited(clean, change)


def made(wheel: Wheel, of: Snapshot) -> dict[str, Place]:
    return {place.paths[0]: place for place in places(wheel, of, "site")}


def wheel(**fields: Any) -> Wheel:
    return msgspec.structs.replace(Wheel("alpha", "1.0", INFO), **fields)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("alpha/core.py", ("site/alpha/core.py",)),
        (f"{INFO}/METADATA", (f"site/{INFO}/METADATA",)),
        (f"{DATA}/platlib/alpha/x.so", ("site/alpha/x.so",)),
        (f"{DATA}/scripts/run", ("scripts/run",)),
        (f"{DATA}/data/share/x", ("data/share/x", "prefix/share/x")),
        (f"{DATA}/data/bin/x", ("scripts/x", "data/bin/x", "prefix/bin/x")),
        (
            f"{DATA}/data/lib/python3.11/site-packages/x.pth",
            ("site/x.pth", "data/lib/python3.11/site-packages/x.pth", "prefix/lib/python3.11/site-packages/x.pth"),
        ),
    ],
)
def test_where_a_file_of_a_wheel_goes(path: str, expected: tuple[str, ...], clean: bytes) -> None:
    (place,) = places(wheel(files={path: HASH}), snapshot(clean), "site")
    assert (place.paths, place.sha256, place.optional) == (expected, HASH, False)


@pytest.mark.parametrize("name", ["RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "REFER_TO"])
def test_notes_of_installers_are_not_compared(name: str, clean: bytes) -> None:
    assert list(places(wheel(files={f"{INFO}/{name}": HASH}), snapshot(clean), "site")) == []


@pytest.mark.parametrize("name", [f"{INFO}/RECORD.jws", "alpha/__pycache__/core.cpython-311.pyc"])
def test_some_files_may_be_left_out(name: str, clean: bytes) -> None:
    (place,) = places(wheel(files={name: HASH}), snapshot(clean), "site")
    assert place.optional


def test_headers_are_found_wherever_the_interpreter_has_them(clean: bytes) -> None:
    header = wheel(files={f"{DATA}/headers/sub/alpha.h": HASH})
    there = "data/include/python3.11/alpha/sub/alpha.h"
    assert made(header, snapshot(clean, there)).keys() == {there}
    series = snapshot(clean).interpreter.series
    assert made(header, snapshot(clean)).keys() == {f"data/include/site/python{series}/alpha/sub/alpha.h"}


def test_entry_points_become_scripts(clean: bytes) -> None:
    both = wheel(
        commands={"run": "alpha:main", "more": "alpha:more"}, extras=("more",), files={f"{DATA}/scripts/run": HASH}
    )
    found = list(places(both, snapshot(clean), "site"))
    assert found == [
        Place(("scripts/run",), HASH, optional=True),
        Place(("scripts/run",), starts="alpha:main"),
        Place(("scripts/more",), starts="alpha:more", optional=True),
    ]
    scripts = Scripts(snapshot(clean))
    assert found[1].allows(File(starts="alpha:main"), scripts)
    assert not found[1].allows(File(starts="alpha:other"), scripts)
    assert not found[1].allows(File(sha256=HASH), scripts)


@pytest.mark.parametrize("prefix", ["/env", "/usr", "/a path"])
def test_the_first_line_of_a_script_is_rewritten(prefix: str, clean: bytes) -> None:
    of = snapshot(clean, prefix=prefix)
    scripts = Scripts(of)
    script = b"#!pythonw -E\nprint('/usr/share')\n"
    place = Place(("scripts/x",), HASH, script)
    normaliser = scripts.normaliser
    for first in (f"#!{prefix}/bin/python", f"#!{prefix}/bin/python3.11 -E", f"#!{prefix}/bin/pypy3"):
        entry: dict[str, Any] = {}
        normaliser.note_text("scripts/x", entry, first.encode() + b"\nprint('/usr/share')\n")
        assert place.allows(File(sha256="b" * 64, normal=entry["normal"]), scripts)
        assert not place.allows(File(sha256="b" * 64, normal="c" * 64), scripts)
        assert not replace(place, script=None).allows(File(sha256="b" * 64, normal=entry["normal"]), scripts)
    assert PurePosixPath(of.located.prefix).is_absolute()


@pytest.mark.parametrize(
    ("path", "starts", "expected"),
    [
        ("scripts/pip3.11", "pip:main", True),
        ("scripts/pip-3.11", "pip:main", True),
        ("scripts/pip3.11", "pip:other", False),
        ("scripts/pipe", "pip:main", False),
        ("site/pip3.11", "pip:main", False),
        ("scripts/pip3.11", None, False),
    ],
)
def test_a_script_may_have_a_version_in_its_name(path: str, starts: str | None, expected: bool) -> None:
    pip = wheel(commands={"pip": "pip:main", "pip3": "pip:main"})
    assert is_alias(path, File(starts=starts), pip) is expected
