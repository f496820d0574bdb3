"""Tests of behaviour checks, which are pieces of Python code in pyproject.toml, in a real environment."""

from pathlib import Path

import pytest
from environment_builder import Environment
from judging import beside, edited, of, only, put

from envparity.judge.behaviour import check
from envparity.judge.findings import Finding
from envparity.judge.subject import Subject
from envparity.project.config import BehaviourCheck, Config
from envparity.snapshot.doors import Door, Look, open_door
from envparity.snapshot.types import Snapshot


def judge(bare: Environment, *checks: BehaviourCheck, track: str | None = "one") -> list[Finding]:
    config = Config(root=Path(), tracks=("one", "two"), behaviour=checks)
    snapshot = open_door(Door("x", (str(bare.python),)), config, track, Look(timeout=60))
    return list(check(Subject("x", snapshot, config, track)))


def test_an_expected_result_is_no_finding(bare: Environment) -> None:
    sums = BehaviourCheck("sum", "result = 2 + 2", "4")
    tracks = BehaviourCheck("per track", "result = 'b'", {"one": "b", "two": "c"})
    anything = BehaviourCheck("anything", "import random; result = random.random()")
    noisy = BehaviourCheck("noisy", "print('noise'); import os; os.write(1, b'more'); result = 'é\\n'", "é\n")
    assert judge(bare, sums, tracks, anything, noisy) == []
    assert only("behaviour-unexpected", judge(bare, tracks, track="two")).message == "per track: expected c, found b"


def test_a_check_of_another_track_is_not_run(bare: Environment) -> None:
    assert judge(bare, BehaviourCheck("two only", "raise SystemExit", tracks=("two",))) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import nothing_of_that_name", "sum: ModuleNotFoundError: No module named 'nothing_of_that_name'"),
        ("raise SystemExit(3)", "sum: SystemExit: 3"),
        ("result = (", "sum: SyntaxError: "),
        ("import os; os.abort()", "sum: the process ended with status "),
        ("raise ValueError('\\x1b[2J\\n')", "sum: ValueError: \\x1b[2J"),
    ],
)
def test_an_error_in_a_check_is_reported(code: str, said: str, bare: Environment) -> None:
    found = only("behaviour-failed", judge(bare, BehaviourCheck("sum", code, "4")))
    assert found.message.startswith(said)
    assert found.distributions == ("sum",)


def test_a_door_without_checks_has_no_different_behaviour(clean: bytes) -> None:
    def asked(**results: dict[str, str]) -> Snapshot:
        return edited(clean, put(("behaviour",), results))

    four, five, failed = asked(sum={"value": "4"}), asked(sum={"value": "5"}), asked(sum={"error": "x"})
    assert beside(four, edited(clean)) == beside(four, four) == []
    assert only("behaviour-differs", beside(four, five)).message.endswith("found: here 4, there 5")
    assert only("behaviour-differs", beside(four, failed)).message.endswith("found: here 4, there error x")
    said = {one.message for one in of("behaviour-differs", beside(four, asked(other={"value": "1"})))}
    assert "sum: expected the same result in each door, found: here 4, there not run" in said
