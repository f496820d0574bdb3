"""Ping tests between two hosts: each role a process of its own host, the address told through pipes."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import yaml
from rolekit import APPLICATION, ROOT, Ended, environment
from steadily import steadily
from twohosts import Host, Network

from pingtest.matrix.plan import Test
from pingtest.report import Latency

TIMEOUT = 30.0  # seconds that a dialer has, unless it is told
_AT_ONCE = 6  # meetings: they wait for packets more than they compute
_GRACE = 5.0  # seconds beyond its time until a dialer is killed, and that a listener has to end when told


def latency(dialed: Ended) -> Latency:
    """What a dialer measured; an assertion where its ping did not come back."""
    assert dialed.status == 0, dialed.stderr
    figures = yaml.safe_load(dialed.stdout)["latency"]
    return Latency(figures["handshake_plus_one_rtt"], figures["ping_rtt"])


class Listener:
    """A listener on its host, and the address that it announced: empty where it ended instead."""

    def __init__(self, process: subprocess.Popen[str], address: str, log: IO[str]) -> None:
        self.address = address
        self._process = process
        self._log = log

    def stop(self) -> Ended:
        """Tell it to end; `seconds` is what that took."""
        told = time.monotonic()
        self._process.send_signal(signal.SIGTERM)  # none is sent to one that has ended by itself
        try:
            status = self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        seconds = time.monotonic() - told
        self._log.seek(0)
        return Ended(status, "", self._log.read(), seconds)


@contextmanager
def listening(network: Network, test: Test, python: Path, version: int = 4) -> Iterator[Listener]:
    """The test's listener, at its host's own address, while the block runs."""
    read_end, write_end = os.pipe()
    settings = _settings(test, "false", LISTENER_IP=network.listener.ip(version), RENDEZVOUS_FD=str(write_end))
    with TemporaryFile("w+") as log, os.fdopen(read_end) as told:
        try:
            process = start(network.listener, python, settings, log.fileno(), write_end)
        finally:
            os.close(write_end)
        with process:
            try:
                address = told.read()  # it lets go of the pipe, be it by its end
                yield Listener(process, address, log)
            finally:
                process.kill()


def dial(
    network: Network,
    test: Test,
    python: Path,
    address: str,
    timeout: float = TIMEOUT,
    *,
    at_result: Callable[[], object] | None = None,
) -> Ended:
    """Run the test's dialer to its end; `at_result` is called when its standard output has something or ends."""
    read_end, write_end = os.pipe()
    os.write(write_end, address.encode())
    os.close(write_end)
    settings = _settings(test, "true", TEST_TIMEOUT_SECS=f"{timeout:g}", RENDEZVOUS_FD=str(read_end))
    # A dialer's host is of the family that it dials.
    settings["LISTENER_IP"] = "::" if address.startswith("/ip6/") else "0.0.0.0"
    started = time.monotonic()
    try:
        process = start(network.dialer, python, settings, subprocess.PIPE, read_end)
    finally:
        os.close(read_end)
    with process:
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


@dataclass(frozen=True)
class Meeting:
    """How a test's dialer ended, and its listener once told to."""

    dialer: Ended
    listener: Ended


def meet(
    network: Network,
    tests: Iterable[Test],
    pythons: Mapping[str, Path],
    *,
    version: int = 4,
    timeout: float = TIMEOUT,
) -> dict[Test, Meeting]:
    """Play the tests, some at once; those of one listener one after the other, with that listener."""

    def key(test: Test) -> tuple[str, ...]:
        return (test.listener, test.transport, test.secure_channel or "", test.muxer or "")

    def play(group: Sequence[Test]) -> dict[Test, Meeting]:
        first = group[0]
        with listening(network, first, pythons[first.listener], version) as listener:

            def once(test: Test) -> Ended:
                return dial(network, test, pythons[test.dialer], listener.address, timeout)

            dialed = {test: steadily(test, partial(once, test)) for test in group}
            stopped = listener.stop()
        return {test: Meeting(ended, stopped) for test, ended in dialed.items()}

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        groups = [list(group) for _, group in groupby(sorted(tests, key=key), key)]
        return {test: met for some in pool.map(play, groups) for test, met in some.items()}


def _settings(test: Test, is_dialer: str, **more: str) -> dict[str, str]:
    choices = {"TRANSPORT": test.transport, "SECURE_CHANNEL": test.secure_channel, "MUXER": test.muxer}
    return {"IS_DIALER": is_dialer, **more} | {name: str(value) for name, value in choices.items() if value is not None}


def start(
    host: Host, python: Path, settings: Mapping[str, str], stderr: int, *descriptors: int
) -> subprocess.Popen[str]:
    """A role on its host, which inherits the descriptors."""
    return subprocess.Popen(
        host.inside(python, APPLICATION),
        env=environment(settings),
        pass_fds=descriptors,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        cwd=ROOT,
    )
