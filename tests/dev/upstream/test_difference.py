"""Tests that the command writes the difference that it shows: git applies the shown text, and gets the same files."""

from pathlib import Path

import pytest
from pylibp2p import commit, git

from dev.upstream.difference import changed, show, write
from dev.upstream.folder import Written

pytestmark = pytest.mark.git
FILES = [
    Written("a/new", "one\ntwo\n"),
    Written("a/run", "#!/bin/sh\n", executable=True),
    Written("changed", "é\nthree\n"),
    Written("empty", ""),
    Written("kept", "same\n"),
    Written("mode", "same\n", executable=True),
    Written("unended", "no newline"),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a git checkout with older texts of some of FILES."""
    for name, text in {"changed": "é\ntwo", "kept": "same\n", "mode": "same\n"}.items():
        (tmp_path / name).write_text(text)
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return tmp_path


def test_git_applies_the_difference_and_gets_what_is_written(root: Path) -> None:
    new = changed(root, FILES)
    assert {one.name for one in FILES} - {one.name for one in new} == {"kept"}
    (root / ".git" / "the.diff").write_text("".join(show(root, new)))
    git(root, "apply", ".git/the.diff")
    assert changed(root, FILES) == []
    git(root, "reset", "-q", "--hard")
    git(root, "clean", "-qfd")
    assert changed(root, FILES) == new
    write(root, new)
    assert changed(root, FILES) == []
    assert list(show(root, [])) == []


def test_a_file_that_is_no_text_is_replaced(root: Path) -> None:
    (root / "kept").write_bytes(b"\xff\xfe\n")
    new = changed(root, [Written("kept", "same\n")])
    assert "+same\n" in show(root, new)
    write(root, new)
    assert (root / "kept").read_text() == "same\n"
