"""Failures: found in groups, their causes told in one line."""

import pytest

from pingtest.errors import Failure, Status, first_failure, root_cause


def test_a_failure_is_one_line() -> None:
    assert str(Failure(Status.DIAL, "expected a\n  connection")) == "expected a connection"


def test_statuses_are_distinct_and_leave_the_shell_its_own() -> None:
    assert len(set(Status)) == len(Status)
    assert all(0 <= status < 64 for status in Status)


def test_the_failure_in_nested_groups() -> None:
    failure = Failure(Status.PING, "short")
    group = ExceptionGroup("outer", [ValueError("x"), ExceptionGroup("inner", [failure])])
    assert first_failure(group) is failure
    assert first_failure(ValueError("x")) is None


class Many(Exception):
    """As py-libp2p's MultiError carries what went wrong."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__("many")
        self.errors = errors


def _raised_from(cause: Exception) -> Exception:
    try:
        raise RuntimeError("outer") from cause
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(
    "wrap",
    [
        lambda cause: Many(cause, ValueError("later")),
        lambda cause: ExceptionGroup("group", [cause]),
        _raised_from,
    ],
)
def test_the_root_cause(wrap: object) -> None:
    assert callable(wrap)
    assert root_cause(wrap(ConnectionRefusedError(111, "refused"))) == "ConnectionRefusedError: [Errno 111] refused"


def test_a_cause_without_a_message_is_its_type() -> None:
    assert root_cause(TimeoutError()) == "TimeoutError"
