"""Tests of the fixes for a distribution that is installed twice or is missing."""

from environment_builder import Environment
from judging import lock_of, only, subject

from envparity.judge.judgement import check


def test_an_empty_metadata_folder_is_removed(sound: Environment) -> None:
    (sound.site / "alpha-0.9.dist-info").mkdir()
    (fix,) = only("distribution-twice", check(subject(sound.snapshot(), lock_of(sound)))).fixes
    assert fix.commands[0] == f"rmdir -- {sound.site}/alpha-0.9.dist-info"
    assert fix.distributions == ("alpha==1.0",)


def test_the_fix_joins_every_requirement(empty: Environment) -> None:
    empty.add("first", requires=["gone>=2"])
    empty.add("second", requires=["gone[fast]<4", "gone>=9 ; python_version < '3'"])
    (fix,) = only("requirement-unmet", check(subject(empty.snapshot()))).fixes
    assert fix.distributions == ("gone[fast]>=2,<4",)
