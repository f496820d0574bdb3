"""Runs programs: feeds them, reads their output to its end, and leaves none of them running.

A thread of its own starts and watches each program. Python handles signals in the main thread, so no signal can come
between starting a program and remembering it. The time and the output of each program are limited. A program may leave
another program running in the background. envparity does not wait for that one, even if it holds standard error open.
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
_OUTPUT = 256 << 20  # how many bytes of standard output are kept without a limit: the last ones
_COMPLAINTS = 1 << 20  # how many bytes of standard error are kept: the last ones
_GRACE = 2.0  # seconds from SIGTERM to SIGKILL, and from a program's end to the end of its output
_SOON = 0.01  # seconds between two looks at a running program

Read = TypeVar("Read")


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit status, its standard output and its standard error."""

    status: int
    output: bytes
    complaints: bytes


class NotEnded(Exception):
    """A program was not read to its end; the text, if there is any, is the reason as part of a sentence."""


class NotStarted(NotEnded):
    """The program cannot be run at all; the text is the reason that the system gives."""


class TimeUp(NotEnded):
    """The program did not end in its time."""


class TooMuch(NotEnded):
    """The program wrote more to standard output than its task allows."""


class Stopped(Exception):
    """The supervisor was stopped: it has ended the running programs and starts no others."""


@dataclass(frozen=True)
class Task:
    """A program to run in `folder`.

    The program reads `feed` from standard input. `timeout` is in seconds. The supervisor ends a program that writes
    more than `most` bytes to standard output. If `most` is None, it keeps the last 256 MiB. If `environment` is None,
    the program gets the environment variables of this process.
    """

    command: Sequence[str]
    folder: Path
    timeout: float
    feed: bytes = b""
    most: int | None = None
    environment: Mapping[str, str] | None = None


class Supervisor:
    """Runs programs, from any thread, at most `at_once` at the same time.

    After `stop` no program is running, and none can start. Each program leads its own process group. If a program
    leaves others running, they end with it, because they are in its group.

    With `attended` a program may ask for a password. If there is a terminal, the program stays in the terminal's group
    for this. Then programs that it leaves running go on: for example the connection that `ssh` keeps open for its next
    run.
    """

    def __init__(self, *, attended: bool = False, at_once: int = 16) -> None:
        self._attended = attended
        self._room = Semaphore(at_once)
        self._changed = Condition()
        self._running = 0
        self._stopped = False

    def run(self, task: Task) -> Ended:
        """Run one program to its end; raise NotEnded if it does not get there, Stopped after `stop`."""
        (ended,) = self.run_all([task], lambda _, ended: ended)
        if isinstance(ended, NotEnded):
            raise ended
        return ended

    def run_all(self, tasks: Sequence[Task], read: Callable[[int, Ended | NotEnded], Read]) -> list[Read]:
        """Run programs at the same time, and return what `read` makes of each of them, in the order of `tasks`.

        `read` is called with the number of a program and how it ended, as soon as it has ended. An error in `read`
        ends all programs.
        """
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
        """End the running programs, and wait until they have ended."""
        with self._changed:
            self._stopped = True
            self._changed.wait_for(lambda: self._running == 0)

    def _watch(self, number: int, task: Task, outcomes: "SimpleQueue[tuple[int, Ended | BaseException]]") -> None:
        try:
            with self._room:
                outcomes.put((number, self._follow(task)))
        except BaseException as failure:  # noqa: BLE001 - `run_all` raises it for its caller
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
    """A running program, and the pipes to and from it.

    If an error leaves the context, the context ends the program with everything that the program started.
    """

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
        """Feed and read the program until it has ended and closed its standard output.

        Raise Stopped, TimeUp or TooMuch if it does not get there.
        """
        running = True
        while running or not self._said_all:
            if stopped():
                raise Stopped
            left = self._deadline - time.monotonic()
            if left <= 0:
                if running or self._attended:
                    raise TimeUp
                break  # a program in another group still holds the output open
            self._exchange(min(left, _SOON))
            if running and self._popen.poll() is not None:
                running = False
                if not self._attended:
                    self._signal(signal.SIGKILL)
                    self._deadline = min(self._deadline, time.monotonic() + _GRACE)
        self._exchange(0)  # one reading takes all of standard error that a pipe can hold
        return Ended(self._popen.returncode, bytes(self._output), bytes(self._complaints))

    @property
    def _said_all(self) -> bool:
        return self._popen.stdout is None or self._popen.stdout.closed

    def _exchange(self, seconds: float) -> None:
        """Write and read what is possible now; if nothing is, wait at most `seconds` until something is."""
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
        except BrokenPipeError:  # the program stopped reading; its output or its status shows why
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
        """Send a signal to the program, or to the group that it leads: a group lives longer than its leader."""
        with suppress(ProcessLookupError, PermissionError):  # the program has ended
            if self._leads:
                os.killpg(self._popen.pid, number)
            else:
                self._popen.send_signal(number)


def _has_terminal() -> bool:
    """Return whether there is a terminal at which a program could ask for a password."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True
