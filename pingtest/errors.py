"""The errors of a ping test; each kind has a different exit status."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

# Exceptions of trio and ssl that only mean "not now". Such an exception is never the cause of a later failure.
_NO_CAUSES = ("WouldBlock", "SSLWantReadError", "SSLWantWriteError", "BlockingIOError")

# For each limit of a process: the texts of its errors, the missing thing, and the command that raises the limit. The
# text of an error decides, and not its type, because an ImportError can have such a text too.
_LIMITS = (
    ((os.strerror(errno.EMFILE),), "a free file descriptor", "ulimit -n"),
    (("MemoryError", os.strerror(errno.ENOMEM), "failed to map segment"), "free memory", "ulimit -v"),
    (("can't start new thread",), "a free thread", "ulimit -u"),
)


class Status(IntEnum):
    """The exit statuses of ping_test.py. If signal n ends a dialer before its result, the exit status is 128 + n."""

    DONE = 0  # the dialer's ping came back, or the listener was stopped
    FAULT = 1  # any other error: a fault of this program, or libp2p cannot be imported
    SETTINGS = 2  # an environment variable is missing or has a wrong value
    RENDEZVOUS = 3  # Redis or the pipe cannot be used: not reachable, access refused, or a wrong answer
    ADDRESS = 4  # the announced multiaddr cannot be dialed, or this machine has no address to announce
    DIAL = 5  # the connection, secure channel, muxer or stream could not be made
    PEER_ID = 6  # the peer that answered has another ID than the multiaddr
    PING = 7  # the peer's answer to a ping breaks the protocol
    TIME = 8  # the test's time is over
    HOST = 9  # the libp2p host could not run


class Failure(Exception):
    """An error with one printable line: for example a variable, the expected value, the value found, and a cure."""

    def __init__(self, status: Status, line: str) -> None:
        words = " ".join(line.split())[:1_000]  # a peer may have written a part of the line
        super().__init__("".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in words))
        self.status = status


def named(error: BaseException, status: Status, expected: str) -> Failure:
    """Return a Failure for an exception: the exception itself, the first Failure of its group, or a new Failure.

    If the process has no file descriptor, memory or thread left, a new Failure has the status HOST, and its line ends
    with the command that raises the limit. Otherwise it has the given status, and its line ends with the root cause.
    """
    held = error.split(Failure)[0] if isinstance(error, BaseExceptionGroup) else error
    while isinstance(held, BaseExceptionGroup):
        held = held.exceptions[0]
    if isinstance(held, Failure):
        return held
    cause = root_cause(error)
    for texts, missing, limit in _LIMITS:
        if any(text in f"{error} {cause}" for text in texts):
            return Failure(Status.HOST, f"expected {missing}, found: {cause}; raise the limit with: {limit} NUMBER")
    return Failure(status, f"{expected}, found: {cause}")


@contextmanager
def naming(status: Status, expected: str) -> Iterator[None]:
    """Turn an OSError in the block into a Failure with this status."""
    try:
        yield
    except OSError as error:
        raise Failure(status, f"{expected}, found: {error}") from error


def root_cause(error: BaseException) -> str:
    """Return the innermost cause of an exception or group of exceptions, as `Type: message`."""
    inner = getattr(error, "exceptions", None) or getattr(error, "errors", None)
    below = inner[0] if isinstance(inner, list | tuple) and inner else error.__cause__
    if below is None and not error.__suppress_context__ and type(error.__context__).__name__ not in _NO_CAUSES:
        below = error.__context__
    return root_cause(below) if isinstance(below, BaseException) else f"{type(error).__name__}: {error}".rstrip(": ")
