"""What can go wrong in a ping test, each kind with an exit status of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum


class Status(IntEnum):
    """Exit statuses of ping_test.py; a signal that ends a dialer before its result adds 128 + its number."""

    DONE = 0  # the dialer's ping came back, or the listener was stopped
    FAULT = 1  # none of those below: a fault of this program, or a libp2p that cannot be imported
    SETTINGS = 2  # an environment variable is missing or holds what it must not
    RENDEZVOUS = 3  # Redis cannot be reached, refuses us or answers what it must not
    ADDRESS = 4  # the announced multiaddr is none to dial, or there is none to announce
    DIAL = 5  # no connection, secure channel, muxer or stream came about
    PEER_ID = 6  # another peer answers than the multiaddr names
    PING = 7  # the peer does not answer a ping as the protocol says
    TIME = 8  # the test's time ran out
    HOST = 9  # the libp2p host could not run


class Failure(Exception):
    """One printable line: what was expected, what was found, where it came from, how to fix it."""

    def __init__(self, status: Status, line: str) -> None:
        words = " ".join(line.split())[:1_000]  # of a peer's making, in part
        super().__init__("".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in words))
        self.status = status


def named(error: BaseException, status: Status, expected: str) -> Failure:
    """The failure that an exception is or, for a group, holds; else one of this status with its root cause."""
    held = error.split(Failure)[0] if isinstance(error, BaseExceptionGroup) else error
    while isinstance(held, BaseExceptionGroup):
        held = held.exceptions[0]
    return held if isinstance(held, Failure) else Failure(status, f"{expected}, found: {root_cause(error)}")


@contextmanager
def naming(status: Status, expected: str) -> Iterator[None]:
    """A system error in the block becomes a failure of this status."""
    try:
        yield
    except OSError as error:
        raise Failure(status, f"{expected}, found: {error}") from error


def root_cause(error: BaseException) -> str:
    """What lies at the bottom of an exception, its causes and groups, as `Type: message`."""
    inner = getattr(error, "exceptions", None) or getattr(error, "errors", None)
    below = inner[0] if isinstance(inner, list | tuple) and inner else error.__cause__ or error.__context__
    return root_cause(below) if isinstance(below, BaseException) else f"{type(error).__name__}: {error}".rstrip(": ")
