"""Tests of failures: how they are found in exception groups, and how their message names the root cause in one line."""

import os

import pytest

from pingtest.errors import Failure, Status, named, naming, root_cause


def test_the_message_of_a_failure_is_one_line() -> None:
    assert str(Failure(Status.DIAL, "expected a\n  connection")) == "expected a connection"


def test_exit_statuses_are_distinct_and_below_the_statuses_of_the_shell() -> None:
    assert len(set(Status)) == len(Status)
    assert all(0 <= status < 64 for status in Status)


def test_a_failure_is_found_in_nested_exception_groups() -> None:
    failure = Failure(Status.PING, "short")
    group = ExceptionGroup("outer", [ValueError("x"), ExceptionGroup("inner", [failure])])
    assert named(group, Status.HOST, "expected it to run") is failure


def test_a_system_error_becomes_a_failure_with_the_given_name() -> None:
    expected = r"^output: expected it open, found: \[Errno 9\] Bad"
    with pytest.raises(Failure, match=expected) as caught, naming(Status.FAULT, "output: expected it open"):
        os.write(999, b"x")
    assert caught.value.status is Status.FAULT


def test_a_failure_stays_the_same_and_any_other_exception_becomes_a_failure() -> None:
    failure = Failure(Status.PING, "short")
    try:
        raise failure from ExceptionGroup("that holds it, as trio's nurseries make them", [failure])
    except Failure as caught:
        assert named(caught, Status.HOST, "expected it to run") is failure
    other = named(ExceptionGroup("group", [ValueError("x")]), Status.HOST, "expected it to run")
    assert (other.status, str(other)) == (Status.HOST, "expected it to run, found: ValueError: x")


class Many(Exception):
    """An exception that holds its causes in `errors`, like py-libp2p's MultiError."""

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
def test_the_root_cause_is_found_in_each_kind_of_wrapper(wrap: object) -> None:
    assert callable(wrap)
    assert root_cause(wrap(ConnectionRefusedError(111, "refused"))) == "ConnectionRefusedError: [Errno 111] refused"


@pytest.mark.parametrize(
    ("error", "names"),
    [
        (OSError(24, "Too many open files"), "ulimit -n"),
        (MemoryError(), "ulimit -v"),
        (ImportError("x.so: failed to map segment from shared object"), "ulimit -v"),
        (RuntimeError("can't start new thread"), "ulimit -u"),
    ],
)
def test_a_reached_limit_of_the_process_is_named(error: Exception, names: str) -> None:
    failure = named(error, Status.DIAL, "expected a connection")
    assert failure.status is Status.HOST
    assert str(failure).endswith(f"raise the limit with: {names} NUMBER")


def _raised_while_handling(inner: Exception, hidden: bool) -> Exception:
    outer = EOFError("the end")
    outer.__context__, outer.__suppress_context__ = inner, hidden
    return outer


def test_an_exception_that_only_means_not_now_is_no_cause() -> None:
    assert root_cause(_raised_while_handling(BlockingIOError(11, "again"), False)) == "EOFError: the end"
    assert root_cause(_raised_while_handling(ValueError("x"), False)) == "ValueError: x"


def test_a_cause_that_the_library_hides_stays_hidden() -> None:
    assert root_cause(_raised_while_handling(ValueError("x"), True)) == "EOFError: the end"


def test_a_cause_without_a_message_shows_its_type() -> None:
    assert root_cause(TimeoutError()) == "TimeoutError"
