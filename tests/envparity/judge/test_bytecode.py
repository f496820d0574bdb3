"""Tests of findings (errors and notes) about bytecode, compared with its source, in each invalidation mode."""

import marshal
import os
import py_compile
from pathlib import Path

import pytest
from environment_builder import Environment
from judging import codes, edited, only, subject

from envparity.judge.bytecode import check
from envparity.judge.rules import Severity

MODES = ("TIMESTAMP", "CHECKED_HASH", "UNCHECKED_HASH")


def compiled(environment: Environment, mode: str, optimize: int = -1) -> Path:
    kind = getattr(py_compile.PycInvalidationMode, mode)
    made = py_compile.compile(
        str(environment.site / "alpha/core.py"), doraise=True, invalidation_mode=kind, optimize=optimize
    )
    assert made is not None
    return Path(made)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("optimize", [-1, 1, 2])
def test_fresh_bytecode_is_no_finding(mode: str, optimize: int, sound: Environment) -> None:
    compiled(sound, mode, optimize)
    assert list(check(subject(sound.snapshot(bytecode=True)))) == []


@pytest.mark.parametrize(
    ("mode", "severity"), [(mode, Severity.NOTE) for mode in MODES[:2]] + [(MODES[2], Severity.ERROR)]
)
def test_stale_bytecode_is_an_error_where_python_runs_it(mode: str, severity: Severity, sound: Environment) -> None:
    compiled(sound, mode)
    source = sound.site / "alpha/core.py"
    source.write_text("answer = 4242\n")
    os.utime(source, (1, 1))
    found = only("bytecode-stale", check(subject(sound.snapshot())))
    assert found.severity is severity
    assert ("of another time or size" in found.message) is (mode == MODES[0])


@pytest.mark.parametrize("mode", MODES)
def test_altered_bytecode_is_found_by_compiling(mode: str, sound: Environment) -> None:
    path = compiled(sound, mode)
    other = marshal.dumps(compile("answer = 43\n", str(sound.site / "alpha/core.py"), "exec"))
    path.write_bytes(path.read_bytes()[:16] + other)
    assert list(check(subject(sound.snapshot()))) == []
    assert only("bytecode-altered", check(subject(sound.snapshot(bytecode=True)))).severity is Severity.ERROR


@pytest.mark.parametrize("tail", [b"", b"garbage", b"\xff" * 100])
def test_bytecode_that_cannot_be_loaded_is_altered(tail: bytes, sound: Environment) -> None:
    path = compiled(sound, "CHECKED_HASH")
    path.write_bytes(path.read_bytes()[:16] + tail)
    assert codes(check(subject(sound.snapshot(bytecode=True)))) == {"bytecode-altered"}


def test_bytecode_with_another_format_or_impossible_flags_is_broken(sound: Environment) -> None:
    path = compiled(sound, "CHECKED_HASH")
    data = path.read_bytes()
    path.write_bytes(b"\0\0\r\n" + data[4:])
    assert (
        "not in this interpreter's bytecode format" in only("bytecode-broken", check(subject(sound.snapshot()))).message
    )
    path.write_bytes(data[:4] + b"\xff" * 4 + data[8:])
    assert "flags that no Python writes" in only("bytecode-broken", check(subject(sound.snapshot()))).message


def test_all_files_in_one_state_are_one_finding(clean: bytes) -> None:
    def change(document: dict[str, dict[str, object]]) -> None:
        document["files"] |= {f"site/__pycache__/m{number}.pyc": {"bytecode": "orphan"} for number in range(9)}

    found = only("bytecode-orphan", check(subject(edited(clean, change))))
    assert len(found.paths) == 9
    assert "and 6 more" in found.message


def test_an_unknown_state_hides_no_other_finding(clean: bytes) -> None:
    states = {"a.pyc": "another:state", "b.pyc": "orphan"}
    files = {f"site/{name}": {"kind": "file", "bytecode": state, "claims": {}} for name, state in states.items()}
    found = list(check(subject(edited(clean, lambda one: one["files"].update(files)))))
    assert [(one.code, one.paths) for one in found] == [("bytecode-orphan", ("site/b.pyc",))]
