"""Tests of the workers of a matrix: they run each test once, several tests at the same time, and can be stopped."""

import threading
import time
from contextlib import closing

from dev.matrix.endings import Ending
from dev.matrix.engines import Stage
from dev.matrix.plan import Test, every_test
from dev.matrix.pool import run_all
from dev.matrix.run import Result
from pingtest.report import Latency

TESTS = list(every_test("v0.8", "v0.8"))


def never() -> None:
    raise AssertionError("expected nothing to be stopped")


def test_each_test_runs_once_and_several_run_at_the_same_time() -> None:
    both = threading.Barrier(2, timeout=60)

    def attempt(test: Test) -> Result:
        both.wait()
        return Result(test, 0.1, Latency(2.0, 1.0), "")

    outcomes = list(run_all(TESTS, Stage(attempt, never), 2, 1))
    assert sorted(outcome.test.name for outcome in outcomes) == sorted(test.name for test in TESTS)
    assert {outcome.status for outcome in outcomes} == {Ending.PASS}


def test_a_failed_test_runs_again_up_to_the_given_number_of_retries() -> None:
    tried: list[Test] = []

    def attempt(test: Test) -> Result:
        tried.append(test)
        return Result(test, 0.1, None, "broken")

    (outcome,) = run_all(TESTS[:1], Stage(attempt, never), 2, 2)
    assert (outcome.status, outcome.attempts, len(tried)) == (Ending.FAIL, 3, 3)


def test_a_program_that_cannot_be_started_is_an_error_of_its_test() -> None:
    def attempt(_: Test) -> Result:
        raise FileNotFoundError(2, "No such file or directory", "peer")

    (outcome,) = run_all(TESTS[:1], Stage(attempt, never), 1, 0)
    assert outcome.error.startswith("expected both sides to start, found: [Errno 2]")


def test_running_tests_are_stopped_when_the_caller_stops_early() -> None:
    stopped = threading.Event()

    def attempt(test: Test) -> Result:
        if test != TESTS[0]:
            assert stopped.wait(100)
        return Result(test, 0.1, None, "killed")

    started = time.monotonic()
    with closing(run_all(TESTS, Stage(attempt, stopped.set), 2, 0)) as outcomes:
        assert next(outcomes).test == TESTS[0]
    assert stopped.is_set()
    assert time.monotonic() - started < 60
