"""The process that plays a role: what reaches its standard output, when it must end, what stops it."""

import gc
import logging
import os
import signal
import sys
import threading
import time
from typing import NoReturn

from pingtest.errors import Failure, Status, naming

_GRACE = 0.5  # seconds that a library may take, beyond the test's time, to let itself be cancelled


class Stopped(BaseException):
    """SIGTERM or SIGINT, before the role's own event loop takes them."""


def prepare() -> int:
    """A descriptor of standard output for the result alone; whatever libraries print goes to standard error.

    From here on SIGTERM and SIGINT become Stopped, and nothing is collected as garbage until `settle`.
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
    """What is here now stays: a collection that goes through it in mid-handshake would take 70 ms."""
    gc.freeze()
    gc.enable()


def log_to_stderr(debug: bool) -> None:
    """One handler, on standard error, before libp2p is imported: its 0.4.0 would choose standard output."""
    level = logging.DEBUG if debug else logging.CRITICAL
    logging.basicConfig(stream=sys.stderr, format="%(name)s: %(message)s", level=level)
    logging.getLogger("pingtest").setLevel(logging.DEBUG if debug else logging.INFO)


def say(line: object) -> None:
    """One line on standard error."""
    print(f"ping_test: {line}", file=sys.stderr, flush=True)  # noqa: T201 - the one place that does


class Clock:
    """What the role is doing and by when, so that no test outlives its time, whatever a library does."""

    def __init__(self, started: float, timeout: float) -> None:
        """`started` on time.monotonic; `timeout` in seconds."""
        self.stage = "starting"
        self._timeout = timeout
        self._deadline = started + timeout
        self._timer = threading.Timer(0, lambda: None)

    def left(self) -> float:
        """Seconds until the test's time is up."""
        return max(0.0, self._deadline - time.monotonic())

    def overdue(self) -> Failure:
        """The failure of a test whose time is up."""
        return Failure(Status.TIME, f"expected a result within {self._timeout:g} s, found none: still {self.stage}")

    def end_process(self, seconds: float, status: Status) -> None:
        """End the process `seconds` from now, should it still run; a later call takes the place of this one."""

        def end() -> None:
            if status:
                say(self.overdue())
            os._exit(status)

        self._timer.cancel()
        self._timer = threading.Timer(seconds + _GRACE, end)
        self._timer.daemon = True
        self._timer.start()
