"""Tests of the list of fixes, and of the fixes of a finding that several environments have."""

from environment_builder import Environment
from judging import lock_of, only, subject

from envparity.fix.fixes import FIXES, WITHOUT_COMMAND
from envparity.judge.judgement import judged
from envparity.judge.registry import EVERY_RULE


def test_the_texts_are_sentences() -> None:
    assert all(text.endswith(".") for text in WITHOUT_COMMAND.values())
    assert set(FIXES) | set(WITHOUT_COMMAND) <= set(EVERY_RULE)


def test_each_door_has_its_own_fix(sound: Environment) -> None:
    (sound.site / "alpha/core.py").write_text("answer = 43\n")
    snapshot, lock = sound.snapshot(), lock_of(sound)
    found = only("file-altered", judged([subject(snapshot, lock, door=name) for name in ("here", "there")]))
    assert found.doors == ("here", "there")
    assert [fix.door for fix in found.fixes] == ["here", "there"]
