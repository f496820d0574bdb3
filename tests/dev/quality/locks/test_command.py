"""Tests of the command `scripts/quality locks`."""

from pathlib import Path

import pytest

from dev.quality.locks.command import COMMAND, line_of, locks_below
from dev.quality.locks.compare import Outcome, Result

PYLOCK = 'lock-version = "1.0"\ncreated-by = "test"\n[[packages]]\nname = "alpha"\nversion = "1.0"\n{}'
WHEEL = '[[packages.wheels]]\nurl = "https://example.com/alpha-1.0-py3-none-any.whl"\nhashes = {sha256 = "aa"}\n'


def test_every_name_of_a_lock_is_found(tmp_path: Path) -> None:
    names = ("uv.lock", "pdm.win.lock", "pylock.dev.toml", "dev-requirements.txt", "requirements/test.txt", "notes.txt")
    for name in names:
        (tmp_path / "a" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "a" / name).write_text("")
    found = {str(one.relative_to(tmp_path / "a")) for one in locks_below(tmp_path)}
    assert found == set(names) - {"notes.txt"}


def test_each_lock_has_a_line_and_each_tool_a_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pylock.toml").write_text(PYLOCK.format(WHEEL))
    (tmp_path / "requirements.txt").write_text("alpha==1.0\nbeta>=2\n")
    assert COMMAND.main([str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "pylock.toml: equal (6 equal comparisons)"
    assert lines[1] == "requirements.txt: explained (0 equal comparisons): the file pins no version of beta (6 times)"
    assert lines[-1] == "2 locks, 0 different"
    assert ["packaging", "1", "0", "0", "6"] in [line.split() for line in lines]


def test_a_folder_without_locks_and_a_missing_folder_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert COMMAND.main([str(tmp_path)]) == 2
    assert COMMAND.main([str(tmp_path / "no")]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"scripts/quality locks: expected lock files below {tmp_path}, found none",
        f"scripts/quality locks: expected a folder, found {tmp_path / 'no'}",
    ]


def test_a_line_gives_the_reason() -> None:
    outcome = Outcome(Path("/a/b/uv.lock"), "uv", Result.DIFFERENT, "envparity read no alpha", 3)
    assert line_of(outcome, Path("/a")) == "b/uv.lock: different (3 equal comparisons): envparity read no alpha"
