"""Runs programs: writes their input, reads their output, and limits their time and their output.

Each program has its own thread, which starts and watches it. Python handles signals only in the main thread. So Ctrl-C
cannot interrupt a thread after it starts its program and before it notes that the program runs. A program may end and
leave another program running in the background. If the background program keeps only standard error open, envparity
does not wait for it.
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
_OUTPUT = 256 << 20  # how many of the last bytes of standard output are kept if the task has no limit
_COMPLAINTS = 1 << 20  # how many of the last bytes of standard error are kept
_GRACE = 2.0  # seconds to wait after SIGTERM before SIGKILL, and after a program's end for the rest of its output
_SOON = 0.01  # seconds between two checks of a running program

Read = TypeVar("Read")


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit status, its standard output and its standard error."""

    status: int
    output: bytes
    complaints: bytes


class NotEnded(Exception):
    """A program did not run to its end. The message is empty, or it is the reason as part of a sentence."""


class NotStarted(NotEnded):
    """The program could not be started. The message is the reason that the system gives."""


class TimeUp(NotEnded):
    """The program did not end within `Task.timeout`."""


class TooMuch(NotEnded):
    """The program wrote more than `Task.most` bytes to standard output."""


class Stopped(Exception):
    """Somebody called `Supervisor.stop`, so the program was ended or was not started."""


@dataclass(frozen=True)
class Task:
    """A program to run in `folder`, with its input and its limits.

    The program reads `feed` from standard input. `timeout` is in seconds. The supervisor ends a program that writes
    more than `most` bytes to standard output. If `most` is None, the program may write any number of bytes, and the
    supervisor keeps the last 256 MiB. If `environment` is None, the program gets this process's environment variables.
    """

    command: Sequence[str]
    folder: Path
    timeout: float
    feed: bytes = b""
    most: int | None = None
    environment: Mapping[str, str] | None = None


class Supervisor:
    """Runs at most `at_once` programs at the same time. Any thread may call its methods.

    After `stop` no program is running, and no program can start. Each program leads its own process group. If a program
    starts further programs and then ends, the supervisor ends the further programs too, because they are in the group
    of the program.

    With `attended`, a program may ask the user for a password. For this, the program stays in the terminal's process
    group, if there is a terminal. If the program ends and leaves another program running, the supervisor does not end
    the other program. For example, `ssh` leaves a program running that keeps the connection open for its next run.
    """

    def __init__(self, *, attended: bool = False, at_once: int = 16) -> None:
        self._attended = attended
        self._room = Semaphore(at_once)
        self._changed = Condition()
        self._running = 0
        self._stopped = False

    def run(self, task: Task) -> Ended:
        """Run one program to its end, and return how it ended.

        Raise NotEnded if the program does not run to its end, and Stopped if somebody called `stop`.
        """
        (ended,) = self.run_all([task], lambda _, ended: ended)
        if isinstance(ended, NotEnded):
            raise ended
        return ended

    def run_all(self, tasks: Sequence[Task], read: Callable[[int, Ended | NotEnded], Read]) -> list[Read]:
        """Run programs at the same time, and return the result of `read` for each program, in the order of `tasks`.

        As soon as a program ends, this function calls `read` with the program's index in `tasks` and how it ended. An
        error in `read` ends all programs and is raised again. Raise Stopped if somebody called `stop`.
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
        """End the running programs, and wait until they have ended. No program can start after this call."""
        with self._changed:
            self._stopped = True
            self._changed.wait_for(lambda: self._running == 0)

    def _watch(self, number: int, task: Task, outcomes: "SimpleQueue[tuple[int, Ended | BaseException]]") -> None:
        try:
            with self._room:
                outcomes.put((number, self._follow(task)))
        except BaseException as failure:  # noqa: BLE001 - `run_all` raises the failure
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
    """A running program and the pipes to and from it, as a context manager.

    If an error leaves the `with` block, the program is ended. If the program leads its process group, all programs of
    the group are ended.
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
        """Write the program's input and read its output, until the program has ended and its output is closed.

        Another program may keep the output open. Without `attended`, wait only _GRACE seconds for that program.

        Raise Stopped if `stopped()` is true, TimeUp after the time limit, and TooMuch if the output is too long.
        """
        running = True
        while running or not self._said_all:
            if stopped():
                raise Stopped
            left = self._deadline - time.monotonic()
            if left <= 0:
                if running or self._attended:
                    raise TimeUp
                break  # a program in another process group still holds the output open
            self._exchange(min(left, _SOON))
            if running and self._popen.poll() is not None:
                running = False
                if not self._attended:
                    self._signal(signal.SIGKILL)
                    self._deadline = min(self._deadline, time.monotonic() + _GRACE)
        self._exchange(0)  # one more read takes everything that the pipe of standard error can hold
        return Ended(self._popen.returncode, bytes(self._output), bytes(self._complaints))

    @property
    def _said_all(self) -> bool:
        return self._popen.stdout is None or self._popen.stdout.closed

    def _exchange(self, seconds: float) -> None:
        """Write or read once on each pipe that is ready; if no pipe is ready, wait for one, at most `seconds`."""
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
        """Send a signal to the program, or to the process group that it leads.

        A process group can still have other programs after its leader has ended.
        """
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
