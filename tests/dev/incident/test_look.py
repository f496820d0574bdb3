"""Tests of calling code in an environment: the result is the value, or the error and the line that raised it."""

from pathlib import Path

import pytest
from environment_builder import Environment

from dev.command.errors import CommandError
from dev.incident.facts import CallResult, Frame
from dev.incident.look import call


def test_a_call_gives_its_value(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    assert call(environment.python, "print('noise'); value = 6 * 7", tmp_path) == CallResult("42", None, None)


def test_an_error_gives_its_last_frame(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    environment.add("thing", files={"thing/sub.py": "def work():\n    import math\n    return math.Func\n"})
    found = call(environment.python, "from thing import sub; value = sub.work()", tmp_path)
    frame = Frame("thing/sub.py", 3, "work", "return math.Func")
    assert found == CallResult(None, "AttributeError: module 'math' has no attribute 'Func'", frame)


def test_a_program_without_an_answer_is_an_error(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    with pytest.raises(CommandError, match="expected an answer from the environment's Python, found: nothing"):
        call(environment.python, "import os; os._exit(3)", tmp_path)
    with pytest.raises(CommandError, match="expected the environment's Python to run"):
        call(tmp_path / "no-python", "value = 1", tmp_path)
