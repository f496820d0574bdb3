"""The process that plays a role: its standard output, its time limit, and the signals that stop it."""

import gc
import logging
import os
import signal
import sys
import threading
import time
from typing import NoReturn

from pingtest.errors import Failure, Status, naming

_GRACE = 0.5  # seconds that a library may take to stop, after the test's time is over


class Stopped(BaseException):
    """Raised on SIGTERM or SIGINT, until the role's own event loop handles these signals."""


def prepare() -> int:
    """Return a descriptor of standard output for the result alone; output of libraries goes to standard error.

    From here on SIGTERM and SIGINT raise Stopped, and Python collects no garbage until `settle`. Raise Failure if
    standard output or standard error is closed.
    """

    def stop(number: int, _frame: object) -> NoReturn:
        raise Stopped(number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    gc.disable()
    with naming(Status.FAULT, "standard output and standard error: expected both to be open"):
        stdout = os.dup(1)
        os.dup2(2, 1)
    return stdout


def settle() -> None:
    """Turn garbage collection on, but only for new objects: checking all objects in a handshake would take 70 ms."""
    gc.freeze()
    gc.enable()


def log_to_stderr(debug: bool) -> None:
    """Log to standard error. Call this before libp2p is imported, because libp2p 0.4.0 would log to standard output."""
    level = logging.DEBUG if debug else logging.CRITICAL
    logging.basicConfig(stream=sys.stderr, format="%(name)s: %(message)s", level=level)
    logging.getLogger("pingtest").setLevel(logging.DEBUG if debug else logging.INFO)


def say(line: object) -> None:
    """Print one line on standard error."""
    print(f"ping_test: {line}", file=sys.stderr, flush=True)  # noqa: T201 - the only place that prints


class Clock:
    """The time limit of a test and its current stage. The clock ends a test on time even if a library hangs."""

    def __init__(self, started: float, timeout: float) -> None:
        """Take `started` as a value of time.monotonic(), and `timeout` in seconds."""
        self.stage = "starting"
        self._timeout = timeout
        self._deadline = started + timeout
        self._timer = threading.Timer(0, lambda: None)

    def left(self) -> float:
        """Return the seconds until the test's time is over, at least 0."""
        return max(0.0, self._deadline - time.monotonic())

    def overdue(self) -> Failure:
        """Return the Failure of a test whose time is over."""
        return Failure(Status.TIME, f"expected a result within {self._timeout:g} s, found none: still {self.stage}")

    def end_process(self, seconds: float, status: Status) -> None:
        """End the process with `status` if it still runs after `seconds` plus _GRACE; a later call replaces it."""

        def end() -> None:
            if status:
                say(self.overdue())
            os._exit(status)

        self._timer.cancel()
        self._timer = threading.Timer(seconds + _GRACE, end)
        self._timer.daemon = True
        self._timer.start()
