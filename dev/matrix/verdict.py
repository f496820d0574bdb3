"""Decide the outcome of a test from all attempts at the test."""

from collections.abc import Sequence

from dev.matrix.endings import Ending, PingOutcome
from dev.matrix.plan import Test
from dev.matrix.run import Result


def enough(results: Sequence[Result], retries: int) -> bool:
    """Return whether the test needs no further attempt. A failed test may run again, at most `retries` times."""
    return results[-1].status != "fail" or len(results) > retries


def verdict(results: Sequence[Result]) -> PingOutcome:
    """Return the outcome of a test from its attempts.

    A test is `flaky` if its first attempt failed, and a later attempt passed or failed because of a known limit.
    """
    last = results[-1]
    test, status = last.test, Ending(last.status)
    if status in (Ending.PASS, Ending.LIMIT) and len(results) > 1:
        status = Ending.FLAKY
    return PingOutcome(
        test,
        status,
        sum(result.seconds for result in results),
        len(results),
        last.latency,
        next((result.error for result in reversed(results) if result.latency is None), ""),
        test.limit.cause if test.limit and status is not Ending.FAIL else "",
        "".join(f"== attempt {number}: {result.status}\n{result.log}" for number, result in enumerate(results, 1)),
    )


def unsupported(test: Test, why: str) -> PingOutcome:
    """Return the outcome of a test that does not run. `why` says which side lacks which parts."""
    return PingOutcome(test, Ending.UNSUPPORTED, 0.0, 0, cause=why)
