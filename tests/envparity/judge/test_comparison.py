"""A test of comparisons: a difference between environments is only a note if the toolchain file declares it."""

from pathlib import Path

import pytest
from judging import Change, beside, declaring, edited, only, put

from envparity.judge.rules import Severity
from envparity.project.config import Config, Tool


@pytest.mark.parametrize(
    ("tool", "code", "change"),
    [
        ("git", "toolchain-differs", put(("toolchain", "git"), "99.0")),
        ("compiler", "toolchain-differs", put(("toolchain", "compiler"), None)),
        ("python", "interpreter-patch", put(("interpreter", "version"), "3.11.99")),
    ],
)
def test_a_declared_difference_is_a_note_with_its_reason(tool: str, code: str, change: Change, clean: bytes) -> None:
    known = put(("toolchain", tool), "1.0") if tool != "python" else put(("interpreter", "version"), "3.11.0")
    here, there = edited(clean, known), edited(clean, known, change)
    undeclared = only(code, beside(here, there, config=Config(root=Path(), tools={tool: Tool(tool)})))
    declared = only(code, beside(here, there, config=declaring(tool)))
    assert (undeclared.severity, declared.severity) == (Severity.ERROR, Severity.NOTE)
    assert declared.message == f"{undeclared.message}; declared: why {tool} may"
