"""Tests of the classes of errors: their base class, and the exit status of each class."""

from dev.command.errors import CommandError, FailedError, UsageError


def test_each_class_has_its_exit_status() -> None:
    assert [error.status for error in (CommandError, FailedError, UsageError)] == [3, 1, 2]


def test_one_base_class_catches_every_error() -> None:
    assert all(issubclass(error, CommandError) for error in (FailedError, UsageError))
    assert str(FailedError("expected A, found B")) == "expected A, found B"
