"""Tests of the status that a test of the matrix gets after one or more attempts."""

import pytest

from dev.matrix.endings import Ending
from dev.matrix.plan import Test
from dev.matrix.run import Result
from dev.matrix.verdict import enough, unsupported, verdict
from pingtest.report import Latency
from pingtest.settings import Muxer, SecureChannel, Transport

PLAIN = Test("v0.8", "v0.8", Transport.TCP, SecureChannel.NOISE, Muxer.YAMUX)
LIMITED = Test("v0.8", "v0.4", Transport.TCP, SecureChannel.TLS, Muxer.YAMUX)
CLOSED = "ping_test: expected a connection, found: Connection closed"
PASS = ""


def results(test: Test, *errors: str) -> list[Result]:
    return [Result(test, 1.0, None if error else Latency(2.0, 1.0), error, f"{error}\n") for error in errors]


@pytest.mark.parametrize(
    ("test", "errors", "status"),
    [
        (PLAIN, [PASS], Ending.PASS),
        (PLAIN, ["broken"], Ending.FAIL),
        (PLAIN, ["broken", "broken"], Ending.FAIL),
        (PLAIN, ["broken", PASS], Ending.FLAKY),
        (LIMITED, [CLOSED], Ending.LIMIT),
        (LIMITED, ["broken"], Ending.FAIL),
        (LIMITED, ["broken", CLOSED], Ending.FLAKY),
        (LIMITED, [PASS], Ending.UNEXPECTED),
        (LIMITED, ["broken", PASS], Ending.UNEXPECTED),
    ],
)
def test_the_status_of_a_test_follows_from_its_attempts(test: Test, errors: list[str], status: Ending) -> None:
    outcome = verdict(results(test, *errors))
    assert outcome.status is status
    assert (outcome.attempts, outcome.seconds) == (len(errors), len(errors))
    assert (outcome.latency is None) == bool(errors[-1])
    assert outcome.error == next((error for error in reversed(errors) if error), "")
    assert outcome.log.count("== attempt ") == len(errors)
    assert bool(outcome.cause) == (
        status in (Ending.LIMIT, Ending.UNEXPECTED) or (test.limit is not None and status is Ending.FLAKY)
    )


@pytest.mark.parametrize(
    ("test", "errors", "retries", "is_enough"),
    [
        (PLAIN, [PASS], 1, True),
        (PLAIN, ["broken"], 0, True),
        (PLAIN, ["broken"], 1, False),
        (PLAIN, ["broken", "broken"], 1, True),
        (LIMITED, [CLOSED], 5, True),
        (LIMITED, [PASS], 5, True),
    ],
)
def test_a_test_is_tried_again_until_it_has_enough_attempts(
    test: Test, errors: list[str], retries: int, is_enough: bool
) -> None:
    assert enough(results(test, *errors), retries) is is_enough


def test_an_unsupported_test_has_no_attempts() -> None:
    outcome = unsupported(PLAIN, "go-libp2p (go) lacks mplex")
    assert (outcome.status, outcome.attempts, outcome.cause) == (Ending.UNSUPPORTED, 0, "go-libp2p (go) lacks mplex")
