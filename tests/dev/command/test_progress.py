"""Tests of the lines that show long work in a log, and of a terminal, which gets none."""

import io
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dev.command.progress import long_work

WORK = "import sys, time; sys.path.insert(0, {root!r})\nfrom dev.command.progress import long_work\n" + (
    "with long_work('working', 0.05): time.sleep(0.3)"
)


def test_a_log_gets_a_line_at_regular_times(monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    monkeypatch.setattr("sys.stderr", said)
    with long_work("making x", 0.05):
        time.sleep(0.3)
    lines = said.getvalue().splitlines()
    assert 2 <= len(lines) <= 6
    assert all(re.fullmatch(r"making x: \d+ s so far", line) for line in lines)
    time.sleep(0.1)
    assert said.getvalue().splitlines() == lines


def test_short_work_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match=r"^kept$"), long_work("making x"):
        raise ValueError("kept")
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_no_line() -> None:
    """The programs that do the work show their progress on a terminal."""
    ours, theirs = pty.openpty()
    script = WORK.format(root=str(Path(__file__).parents[3]))
    subprocess.run([sys.executable, "-I", "-c", script], stdin=theirs, stdout=theirs, stderr=theirs, check=True)
    os.write(theirs, b"end")
    assert os.read(ours, 1000) == b"end"
    os.close(ours)
    os.close(theirs)
