"""Tests of the progress of long work on a standard error that is no terminal."""

import re
import time

import pytest
from progress_lines import without_progress

from envparity.cli.output import Tell, progress


def test_long_work_prints_the_newest_text_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    def work(tell: Tell) -> int:
        time.sleep(0.5)
        tell("reading b")
        time.sleep(0.5)
        return 7

    assert progress("reading a", work, every=0.05) == 7
    err = capsys.readouterr().err
    # A busy machine can print the second line late, so "1 s" is right too.
    assert list(dict.fromkeys(re.sub(r"\d+ s", "N s", err).splitlines())) == [
        "envparity: reading a: N s so far",
        "envparity: reading b: N s so far",
    ]
    assert without_progress(err) == ""


def test_short_work_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert progress("reading", lambda _: 7) == 7
    assert capsys.readouterr().err == ""


def test_an_error_of_the_work_ends_the_progress(capsys: pytest.CaptureFixture[str]) -> None:
    def work(_: Tell) -> int:
        raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        progress("reading", work, every=0.05)
    time.sleep(0.1)
    assert capsys.readouterr().err == ""
