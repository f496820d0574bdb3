"""Tests of the list of fixes, and of the fixes of a finding that several environments have."""

import msgspec
from environment_builder import Environment
from judging import lock_of, only, subject

from envparity.fix.fixes import FIXES, WITHOUT_COMMAND
from envparity.judge.judgement import check, judged
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


def test_pip_and_uv_get_no_command_for_the_python_of_a_system(sound: Environment) -> None:
    (sound.site / "alpha/core.py").write_text("answer = 43\n")
    own = sound.snapshot()
    python = msgspec.structs.replace(own.interpreter, venv=False, managed_sites=("data",))
    (fix,) = only(
        "file-altered", check(subject(msgspec.structs.replace(own, interpreter=python), lock_of(sound)))
    ).fixes
    assert (fix.kind, fix.commands) == ("none", ())
    assert "EXTERNALLY-MANAGED" in fix.says
