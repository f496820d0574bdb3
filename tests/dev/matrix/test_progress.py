"""Tests of the progress of long work over many items: a line now and then in a pipe, and a bar on a terminal."""

from types import SimpleNamespace

import pytest

from dev.matrix.progress import with_progress


def test_a_pipe_gets_a_line_at_regular_times(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = iter((0.0, 4.0, 12.0, 15.0, 23.0))
    monkeypatch.setattr("dev.matrix.progress.time", SimpleNamespace(monotonic=lambda: next(now)))
    assert list(with_progress("abcd", "counting", 1000)) == list("abcd")
    assert capsys.readouterr() == (
        "",
        "counting: 2 of 1,000 done, 12 s so far\ncounting: 4 of 1,000 done, 23 s so far\n",
    )


def test_hidden_work_and_short_work_print_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(with_progress([1, 2], "counting", hidden=True)) == [1, 2]
    assert list(with_progress([1, 2], "counting")) == [1, 2]
    assert capsys.readouterr() == ("", "")
