"""Starts roles as processes, and simulates network faults, for the tests that start processes.

A role is one side of a ping test, the dialer or the listener. Its program is `ping_test.py`, or a peer: another program
for the ping test, such as `peers/go`. A track is one pinned version of libp2p, such as v0.4.
"""

import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redisserver import RedisServer
from role_starter import ForkedRole
from twohosts import inside

ROOT = Path(__file__).resolve().parents[2]
APPLICATION = ROOT / "ping_test.py"
FAULTY = Path(__file__).with_name("faulty_listener.py")
# Whether `scripts/quality coverage` runs the tests; coverage sets this variable for the processes of a test. Under
# coverage, a role takes longer to start and to end.
MEASURED = "COVERAGE_PROCESS_CONFIG" in os.environ
ROOM = 30.0
"""The seconds by which a process may exceed its time limit on a busy machine. A longer run is an error."""
PEER_ID = "12D3KooWDoW1ECce5j4jvpohvHFeMbDbgpQhPcj8xbyR2eXJjdDv"


@dataclass(frozen=True)
class Ended:
    """The result of a role: its exit status, its output, and the seconds that it took."""

    status: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def lines(self) -> list[str]:
        """Return the lines on standard error that come from ping_test.py or a peer, and not from a library."""
        return [line for line in self.stderr.splitlines() if line.startswith(("ping_test: ", "peer-"))]

    @property
    def error(self) -> str:
        """Return `lines` as one text."""
        return "\n".join(self.lines)


def unified(is_dialer: bool, redis: str, key: str, **changes: str | None) -> dict[str, str]:
    """Return the environment variables that the harness unified-testing sets for a role.

    The test is tcp, noise and yamux on loopback. `changes` sets other values; the value None removes a variable.
    """
    settings: dict[str, str | None] = {
        "IS_DIALER": str(is_dialer).lower(),
        "REDIS_ADDR": redis,
        "TEST_KEY": key,
        "TRANSPORT": "tcp",
        "SECURE_CHANNEL": "noise",
        "MUXER": "yamux",
        "LISTENER_IP": "127.0.0.1",
        "TEST_TIMEOUT_SECS": "20",
    }
    return {name: value for name, value in (settings | changes).items() if value is not None}


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return all environment variables of a role: a few of this process, and the settings."""
    kept = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_CONFIG")
    return {name: os.environ[name] for name in kept if name in os.environ} | dict(settings)


def start_role(
    python: Path,
    words: Sequence[str | Path],
    settings: Mapping[str, str],
    *,
    stderr: int = subprocess.PIPE,
    pass_fds: Sequence[int] = (),
    namespace: str | None = None,
) -> subprocess.Popen[str]:
    """Start `words`, a Python program and its arguments, with the Python of a track's environment.

    `namespace` is the path of the process's network namespace; None means the present namespace. The process
    begins as a fork, which is several times faster than a new Python (see role_server.py). Under coverage it begins as
    a new Python.
    """
    if not MEASURED:
        return ForkedRole(python, words, environment(settings), stderr=stderr, pass_fds=pass_fds, namespace=namespace)
    command = [python, *words] if namespace is None else inside(namespace, python, *words)
    return start_program(command, settings, stderr=stderr, pass_fds=pass_fds)


def start_program(
    words: Sequence[str | Path],
    settings: Mapping[str, str],
    *,
    stderr: int = subprocess.PIPE,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[str]:
    """Start a program as a role. The program need not be Python: for example, it can be a peer."""
    return subprocess.Popen(
        words,
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        cwd=ROOT,
        pass_fds=pass_fds,
    )


def play(
    python: Path | None,
    settings: Mapping[str, str],
    *arguments: str,
    application: Path = APPLICATION,
    limit: float = 60.0,
) -> Ended:
    """Run a role and wait for its end.

    `python` runs `application`; with None, `application` is itself a program, such as a peer. Raises
    subprocess.TimeoutExpired after `limit` seconds.
    """
    started = time.monotonic()
    pass_fds = [int(settings["RENDEZVOUS_FD"])] if "RENDEZVOUS_FD" in settings else []
    words: list[str | Path] = [application, *arguments]
    with (
        start_program(words, settings, pass_fds=pass_fds)
        if python is None
        else start_role(python, words, settings, pass_fds=pass_fds)
    ) as process:
        try:
            stdout, stderr = process.communicate(timeout=limit)
        except BaseException:
            process.kill()
            raise
    return Ended(process.returncode, stdout, stderr, time.monotonic() - started)


@contextmanager
def running(
    python: Path | None, settings: Mapping[str, str], *arguments: str, application: Path = APPLICATION
) -> Iterator[subprocess.Popen[str]]:
    """Run a role in the background during the block, and end it with SIGTERM after the block.

    `python` and `application` have the same meaning as for `play`.
    """
    words: list[str | Path] = [application, *arguments]
    with start_program(words, settings) if python is None else start_role(python, words, settings) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.communicate(timeout=ROOM)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def dial_at_once(
    python: Path | None, redis: RedisServer, key: str, dialers: int, application: Path = APPLICATION
) -> list[Ended]:
    """Run a listener, let this number of dialers dial it in the same moment, and return how the dialers ended.

    `python` and `application` have the same meaning as for `play`.
    """
    settings, where = unified(True, redis.address, key), f"{key}_listener_multiaddr"
    listener = running(python, {**settings, "IS_DIALER": "false"}, application=application)
    with listener, ThreadPoolExecutor(dialers) as pool:
        address = redis.command("BLPOP", where, "20").splitlines()[4]
        ended = [pool.submit(play, python, settings, application=application) for _ in range(dialers)]
        while redis.command("CLIENT", "LIST").count("cmd=blpop") < dialers:
            time.sleep(0.02)
        redis.command("RPUSH", where, *[address] * dialers)
        return [one.result() for one in ended]


def wait_for_line(process: subprocess.Popen[str], text: str) -> str:
    """Return the first line on a process's standard error that contains the text.

    Raises AssertionError if the process ends without such a line.
    """
    assert process.stderr is not None
    for line in process.stderr:
        if text in line:
            return line
    raise AssertionError(f"expected a line with {text!r}, found the end of the process")


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """Run a TCP server on loopback during the block; call `answer` for each connection, and yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                threading.Thread(target=guarded, args=[connection], daemon=True).start()

        def guarded(connection: socket.socket) -> None:
            with connection:
                try:
                    answer(connection)
                except OSError:
                    return  # The other side may close the connection at any time.

        threading.Thread(target=accept, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def say_nothing(connection: socket.socket) -> None:
    """Read from the connection and never answer."""
    while connection.recv(65536):
        pass


@contextmanager
def black_hole() -> Iterator[int]:
    """Yield a port on loopback that does not answer: its queue of new connections is full, and stays full."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting: list[socket.socket] = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(listening.getsockname())
            waiting.append(client)
        try:
            yield listening.getsockname()[1]
        finally:
            for client in waiting:
                client.close()
