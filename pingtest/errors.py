"""What can go wrong in a ping test: each kind with an exit status of its own, each message one line."""

from typing import ClassVar


class Failure(Exception):
    """Expected, found, where it came from, how to mend it: in one line. `status` is the exit status."""

    status: ClassVar[int] = 1
    """1: none of the kinds below, a fault of this program."""


class SettingsFailure(Failure):
    """An environment variable is missing or holds what it must not."""

    status = 2


class RendezvousFailure(Failure):
    """Redis cannot be reached, refuses us, or answers what it must not."""

    status = 3


class AddressFailure(Failure):
    """The announced multiaddr cannot be dialed as it stands, or there is none to announce."""

    status = 4


class DialFailure(Failure):
    """No connection, secure channel, muxer or stream came about with the peer."""

    status = 5


class IdentityFailure(Failure):
    """The peer is not the one that the announced multiaddr names."""

    status = 6


class PingFailure(Failure):
    """The connection stands and the peer does not answer a ping as the protocol says."""

    status = 7


class TimeFailure(Failure):
    """The test's time ran out; the message says what was being waited for."""

    status = 8


class HostFailure(Failure):
    """The libp2p host could not listen, or stopped by itself."""

    status = 9


def first_failure(error: BaseException) -> Failure | None:
    """The failure that an exception is or, for a group, holds."""
    if isinstance(error, Failure):
        return error
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return next(filter(None, map(first_failure, inner)), None)


def root_cause(error: BaseException) -> str:
    """What lies at the bottom of an exception, its causes and groups, as `Type: message` in one line."""
    inner = getattr(error, "exceptions", None) or getattr(error, "errors", None)
    below = inner[0] if isinstance(inner, list | tuple) and inner else error.__cause__ or error.__context__
    if isinstance(below, BaseException):
        return root_cause(below)
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message}" if message else type(error).__name__
