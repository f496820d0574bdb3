"""Tests of `scripts/quality soak`, which runs many ping tests in a row and measures the memory of a listener."""

import sys
from itertools import pairwise
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.project import Project
from dev.matrix.endings import Ending, PingOutcome
from dev.matrix.plan import plain_test
from dev.quality.soak import COMMAND, FLAT, ROUNDS, TRACKS, Memory, answer, planned, tell
from pingtest.settings import Transport

TEST = plain_test("v0.4", "v0.8")
PASSED = PingOutcome(TEST, Ending.PASS, 1.0, 1)
STEADY = Memory("v0.4", 100, (40.0, 50.0, 50.1, 50.2, 50.3))


def test_every_combination_runs_once_before_any_runs_again(project: Project) -> None:
    tests = planned(project, 1000)
    assert len(tests) == 1000
    once = tests[: tests.index(tests[0], 1)]
    assert len(set(once)) == len(once) == len(set(tests))
    assert {(test.dialer, test.listener) for test in once} == {(a, b) for a in TRACKS for b in TRACKS}
    assert {test.transport for test in once} == set(Transport)
    assert planned(project, 3) == once[:3]


@pytest.mark.parametrize(
    ("outcome", "memory", "status", "says"),
    [
        (PASSED, STEADY, 0, "1 tests: 1 pass\nv0.4 listener, 100 pings: memory is flat, +0.30 MB"),
        (PingOutcome(TEST, Ending.LIMIT, 1.0, 1, cause="a bug"), STEADY, 0, "1 tests: 1 limit\n  1 x a bug\n"),
        (PingOutcome(TEST, Ending.FAIL, 1.0, 1, error="no pong"), STEADY, 1, f"fail: {TEST.name}: no pong\n"),
        (PingOutcome(TEST, Ending.UNEXPECTED, 1.0, 1, cause="fixed"), STEADY, 1, f"unexpected: {TEST.name}: fixed\n"),
        (PASSED, Memory("v0.8", 9, (1.0, 1.0, 1.0 + FLAT)), 1, "v0.8 listener, 9 pings: memory grows"),
    ],
)
def test_the_report_and_the_status_follow_from_the_outcomes(
    outcome: PingOutcome, memory: Memory, status: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tell([outcome], [memory]) == status
    assert says in capsys.readouterr().out


@pytest.mark.processes
def test_the_memory_of_a_listener_is_measured_in_each_round(pythons: dict[str, Path]) -> None:
    for track, python in pythons.items():
        found = list(answer(track, python, 100))
        assert len(found) == ROUNDS
        assert all(20 < one < 1000 for one in found)
        assert all(after - before < 20 for before, after in pairwise(found))


@pytest.mark.processes
def test_a_dialer_that_fails_is_an_error(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'raise SystemExit(7)'\n")
    broken.chmod(0o755)
    with pytest.raises(CommandError, match=r"^v0\.4: expected 100 pongs, found that the dialer ended with status 7$"):
        list(answer("v0.4", broken, 100))


@pytest.mark.processes
@pytest.mark.redis
def test_a_short_soak_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert COMMAND.main(["--tests", "2", "--pings", "500"]) in (0, 1)
    told = capsys.readouterr().out
    assert told.startswith("2 tests: 2 pass\n")
    for track in TRACKS:
        assert f"{track} listener, 500 pings: " in told


@pytest.mark.parametrize("option", ["--tests", "--pings", "--workers"])
def test_a_wrong_command_line_exits_with_2(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        COMMAND.main([option, "none"])
    assert caught.value.code == 2
    assert "expected a whole number from 1" in capsys.readouterr().err
