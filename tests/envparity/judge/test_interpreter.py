"""Tests of findings (errors and notes) about Python, and about variables that add modules, such as PYTHONPATH."""

from pathlib import Path
from typing import Any

import pytest
from environment_builder import Environment
from judging import at_patch, beside, codes, declaring, edited, of, subject

from envparity.judge.interpreter import check
from envparity.judge.rules import Severity
from envparity.project.config import Config, Tool


def expecting(versions: str | None) -> Config:
    return Config(root=Path(), tools={"python": Tool("python", versions)})


def test_a_python_in_its_range_is_no_finding(clean: bytes) -> None:
    assert list(check(subject(edited(clean), config=expecting(">=3.8")))) == []
    assert list(check(subject(edited(clean), config=expecting(None)))) == []
    assert list(check(subject(edited(clean)))) == []


def test_a_python_outside_its_range_is_an_error(clean: bytes) -> None:
    (found,) = check(subject(edited(clean), config=expecting("<3")))
    assert found.code == "interpreter-series"
    for version in ("3.12.0rc1", "no version", "1" * 5000):
        python = edited(clean, at_patch(version))
        assert codes(check(subject(python, config=expecting("~=3.11.0")))) == {"interpreter-series"}
    early = edited(clean, at_patch("3.11.1rc1"))
    assert list(check(subject(early, config=expecting("~=3.11.0")))) == [], (
        "what it runs on is a pre-release of the range"
    )


def test_variables_that_add_modules_are_notes(empty: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/some/where:/\x1b[2J")
    found = of("path-hidden", check(subject(empty.snapshot())))
    assert [one.message for one in found] == [
        "PYTHONPATH is /some/where:/\\x1b[2J: Python imports modules from there, unless it starts with -I"
    ]
    monkeypatch.delenv("PYTHONPATH")
    assert of("path-hidden", check(subject(empty.snapshot()))) == []


def test_another_series_is_always_an_error(clean: bytes) -> None:
    def older(document: dict[str, Any]) -> None:
        document["interpreter"]["version"] = "3.10.9"
        document["interpreter"]["markers"] |= {"python_version": "3.10", "python_full_version": "3.10.9"}

    found = beside(edited(clean), edited(clean, older), config=declaring("python"))
    assert codes(found) == {"interpreter-series"}
    assert found[0].severity is Severity.ERROR
    assert "there cpython 3.10 linux" in found[0].message
