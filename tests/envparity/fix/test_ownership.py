"""Tests of which distribution stays if several bring the same files."""

from environment_builder import Environment
from judging import lock_of, only, subject

from envparity.fix.plan import make_plan
from envparity.judge.judgement import check


def test_the_lock_or_else_a_requirement_decides_which_distribution_stays(empty: Environment) -> None:
    empty.add("first", files={"shared.py": "a = 1\n"})
    empty.add("second", files={"shared.py": "a = 2\n"})
    locked = subject(empty.snapshot(), lock_of(empty, "first==1.0\n"))
    (fix,) = only("path-contested", check(locked)).fixes
    assert fix.distributions == ("second", "first==1.0")
    assert fix.says.startswith("Uninstall second, and install first 1.0 again.")
    empty.add("user", requires=["second"])
    (fix,) = only("path-contested", check(subject(empty.snapshot()))).fixes
    assert fix.distributions == ("first", "second==1.0")


def test_no_distribution_goes_if_others_require_both(empty: Environment) -> None:
    empty.add("first", files={"shared.py": "a = 1\n"})
    empty.add("second", files={"shared.py": "a = 2\n"})
    empty.add("user", requires=["first", "second"])
    assert only("path-contested", check(subject(empty.snapshot()))).fixes == ()


def test_a_lock_that_pins_both_must_change_first(empty: Environment) -> None:
    """Without this text, a person uninstalls one, and the next installation from the lock brings it back."""
    empty.add("first", files={"shared.py": "a = 1\n"})
    empty.add("second", files={"shared.py": "a = 2\n"})
    found = only("path-contested", check(subject(empty.snapshot(), lock_of(empty, "first==1.0\nsecond==1.0\n"))))
    (fix,) = found.fixes
    assert (fix.kind, fix.commands) == ("none", ())
    assert " pins first and second, so an installation from the lock brings both back. " in fix.says
    assert make_plan([found]).left[0].reason == fix.says
