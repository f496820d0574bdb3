"""Tests of comparing the installations of Python behind doors: interpreters and standard libraries."""

import json
from typing import Any

import pytest
from judging import beside, codes, edited, of, only

from envparity.judge.findings import Finding

INSTALLATION = {"stdlib-differs", "stdlib-partly", "interpreter-build"}


def compared(clean: bytes, change: Any) -> list[Finding]:
    """Return the findings about two installations, of which `change` changed the second."""
    found = beside(edited(clean), edited(clean, change))
    return [one for one in found if one.code in INSTALLATION]


def with_stdlib(folder: str, name: str, value: str | None) -> Any:
    """Return a change that sets or removes the hash of a file of the standard library."""

    def change(document: dict[str, Any]) -> None:
        names = document["standard_library"].setdefault(folder, {})
        if value is None:
            names.pop(name)
        else:
            names[name] = value

    return change


def test_equal_installations_have_no_finding(clean: bytes) -> None:
    assert compared(clean, lambda _: None) == []


@pytest.mark.parametrize(
    ("folder", "name", "code"),
    [
        ("json", "decoder.py", "stdlib-differs"),
        ("", "os.py", "stdlib-differs"),
        ("", "evil.py", "stdlib-differs"),
        ("evil", "__init__.py", "stdlib-differs"),
        ("", "os.cpython-311-x86_64-linux-gnu.so", "stdlib-differs"),
        ("json", "decoder.so", "stdlib-differs"),
        ("json/decoder", "__init__.py", "stdlib-differs"),
        ("..", "python311.zip", "stdlib-differs"),
        ("json", "more.py", "stdlib-partly"),
        ("lib-dynload", "_more.so", "stdlib-partly"),
        ("", "SOME-NOTES", "stdlib-partly"),
        ("", "LICENSE.text", "stdlib-partly"),
        ("json/__pycache__", "decoder.cpython-311.pyc", "stdlib-partly"),
    ],
)
def test_a_file_that_differs_or_is_added_is_named(clean: bytes, folder: str, name: str, code: str) -> None:
    found = only(code, compared(clean, with_stdlib(folder, name, "x" * 24)))
    path = f"stdlib/{folder}/{name}" if folder else f"stdlib/{name}"
    assert found.paths == (path,)


def test_a_file_that_is_missing_is_a_note(clean: bytes) -> None:
    """For example, Debian's package python3-tk brings some files of the standard library."""
    found = compared(clean, with_stdlib("json", "tool.py", None))
    assert codes(found) == {"stdlib-partly"}


def test_a_changed_interpreter_of_the_same_build_is_named(clean: bytes) -> None:
    def change(document: dict[str, Any]) -> None:
        document["interpreter"]["binary"] = "f" * 64

    assert only("stdlib-differs", compared(clean, change)).paths == ("stdlib/interpreter",)


def test_other_builds_are_not_compared(clean: bytes) -> None:
    def change(document: dict[str, Any]) -> None:
        document["interpreter"] |= {"binary": "f" * 64, "build": "00"}
        document["standard_library"]["json"]["decoder.py"] = "x" * 24

    assert codes(compared(clean, change)) == {"interpreter-build"}


def test_a_path_in_sysconfigs_data_is_no_difference(clean: bytes) -> None:
    document = json.loads(clean)
    first, other = (edited(clean, with_stdlib("", "_sysconfigdata_x.py", value)) for value in ("a|n", "b|n"))
    assert of("stdlib-differs", beside(first, other)) == []
    changed = edited(clean, with_stdlib("", "_sysconfigdata_x.py", "c|m"))
    assert codes(of("stdlib-differs", beside(first, changed))) == {"stdlib-differs"}
    assert document["standard_library"]


def test_a_snapshot_of_an_earlier_envparity_is_not_compared(clean: bytes) -> None:
    def change(document: dict[str, Any]) -> None:
        del document["standard_library"], document["interpreter"]["binary"]

    assert compared(clean, change) == []
