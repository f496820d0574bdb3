"""Tests of which findings get a fix, besides the faults of dev/evidence/faults: none where a command would be wrong."""

from collections.abc import Callable

import pytest
from environment_builder import Environment
from judging import lock_of, only, subject

from envparity.fix.fixes import FIXES, WITHOUT_COMMAND
from envparity.judge.judgement import check, judged
from envparity.judge.registry import EVERY_RULE


def test_the_texts_are_sentences() -> None:
    assert all(text.endswith(".") for text in WITHOUT_COMMAND.values())
    assert set(FIXES) | set(WITHOUT_COMMAND) <= set(EVERY_RULE)


def two_required(environment: Environment) -> None:
    environment.add("first", files={"shared.py": "a = 1\n"})
    environment.add("second", files={"shared.py": "a = 2\n"})
    environment.add("user", requires=["first", "second"])


def editable_altered(environment: Environment) -> None:
    environment.add("first", files={"shared.py": "a = 1\n"})
    (environment.site / "shared.py").write_text("a = 3\n")
    (environment.site / "first-1.0.dist-info" / "direct_url.json").write_text('{"url": "file:///home/me/first"}')


@pytest.mark.parametrize(("code", "make"), [("path-contested", two_required), ("file-altered", editable_altered)])
def test_a_fault_that_no_command_can_fix_has_no_fix(
    code: str, make: Callable[[Environment], None], empty: Environment
) -> None:
    make(empty)
    assert only(code, check(subject(empty.snapshot()))).fixes == ()


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


def test_an_empty_metadata_folder_is_removed(sound: Environment) -> None:
    (sound.site / "alpha-0.9.dist-info").mkdir()
    (fix,) = only("distribution-twice", check(subject(sound.snapshot(), lock_of(sound)))).fixes
    assert fix.commands[0] == f"rmdir -- {sound.site}/alpha-0.9.dist-info"
    assert fix.distributions == ("alpha==1.0",)


def test_each_door_has_its_own_fix(sound: Environment) -> None:
    (sound.site / "alpha/core.py").write_text("answer = 43\n")
    snapshot, lock = sound.snapshot(), lock_of(sound)
    found = only("file-altered", judged([subject(snapshot, lock, door=name) for name in ("here", "there")]))
    assert found.doors == ("here", "there")
    assert [fix.door for fix in found.fixes] == ["here", "there"]
