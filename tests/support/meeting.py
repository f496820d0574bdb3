"""Ping tests between two simulated hosts; the dialer is a process on one host, the listener on the other.

A program for one side is either the Python of a track (a pinned version of py-libp2p) or a peer (a program for the
ping test in Go, Rust or JavaScript). A track's dialer receives the listener's address through a pipe. A peer reads the
address only from a Redis, so each host has its own Redis if a side is a peer. Therefore no packet with an address
passes the router, which is the simulated network between the hosts.
"""

import os
import secrets
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import yaml
from host_redis import Mailbox, redis_on
from rolekit import APPLICATION, Ended, start_program, start_role
from steadily import steadily
from twohosts import Host, Network

from dev.matrix.plan import Test
from pingtest.report import Latency

TIMEOUT = 30.0  # The seconds that a dialer may take by default.
_AT_ONCE = 4  # The number of listeners that `meet` runs at once in each worker of pytest.
# A dialer is killed this number of seconds after its time limit, and a listener this number after the signal to end.
_GRACE = 30.0


def latency(dialed: Ended) -> Latency:
    """Return a dialer's measured latency in ms. Raises AssertionError if its ping failed."""
    assert dialed.status == 0, dialed.stderr
    figures = yaml.safe_load(dialed.stdout)["latency"]
    return Latency(figures["handshake_plus_one_rtt"], figures["ping_rtt"])


class Listener:
    """A listener on its host, and the address that it announced; the address is empty if it announced none."""

    def __init__(self, process: subprocess.Popen[str], address: str, log: IO[str]) -> None:
        self.address = address
        self._process = process
        self._log = log

    def stop(self) -> Ended:
        """Send SIGTERM to the listener, wait for its end, and return the result.

        `seconds` of the result is the time from the signal to the end.
        """
        told = time.monotonic()
        self._process.send_signal(signal.SIGTERM)  # Popen sends no signal if it knows that the process has ended.
        try:
            status = self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        seconds = time.monotonic() - told
        self._log.seek(0)
        return Ended(status, "", self._log.read(), seconds)


@contextmanager
def mailboxes(network: Network, programs: Iterable[Path]) -> Iterator[None]:
    """Run a Redis on each host during the block if any of the programs is a peer.

    Peers receive and announce addresses through these Redis servers.
    """
    with ExitStack() as both:
        if any(map(_is_peer, programs)):
            for host in (network.dialer, network.listener):
                both.enter_context(redis_on(host, "127.0.0.1"))
        yield


@contextmanager
def listening(network: Network, test: Test, program: Path, version: int = 4) -> Iterator[Listener]:
    """Run the test's listener during the block, at its host's IPv4 or IPv6 address.

    `program` is the program of the listener's side.
    """
    settings = _settings(test, "false", LISTENER_IP=network.listener.ip(version))
    with TemporaryFile("w+") as log, _listener(network, program, settings, log.fileno()) as (process, take):
        try:
            yield Listener(process, take(), log)
        finally:
            process.kill()


@contextmanager
def _listener(
    network: Network, program: Path, settings: Mapping[str, str], log: int
) -> Iterator[tuple[subprocess.Popen[str], Callable[[], str]]]:
    """Yield a listener's process, and a function that waits for the listener's address."""
    if _is_peer(program):
        key = secrets.token_hex(4)
        with start(network.listener, program, {**settings, **_by_mail(key)}, log) as process:
            yield process, partial(Mailbox(network.listener).take, key)
        return
    read_end, write_end = os.pipe()
    with os.fdopen(read_end) as told:
        try:
            process = start(network.listener, program, {**settings, "RENDEZVOUS_FD": str(write_end)}, log, write_end)
        finally:
            os.close(write_end)
        with process:
            # `read` returns when the listener closes the pipe, at the latest when the listener ends.
            yield process, told.read


def dial(
    network: Network,
    test: Test,
    program: Path,
    address: str,
    timeout: float = TIMEOUT,
    *,
    at_result: Callable[[], object] | None = None,
) -> Ended:
    """Run the test's dialer, wait until it ends, and return the result.

    The dialer dials `address` and has a time limit of `timeout` seconds. If the function `at_result` is given, it is
    called when the dialer writes to standard output or closes it.
    """
    settings = _settings(test, "true", TEST_TIMEOUT_SECS=f"{timeout:g}")
    # A dialer uses the address family of the address that it dials.
    settings["LISTENER_IP"] = "::" if address.startswith("/ip6/") else "0.0.0.0"
    started = time.monotonic()
    with _dialer(network, program, settings, address) as process:
        if at_result and process.stdout:
            select.select([process.stdout], [], [], timeout + _GRACE)
            at_result()
        try:
            stdout, stderr = process.communicate(timeout=timeout + _GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
        finally:
            process.kill()
    return Ended(process.returncode, stdout, stderr, time.monotonic() - started)


def _dialer(network: Network, program: Path, settings: Mapping[str, str], address: str) -> subprocess.Popen[str]:
    """Start a dialer, and give it the listener's address before it asks for the address."""
    if _is_peer(program):
        key = secrets.token_hex(4)
        Mailbox(network.dialer).put(key, address)
        return start(network.dialer, program, {**settings, **_by_mail(key)}, subprocess.PIPE)
    read_end, write_end = os.pipe()
    os.write(write_end, address.encode())
    os.close(write_end)
    try:
        return start(network.dialer, program, {**settings, "RENDEZVOUS_FD": str(read_end)}, subprocess.PIPE, read_end)
    finally:
        os.close(read_end)


@dataclass(frozen=True)
class Meeting:
    """How a test's dialer ended, and how its listener ended after the signal to end."""

    dialer: Ended
    listener: Ended


def meet(
    network: Network,
    tests: Iterable[Test],
    programs: Mapping[str, Path],
    *,
    version: int = 4,
    timeout: float = TIMEOUT,
    lossy: bool = False,
) -> dict[Test, Meeting]:
    """Run the tests and return a dict from test to result.

    Tests that need the same listener share it and run one after another; other tests may run at the same time.
    `programs` maps the name of a track or peer to its program. `version` is the version of IP, 4 or 6. `timeout` is a
    dialer's time limit in seconds. `lossy` says that the network loses packets.
    """

    def key(test: Test) -> tuple[str, ...]:
        return (test.listener, test.transport, test.secure_channel or "", test.muxer or "")

    def play(group: Sequence[Test]) -> dict[Test, Meeting]:
        first = group[0]
        with listening(network, first, programs[first.listener], version) as listener:

            def once(test: Test) -> Ended:
                return dial(network, test, programs[test.dialer], listener.address, timeout)

            dialed = {test: steadily(test, partial(once, test), lossy=lossy) for test in group}
            stopped = listener.stop()
        return {test: Meeting(ended, stopped) for test, ended in dialed.items()}

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        groups = [list(group) for _, group in groupby(sorted(tests, key=key), key)]
        return {test: met for some in pool.map(play, groups) for test, met in some.items()}


def _settings(test: Test, is_dialer: str, **more: str) -> dict[str, str]:
    choices = {"TRANSPORT": test.transport, "SECURE_CHANNEL": test.secure_channel, "MUXER": test.muxer}
    return {"IS_DIALER": is_dialer, **more} | {name: str(value) for name, value in choices.items() if value is not None}


def start(
    host: Host, program: Path, settings: Mapping[str, str], stderr: int, *descriptors: int
) -> subprocess.Popen[str]:
    """Start a dialer or listener on its host; `stderr` is a file descriptor, and the process inherits `descriptors`."""
    if _is_peer(program):
        return start_program(host.inside(program), settings, stderr=stderr, pass_fds=descriptors)
    return start_role(program, [APPLICATION], settings, stderr=stderr, pass_fds=descriptors, namespace=host.namespace)


def _is_peer(program: Path) -> bool:
    return program.name == "peer"


def _by_mail(key: str) -> dict[str, str]:
    return {"REDIS_ADDR": Mailbox.address, "TEST_KEY": key}
