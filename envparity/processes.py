"""Programs fed on standard input and read to their end, several side by side, none left behind.

One loop in one thread: a signal that stops envparity stops the programs too. What they write is bounded in size and
time, and what they started themselves and left running, holding standard error, is not waited for.
"""

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Any, Self

_CHUNK = 1 << 18
_COMPLAINTS = 1 << 16  # bytes of standard error that are kept, the last ones
_GRACE = 2.0  # seconds from SIGTERM to SIGKILL
_SOON = 0.005  # seconds after which one that has said all is asked again whether it has ended


@dataclass(frozen=True)
class Ended:
    """How a program ended: `failure` says why it was not read to its end."""

    number: int
    status: int = 0
    output: bytes = b""
    complaints: bytes = b""
    failure: str | None = None


@dataclass
class _Process:
    number: int
    popen: "subprocess.Popen[bytes]"
    # Of a group of its own, which can be ended whole.
    leads: bool
    feed: memoryview
    deadline: float
    output: bytearray = field(default_factory=bytearray)
    complaints: bytearray = field(default_factory=bytearray)

    @property
    def said_all(self) -> bool:
        """Whether its standard output has come to its end."""
        return self.popen.stdout is None or self.popen.stdout.closed


class _Signals:
    """Holds back what SIGINT and SIGTERM raise until it is asked for: no program is started and then forgotten."""

    def __init__(self) -> None:
        self.awake, self._wake = os.pipe()
        self._before: dict[int, Callable[[int, FrameType | None], Any]] = {}
        self._caught: list[int] = []
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                before = signal.getsignal(number)
                if callable(before):  # else it is ignored, or ends the process there and then
                    self._before[number] = before
                    signal.signal(number, self._catch)

    def _catch(self, number: int, _frame: FrameType | None) -> None:
        self._caught.append(number)
        os.write(self._wake, b"!")

    def deliver(self) -> None:
        """Do what the signals that came would have done."""
        while self._caught:
            os.read(self.awake, 1)
            number = self._caught.pop(0)
            self._before[number](number, None)

    def close(self) -> None:
        """Let signals be what they were."""
        for number, before in self._before.items():
            signal.signal(number, before)
        try:
            self.deliver()
        finally:
            os.close(self.awake)
            os.close(self._wake)


class Processes:
    """Runs commands, a few at once, each fed with the same program; as a context, ends those still running."""

    def __init__(self, feed: bytes, folder: Path, timeout: float, most: int, at_once: int = 4) -> None:
        """`timeout` seconds for each, from its start; `most` bytes of standard output."""
        self._feed = feed
        self._folder = folder
        self._timeout = timeout
        self._most = most
        self._at_once = at_once
        self._running: list[_Process] = []
        self._selector = selectors.DefaultSelector()
        self._signals = _Signals()
        self._selector.register(self._signals.awake, selectors.EVENT_READ)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end(self._running)
        self._selector.close()
        self._signals.close()

    def run(self, commands: Sequence[Sequence[str]]) -> Iterator[Ended]:
        """Each command's end, in the order in which they end."""
        waiting = list(enumerate(commands))
        while waiting or self._running:
            while waiting and len(self._running) < self._at_once:
                number, command = waiting.pop(0)
                try:
                    self._start(number, command)
                except (OSError, ValueError) as error:
                    said = error.strerror if isinstance(error, OSError) else error
                    yield Ended(number, failure=f"expected to run {command[0]}, found: {said}")
            yield from self._step()

    def _start(self, number: int, command: Sequence[str]) -> None:
        leads = not _has_terminal()
        popen = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self._folder,
            bufsize=0,
            process_group=0 if leads else None,
        )
        process = _Process(number, popen, leads, memoryview(self._feed), time.monotonic() + self._timeout)
        self._running.append(process)
        for stream in filter(None, (popen.stdin, popen.stdout, popen.stderr)):
            os.set_blocking(stream.fileno(), False)
            event = selectors.EVENT_WRITE if stream is popen.stdin else selectors.EVENT_READ
            self._selector.register(stream, event, process)

    def _step(self) -> Iterator[Ended]:
        """Wait until something can be read or written, or some time is up."""
        if not self._running:
            return
        left = min(process.deadline for process in self._running) - time.monotonic()
        if any(process.said_all for process in self._running):
            left = min(left, _SOON)
        ready = self._selector.select(max(left, 0))
        self._signals.deliver()
        for key, _ in ready:
            process: _Process = key.data
            stream = key.fileobj
            if process not in self._running:
                continue
            if stream is process.popen.stdin:
                self._write(process)
            elif stream is process.popen.stderr:
                self._complaints(process)
            elif (failed := self._read(process)) is not None:
                yield failed
        for process in [one for one in self._running if one.said_all and one.popen.poll() is not None]:
            yield self._ended(process)
        now = time.monotonic()
        for process in [one for one in self._running if one.deadline <= now]:
            yield self._failed(
                process, f"expected a snapshot in {self._timeout:g} s, found none; --timeout allows more"
            )

    def _write(self, process: _Process) -> None:
        stdin = process.popen.stdin
        try:
            process.feed = process.feed[os.write(_number(stdin), process.feed[:_CHUNK]) :]
        except BlockingIOError:
            return
        except OSError:  # it does not read: what it writes, or its status, tells why
            process.feed = process.feed[:0]
        if not process.feed:
            self._close(stdin)

    def _read(self, process: _Process) -> Ended | None:
        chunk = _some(process.popen.stdout)
        if chunk is None:
            return None
        process.output += chunk
        if len(process.output) > self._most:
            return self._failed(process, f"expected a snapshot of at most {self._most} bytes, found more")
        if not chunk:
            self._close(process.popen.stdout)
        return None

    def _ended(self, process: _Process) -> Ended:
        while self._complaints(process):
            pass
        self._forget(process)
        return Ended(process.number, process.popen.returncode, bytes(process.output), bytes(process.complaints))

    def _complaints(self, process: _Process) -> bool:
        """Read what it says on standard error; whether there may be more at once."""
        stderr = process.popen.stderr
        if stderr is None or stderr.closed:
            return False
        chunk = _some(stderr)
        if chunk == b"":
            self._close(stderr)
        process.complaints += chunk or b""
        del process.complaints[:-_COMPLAINTS]
        return bool(chunk)

    def _failed(self, process: _Process, failure: str) -> Ended:
        self._end([process])
        return Ended(process.number, -1, b"", bytes(process.complaints), failure)

    def _end(self, processes: Sequence[_Process]) -> None:
        """Ask them to end, and see that they do."""
        processes = list(processes)
        for process in processes:
            _signal(process, signal.SIGTERM)
        until = time.monotonic() + _GRACE
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.popen.wait(max(until - time.monotonic(), 0))
            _signal(process, signal.SIGKILL)
            process.popen.wait()
            self._forget(process)

    def _forget(self, process: _Process) -> None:
        for stream in (process.popen.stdin, process.popen.stdout, process.popen.stderr):
            self._close(stream)
        self._running.remove(process)

    def _close(self, stream: IO[bytes] | None) -> None:
        if stream is not None and not stream.closed:
            with suppress(KeyError):
                self._selector.unregister(stream)
            stream.close()


def _number(stream: IO[bytes] | None) -> int:
    return stream.fileno() if stream is not None else -1


def _some(stream: IO[bytes] | None) -> bytes | None:
    """What can be read at once: b"" at the end, None where there is nothing yet."""
    try:
        return os.read(_number(stream), _CHUNK)
    except BlockingIOError:
        return None


def _has_terminal() -> bool:
    """Whether a program could ask for a password: one that has a group of its own cannot."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _signal(process: _Process, number: int) -> None:
    """End a program, with all that it started where it leads a group: that outlives its leader."""
    if process.leads:
        with suppress(ProcessLookupError):
            os.killpg(process.popen.pid, number)
    else:
        process.popen.send_signal(number)
