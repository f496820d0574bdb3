"""Programs that envparity starts: fed, read to their end, and never left behind.

Each program is started and watched by a thread of its own. Python handles signals in the main thread, so no signal
can come between starting a program and remembering it. What a program writes is bounded in size and time. envparity
does not wait for what a program left running in the background, even if that holds standard error.
"""

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Condition, Semaphore, Thread
from types import TracebackType
from typing import IO, Self, TypeVar

_CHUNK = 1 << 18
_OUTPUT = 256 << 20  # bytes of standard output that are kept where no limit is given, the last ones
_COMPLAINTS = 1 << 20  # bytes of standard error that are kept, the last ones
_GRACE = 2.0  # seconds from SIGTERM to SIGKILL, and from a program's end to the end of its output
_SOON = 0.01  # seconds after which a running program is looked at again

Read = TypeVar("Read")


@dataclass(frozen=True)
class Ended:
    """How a program ended, and what it wrote to standard output and to standard error."""

    status: int
    output: bytes
    complaints: bytes


class NotEnded(Exception):
    """Why a program was not read to its end, as a clause."""


class NotStarted(NotEnded):
    """The program cannot be run at all; the text is the reason that the system gives."""


class TimeUp(NotEnded):
    """The program did not end in its time."""


class TooMuch(NotEnded):
    """The program wrote more to standard output than it may."""


class Stopped(Exception):
    """The supervisor was stopped: what was running was ended, and nothing is started any more."""


@dataclass(frozen=True)
class Task:
    """A program to run in `folder`: what it is fed, and how long it may take, in seconds.

    A program that writes more than `most` bytes to standard output is ended; without `most` the last 256 MiB are kept.
    """

    command: Sequence[str]
    folder: Path
    timeout: float
    feed: bytes = b""
    most: int | None = None
    environment: Mapping[str, str] | None = None


class Supervisor:
    """Runs programs, from any thread; `stop` ends those that are running and lets no other start.

    A program leads a process group of its own, and what it leaves running ends with it. With `attended` a program
    may ask for a password: it stays in the terminal's group where there is a terminal, and what it leaves running
    stays, as the connection does that `ssh` keeps for the next program.
    """

    def __init__(self, *, attended: bool = False, at_once: int = 16) -> None:
        self._attended = attended
        self._room = Semaphore(at_once)
        self._changed = Condition()
        self._running = 0
        self._stopped = False

    def run(self, task: Task) -> Ended:
        """Run one program to its end; NotEnded or Stopped where it comes to none."""
        (ended,) = self.run_all([task], lambda _, ended: ended)
        if isinstance(ended, NotEnded):
            raise ended
        return ended

    def run_all(self, tasks: Sequence[Task], read: Callable[[int, Ended | NotEnded], Read]) -> list[Read]:
        """Run programs side by side, and read each one as it ends, by its number; an error of `read` ends them all."""
        outcomes: SimpleQueue[tuple[int, Ended | BaseException]] = SimpleQueue()
        found: dict[int, Read] = {}
        try:
            for number, task in enumerate(tasks):
                Thread(target=self._watch, args=(number, task, outcomes), name="program").start()
            for _ in tasks:
                number, ended = outcomes.get()
                if not isinstance(ended, Ended | NotEnded):
                    raise ended
                found[number] = read(number, ended)
        except BaseException:
            self.stop()
            raise
        return [found[number] for number in range(len(tasks))]

    def stop(self) -> None:
        """End what is running, and wait until it has ended."""
        with self._changed:
            self._stopped = True
            self._changed.wait_for(lambda: self._running == 0)

    def _watch(self, number: int, task: Task, outcomes: "SimpleQueue[tuple[int, Ended | BaseException]]") -> None:
        try:
            with self._room:
                outcomes.put((number, self._follow(task)))
        except BaseException as failure:  # noqa: BLE001 - whoever waits for the program raises it
            outcomes.put((number, failure))

    def _follow(self, task: Task) -> Ended:
        with self._changed:
            if self._stopped:
                raise Stopped
            program = _Program(task, attended=self._attended)
            self._running += 1
        try:
            with program:
                return program.follow(lambda: self._stopped)
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()


class _Program:
    """A program that runs, and the pipes to and from it; as a context, ends it with all that it started."""

    def __init__(self, task: Task, *, attended: bool) -> None:
        self._attended = attended
        self._leads = not (attended and _has_terminal())
        self._deadline = time.monotonic() + task.timeout
        self._feed = memoryview(task.feed)
        self._most = task.most
        self._output = bytearray()
        self._complaints = bytearray()
        try:
            self._popen = subprocess.Popen(
                task.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=task.environment,
                cwd=task.folder,
                bufsize=0,
                process_group=0 if self._leads else None,
            )
        except (OSError, ValueError) as error:
            raise NotStarted((error.strerror if isinstance(error, OSError) else None) or str(error)) from error

    def __enter__(self) -> Self:
        self._selector = selectors.DefaultSelector()
        self._streams = [one for one in (self._popen.stdin, self._popen.stdout, self._popen.stderr) if one is not None]
        for stream in self._streams:
            os.set_blocking(stream.fileno(), False)
            event = selectors.EVENT_WRITE if stream is self._popen.stdin else selectors.EVENT_READ
            self._selector.register(stream, event, stream)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None:
            self._signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._popen.wait(_GRACE)
            self._signal(signal.SIGKILL)
            self._popen.wait()
        self._selector.close()
        for stream in self._streams:
            stream.close()

    def follow(self, stopped: Callable[[], bool]) -> Ended:
        """Feed and read the program until it has ended and its standard output has too."""
        running = True
        while running or not self._said_all:
            if stopped():
                raise Stopped
            left = self._deadline - time.monotonic()
            if left <= 0:
                if running or self._attended:
                    raise TimeUp
                break  # a program of another group holds the output
            self._exchange(min(left, _SOON))
            if running and self._popen.poll() is not None:
                running = False
                if not self._attended:
                    self._signal(signal.SIGKILL)
                    self._deadline = min(self._deadline, time.monotonic() + _GRACE)
        self._exchange(0)  # a pipe holds no more complaints than one reading takes
        return Ended(self._popen.returncode, bytes(self._output), bytes(self._complaints))

    @property
    def _said_all(self) -> bool:
        return self._popen.stdout is None or self._popen.stdout.closed

    def _exchange(self, seconds: float) -> None:
        """Write and read what is possible, after waiting at most so long until something is."""
        for key, _ in self._selector.select(seconds):
            stream: IO[bytes] = key.data
            with suppress(BlockingIOError):
                if stream is self._popen.stdin:
                    self._write(stream)
                elif chunk := os.read(stream.fileno(), _CHUNK):
                    self._keep(chunk, complaint=stream is self._popen.stderr)
                else:
                    self._close(stream)

    def _write(self, stdin: IO[bytes]) -> None:
        try:
            self._feed = self._feed[os.write(stdin.fileno(), self._feed[:_CHUNK]) :]
        except BrokenPipeError:  # it does not read: what it writes, or its status, tells why
            self._feed = self._feed[:0]
        if not self._feed:
            self._close(stdin)

    def _keep(self, chunk: bytes, *, complaint: bool) -> None:
        kept, most = (self._complaints, _COMPLAINTS) if complaint else (self._output, self._most or _OUTPUT)
        kept += chunk
        if len(kept) > most:
            if not complaint and self._most is not None:
                raise TooMuch
            del kept[:-most]

    def _close(self, stream: IO[bytes]) -> None:
        self._selector.unregister(stream)
        stream.close()

    def _signal(self, number: signal.Signals) -> None:
        """Signal the program, with all that it started where it leads a group: the group outlives its leader."""
        with suppress(ProcessLookupError, PermissionError):  # it has ended
            if self._leads:
                os.killpg(self._popen.pid, number)
            else:
                self._popen.send_signal(number)


def _has_terminal() -> bool:
    """Whether a program could ask for a password: one that has a group of its own cannot."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True
