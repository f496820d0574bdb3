"""Run one ping test as two processes, a dialer and a listener.

`run_test` runs both with py-libp2p. The listener sends its address through a pipe that both processes inherit, so that
the test needs no Redis. `run_roles` starts any two commands.
"""

import os
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from tempfile import TemporaryFile
from typing import IO

import yaml

from dev.matrix.plan import Test
from pingtest.report import Latency

APPLICATION = Path(__file__).resolve().parents[2] / "ping_test.py"
# The seconds that the dialer may take beyond the test's timeout. The dialer itself ends at the timeout.
_GRACE = 5.0
# The seconds that the dialer may take to notice that the listener has ended, and that a process may take to stop.
_PARTING = 2.0
_LONGEST = 65_536  # bytes of standard output that can belong to a result
# Matches the lines that the test programs print about a failure. The lines that the libraries print do not match.
_OWN = re.compile(r"(ping_test|peer-[a-z]+): .*\bexpected\b")


@dataclass(frozen=True)
class Role:
    """The command and the environment variables that start one side of a test, the dialer or the listener.

    `descriptor` is one end of a pipe, which the process of this side inherits, or None if it inherits no pipe. After
    both sides have started, `run_roles` closes this end in its own process.
    """

    command: Sequence[str | Path]
    settings: Mapping[str, str]
    descriptor: int | None = None


@dataclass(frozen=True)
class Result:
    """The result of one attempt at a test, which took `seconds`.

    If the ping came back, the result has `latency`. Otherwise `latency` is None, and `error` is the line of the error.
    """

    test: Test
    seconds: float
    latency: Latency | None
    error: str
    log: str = ""
    """The standard error of the dialer and the listener."""

    @property
    def status(self) -> str:
        """Return the status: `pass`, `fail`, `limit` or `unexpected`.

        `limit` is a failure that a known bug or missing feature of a library explains. `unexpected` is a pass of a test
        that should fail because of a known limit.
        """
        if self.latency:
            return "unexpected" if self.test.limit else "pass"
        return "limit" if self.test.limit and re.search(self.test.limit.shows, self.error) else "fail"


def run_test(test: Test, pythons: Mapping[str, Path], timeout: float) -> Result:
    """Start both roles at the same time, as unified-testing does, and return the result.

    `pythons` is a dict from track (a pinned version of py-libp2p) to the environment's Python. `timeout` is in seconds.
    """
    read_end, write_end = os.pipe()

    def role(name: str, descriptor: int, is_dialer: bool) -> Role:
        settings = role_settings(test, timeout, is_dialer) | {"RENDEZVOUS_FD": str(descriptor)}
        return Role([pythons[name], APPLICATION], settings, descriptor)

    return run_roles(test, role(test.listener, write_end, False), role(test.dialer, read_end, True), timeout)


def run_roles(test: Test, listener: Role, dialer: Role, timeout: float, group: int = -1) -> Result:
    """Start both roles at the same time, wait for the dialer, end the listener and return the result.

    `timeout` is in seconds. `group` is the process group of both roles; -1 leaves them in the group of this process.
    """
    started = time.monotonic()
    with TemporaryFile("w+") as told, TemporaryFile("w+") as said:
        with ExitStack() as processes:  # both processes end with this block, even after an interruption
            try:
                listening = _start(listener, told, group, processes)
                dialing = _start(dialer, said, group, processes)
            finally:
                for role in (listener, dialer):
                    if role.descriptor is not None:
                        os.close(role.descriptor)
            out, ended = _until_dialed(dialing, listening, timeout + _GRACE)
            left = listening.poll()
        seconds = time.monotonic() - started
        told.seek(0)
        said.seek(0)
        heard, complaints = told.read(), said.read()
    log = f"== listener {test.listener}\n{heard}== dialer {test.dialer}\n{complaints}"
    latency = _latency(out) if dialing.returncode == 0 else None
    if latency:
        return Result(test, seconds, latency, "", log)
    lines = [*heard.splitlines(), *complaints.splitlines()]
    own = [line for line in lines if _OWN.match(line)]
    if dialing.returncode == 0:
        own = [f"expected the dialer to print a result, found {out[:60]!r}"]
    elif left is not None and not own:
        own = [f"expected the listener to run until the dialer ends, found that it ended with status {left}"]
    elif not ended:
        own.append(f"expected the dialer to end within {timeout:g} s, found it still running and killed it")
    nothing = "expected a line from the dialer, found none"
    return Result(test, seconds, None, (own or [*complaints.splitlines(), *lines, nothing])[0], log)


def role_settings(test: Test, timeout: float, is_dialer: bool, ip: str = "127.0.0.1") -> dict[str, str]:
    """Return the variables that describe a test to a role, in the form of the harness unified-testing.

    The listener listens on `ip`, and `timeout` is in seconds. The variables through which the two roles find each other
    are not included.
    """
    return {
        "IS_DIALER": str(is_dialer).lower(),
        "TRANSPORT": test.transport,
        "SECURE_CHANNEL": test.secure_channel or "",
        "MUXER": test.muxer or "",
        "LISTENER_IP": ip,
        "TEST_TIMEOUT_SECS": f"{timeout:g}",
    }


def role_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return a role's environment: its settings, and this process's variables except those that begin with PYTHON."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | dict(settings)


def _start(role: Role, log: IO[str], group: int, processes: ExitStack) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        role.command,
        env=role_environment(role.settings),
        pass_fds=[] if role.descriptor is None else [role.descriptor],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        process_group=group,
    )
    processes.callback(_end, process)
    return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ask a process to stop, as unified-testing does. Kill the process if it does not stop in `_PARTING` seconds."""
    with process:
        process.terminate()
        try:
            process.wait(_PARTING)
        except subprocess.TimeoutExpired:
            process.kill()


def _until_dialed(
    dialer: "subprocess.Popen[bytes]", listener: "subprocess.Popen[bytes]", seconds: float
) -> tuple[str, bool]:
    """Return the standard output of the dialer, and whether the dialer ended in time, that is, within `seconds`.

    Kill a dialer that does not end in time. If the listener ends first, the dialer has only `_PARTING` more seconds.
    """
    assert dialer.stdout is not None and listener.stdout is not None  # noqa: S101, PT018 - they are pipes
    out, until = b"", time.monotonic() + seconds
    with DefaultSelector() as streams:
        streams.register(dialer.stdout, EVENT_READ, dialer)
        streams.register(listener.stdout, EVENT_READ, listener)
        while ready := streams.select(max(0.0, until - time.monotonic())):
            for key, _ in ready:
                data = os.read(key.fd, 4096)
                if key.data is dialer:
                    out = (out + data)[:_LONGEST]
                if not data:
                    streams.unregister(key.fileobj)
                    until = min(until, time.monotonic() + _PARTING)
            if dialer.stdout not in streams.get_map():
                break
    try:
        dialer.wait(max(0.1, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        dialer.kill()
        dialer.wait()
        return out.decode("utf-8", "replace"), False
    return out.decode("utf-8", "replace"), True


def _latency(out: str) -> Latency | None:
    """Return the figures in `out`, the output of a dialer; None if `out` has the format of neither harness."""
    try:
        figures = yaml.safe_load(out)  # JSON is YAML too
        if "latency" not in figures:  # the form of test-plans
            return Latency(float(figures["handshakePlusOneRTTMillis"]), float(figures["pingRTTMilllis"]))
        figures = figures["latency"]
        return Latency(float(figures["handshake_plus_one_rtt"]), float(figures["ping_rtt"]))
    except (yaml.YAMLError, TypeError, KeyError, ValueError):
        return None
