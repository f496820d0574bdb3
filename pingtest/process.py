"""The process that plays a role: what reaches its standard output, when it must end, how it fails."""

import gc
import logging
import os
import signal
import sys
import threading
import time
from typing import NoReturn, TextIO

from pingtest.errors import TimeFailure

# How long beyond the test's time a library may refuse to be cancelled, and how long closing may take
# once there is a result; seconds.
_GRACE = 0.5


class Stopped(BaseException):
    """SIGTERM or SIGINT, before the role's own event loop takes them."""


def keep_stdout() -> TextIO:
    """Standard output for the result alone: whatever libraries print goes to standard error."""
    kept = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return kept


def log_to_stderr(debug: bool) -> None:
    """One handler, on standard error, before libp2p is imported: its 0.4.0 would choose standard output."""
    logging.basicConfig(stream=sys.stderr, format="%(name)s: %(message)s", level=logging.CRITICAL)
    logging.getLogger("pingtest").setLevel(logging.INFO)
    if debug:
        logging.getLogger().setLevel(logging.DEBUG)


def raise_when_stopped() -> None:
    """SIGTERM and SIGINT become Stopped from now on."""

    def stop(number: int, _frame: object) -> NoReturn:
        raise Stopped(number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def collect_no_garbage() -> None:
    """Until `settle`: what importing a library leaves behind is not garbage, and going through it takes 70 ms."""
    gc.disable()


def settle() -> None:
    """Everything that is here now stays: a collection in the middle of a handshake passes it over."""
    gc.freeze()
    gc.enable()


class Clock:
    """What the role is doing, and by when: so that no test outlives its time, whatever a library does."""

    def __init__(self, started: float, timeout: float) -> None:
        """`started` is on time.monotonic; `timeout` in seconds."""
        self.stage = "starting"
        self._timeout = timeout
        self._deadline = started + timeout
        self._timer: threading.Timer | None = None

    def left(self) -> float:
        """Seconds until the test's time is up."""
        return max(0.0, self._deadline - time.monotonic())

    def overdue(self) -> TimeFailure:
        """The failure of a test whose time is up."""
        return TimeFailure(f"expected a result within {self._timeout:g} s, found none: still {self.stage}")

    def end_process(self, seconds: float, status: int) -> None:
        """End the process `seconds` from now, should it still run: libraries may refuse to be cancelled."""

        def end() -> None:
            if status:
                say(self.overdue())
            os._exit(status)

        if self._timer:
            self._timer.cancel()
        self._timer = threading.Timer(seconds + _GRACE, end)
        self._timer.daemon = True
        self._timer.start()


def say(line: object) -> None:
    """One line on standard error."""
    print(f"ping_test: {line}", file=sys.stderr, flush=True)  # noqa: T201 - the one place that does
