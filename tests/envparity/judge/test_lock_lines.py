"""Tests of the lines of the lock in a report."""

from dataclasses import replace

import pytest
from environment_builder import Environment
from judging import lock_of, subject

from envparity.judge.judgement import judged
from envparity.judge.lock_lines import LockLine
from envparity.judge.report import make_report


def test_a_report_has_the_lines_of_the_distributions_that_it_names(
    sound: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sound.folder.parent)
    lock = lock_of(sound, "# pins\nalpha==1.1\nbeta==2.0\nnever==1 ; python_version < '3'\n")
    (sound.site / "beta.py").write_text("changed\n")
    sound.add("gamma")
    sound.add("never")
    one = subject(sound.snapshot(), lock)
    report = make_report("check", None, [one], judged([one]))
    name = "environment.lock.txt"
    assert report.lock == LockLine(name, 1)
    # gamma is not in the lock; never is in it, for another Python
    assert report.lines == {"alpha": LockLine(name, 2), "beta": LockLine(name, 3), "never": LockLine(name, 4)}


def test_without_a_lock_there_are_no_lines(sound: Environment) -> None:
    (sound.site / "beta.py").write_text("changed\n")
    one = subject(sound.snapshot())
    report = make_report("check", None, [one], judged([one]))
    assert (report.lock, report.lines) == (None, {})
    assert report.errors


def test_a_lock_is_found_behind_a_subject_without_one(sound: Environment) -> None:
    one = subject(sound.snapshot(), lock_of(sound, "alpha==1.0\nbeta==2.0\n"))
    report = make_report("compare", None, [replace(one, lock=None, door="bare"), one], [])
    assert report.lock == LockLine("environment.lock.txt", 1)
