"""The process that plays a role: its standard output, its time limit, and the signals that stop it."""

import fcntl
import gc
import logging
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from pingtest.errors import Failure, Status, naming

_GRACE = 0.5  # seconds that a library may take to stop, after the test's time is over
# The signals that stop a role; SIGHUP comes from a terminal or an SSH connection that ends.
STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_SLOW_START = 60.0  # seconds; a greater age must be wrong: in some sandboxes, process and system have different clocks


class Stopped(BaseException):
    """Raised on a signal of STOPPING, until the role's own event loop handles these signals."""


def prepare() -> int:
    """Return a descriptor of standard output for the result alone; output of libraries goes to standard error.

    If standard error is closed, it becomes /dev/null. Otherwise another file could get the descriptor 2, and `print`
    would print a failure on standard output, because sys.stderr is None.

    From here on the signals of STOPPING raise Stopped, and Python collects no garbage until `settle`. Raise Failure if
    standard output is closed.
    """

    def stop(number: int, _frame: object) -> NoReturn:
        raise Stopped(number)

    for one in STOPPING:
        if one is not signal.SIGHUP or signal.getsignal(one) is not signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(one, stop)
    gc.disable()
    if sys.stderr is None:
        with naming(Status.FAULT, "standard output: expected it to be open"):
            os.fstat(1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115 - it stays open until the process ends
    with naming(Status.FAULT, "standard output: expected it to be open"):
        # A high number: if the descriptor RENDEZVOUS_FD is closed, standard output must not get its number by chance.
        far = min(100, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
        stdout = fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, far)
        os.dup2(2, 1)
    return stdout


def started() -> float:
    """Return the time.monotonic() of this process's start, or the present time if the start is not known for sure."""
    now = time.monotonic()
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])  # since the machine started
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError):
        return now
    return now - age if 0 < age < _SLOW_START else now


def ignore_signals() -> None:
    """Ignore the signals of STOPPING: the process is about to end with a status that a signal must not change."""
    for one in STOPPING:
        signal.signal(one, signal.SIG_IGN)


def settle() -> None:
    """Turn garbage collection on, but only for new objects: checking all objects during a handshake takes 70 ms."""
    gc.freeze()
    gc.enable()


def log_to_stderr(debug: bool) -> None:
    """Log to standard error. Call this before libp2p is imported, because libp2p 0.4.0 would log to standard output.

    Only DEBUG may switch the logs of libp2p on. So remove libp2p's own variables for logs, such as LIBP2P_DEBUG.
    """
    for name in ("LIBP2P_DEBUG", "LIBP2P_DEBUG_FILE"):
        os.environ.pop(name, None)
    level = logging.DEBUG if debug else logging.CRITICAL
    logging.basicConfig(stream=sys.stderr, format="%(name)s: %(message)s", level=level)
    logging.getLogger("pingtest").setLevel(logging.DEBUG if debug else logging.INFO)
    accepting = logging.getLogger("trio.serve_listeners")
    accepting.setLevel(logging.ERROR)
    accepting.addHandler(_Once())
    accepting.propagate = debug


class _Once(logging.Handler):
    """Prints the first error of trio's listeners, which happens if this process has no file descriptor left."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print the error and how to fix it; ignore every later error."""
        self.setLevel(logging.CRITICAL)
        say(f"expected to accept a connection, found: {record.getMessage()}; raise the limit with: ulimit -n NUMBER")


def say(line: object) -> None:
    """Print one line on standard error; ignore an error there, because the exit status reports a failure too."""
    with suppress(OSError):
        print(f"ping_test: {line}", file=sys.stderr, flush=True)  # noqa: T201 - the only place that prints


class Clock:
    """The time limit of a test, its current stage, and its notes. It ends a test on time even if a library hangs.

    `blame` is for an error that the library raises during a dial: the status of the Failure and the start of its line.
    `notes` are lines for standard error: `say_notes` prints them, or `line` adds them to the line of a failure.
    """

    def __init__(self, started: float, timeout: float, notes: Iterable[str] = ()) -> None:
        """Take `started` as a value of time.monotonic(), and `timeout` in seconds."""
        self.stage = "starting"
        self.blame: tuple[Status, str] | None = None
        self.notes = list(notes)
        self._timeout = timeout
        self._deadline = started + timeout
        self._timer = threading.Timer(0, lambda: None)

    def say_notes(self) -> None:
        """Print each note once."""
        while self.notes:
            say(self.notes.pop(0))

    def line(self, failure: Failure) -> str:
        """Return the line of a failure with the notes that were not printed yet."""
        return " ".join([str(failure), *(f"({note})" for note in self.notes)])

    def left(self) -> float:
        """Return the seconds until the test's time is over, at least 0."""
        return max(0.0, self._deadline - time.monotonic())

    def overdue(self) -> Failure:
        """Return the Failure of a test whose time is over."""
        return Failure(Status.TIME, f"expected a result within {self._timeout:g} s, found none: still {self.stage}")

    def end_process(self, seconds: float, status: Status) -> None:
        """End the process with `status` if it still runs after `seconds` plus _GRACE; only the last call counts."""

        def end() -> None:
            if status:
                say(self.line(self.overdue()))
            os._exit(status)

        self._timer.cancel()
        self._timer = threading.Timer(seconds + _GRACE, end)
        self._timer.daemon = True
        self._timer.start()
