"""Decide the outcome of a test from all attempts at the test."""

import re
from collections.abc import Sequence

from dev.matrix.endings import Ending, PingOutcome
from dev.matrix.limits import KnownLimit
from dev.matrix.plan import Test
from dev.matrix.run import Result

# The number of attempts if a library is known to fail a test sometimes. A test that fails one time in fourteen fails
# four times in a row once in 38,000 runs.
_UNSTEADY = 4


def enough(results: Sequence[Result], retries: int) -> bool:
    """Return whether the test needs no further attempt; `retries` is how often a failed test may run again."""
    last = results[-1]
    known = last.test.unsteady
    most = max(_UNSTEADY, 1 + retries) if known and _shows(known, last) else 1 + retries
    return last.status != "fail" or len(results) >= most


def verdict(results: Sequence[Result]) -> PingOutcome:
    """Return the outcome of a test from its attempts.

    If the test failed at first and then passed, the outcome is `flaky`. It is `limit` instead if a library is known to
    fail the test sometimes, and every failure shows that known error.
    """
    last = results[-1]
    failed = [result for result in results if result.latency is None]
    test, status, cause = last.test, Ending(last.status), ""
    if test.limit and status is not Ending.FAIL:
        cause = test.limit.cause
    if status in (Ending.PASS, Ending.LIMIT) and len(results) > 1:
        known = test.unsteady
        steady = known is None or not all(_shows(known, result) for result in failed)
        status, cause = (Ending.FLAKY, cause) if known is None or steady else (Ending.LIMIT, known.cause)
    return PingOutcome(
        test,
        status,
        sum(result.seconds for result in results),
        len(results),
        last.latency,
        failed[-1].error if failed else "",
        cause,
        "".join(f"== attempt {number}: {result.status}\n{result.log}" for number, result in enumerate(results, 1)),
    )


def unsupported(test: Test, why: str) -> PingOutcome:
    """Return the outcome of a test that does not run. `why` names the side and the parts that it does not support."""
    return PingOutcome(test, Ending.UNSUPPORTED, 0.0, 0, cause=why)


def _shows(known: KnownLimit, result: Result) -> bool:
    return re.search(known.shows, result.error) is not None
