"""One test as two processes: over an inherited pipe, with no Redis and nothing to clean up, or as roles of any kind."""

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
# How long the dialer may take beyond the test's own time, which it keeps itself; seconds.
_GRACE = 5.0
# How long it may take to see that the listener has gone, and a listener to stop; seconds.
_PARTING = 2.0
_LONGEST = 65_536  # bytes of standard output that are read as a result
# The two programs' own lines about a failure, among those of the libraries.
_OWN = re.compile(r"(ping_test|peer-[a-z]+): .*\bexpected\b")


@dataclass(frozen=True)
class Role:
    """What starts one side of a test, and the inherited descriptor of a pipe, closed here once both sides have it."""

    command: Sequence[str | Path]
    settings: Mapping[str, str]
    descriptor: int | None = None


@dataclass(frozen=True)
class Result:
    """How a test ended: `latency` if the ping came back, else `error`, the dialer's or listener's own line."""

    test: Test
    seconds: float
    latency: Latency | None
    error: str
    log: str = ""
    """What both roles wrote to standard error."""

    @property
    def status(self) -> str:
        """`pass` and `fail`; `limit`: fails as the library is known to; `unexpected`: passes against its limit."""
        if self.latency:
            return "unexpected" if self.test.limit else "pass"
        return "limit" if self.test.limit and re.search(self.test.limit.shows, self.error) else "fail"


def run_test(test: Test, pythons: Mapping[str, Path], timeout: float) -> Result:
    """Start both roles together, as a harness does, and wait for the dialer; `timeout` in seconds."""
    read_end, write_end = os.pipe()

    def role(name: str, descriptor: int, is_dialer: bool) -> Role:
        settings = role_settings(test, timeout, is_dialer) | {"RENDEZVOUS_FD": str(descriptor)}
        return Role([pythons[name], APPLICATION], settings, descriptor)

    return run_roles(test, role(test.listener, write_end, False), role(test.dialer, read_end, True), timeout)


def run_roles(test: Test, listener: Role, dialer: Role, timeout: float, group: int = -1) -> Result:
    """Start both roles together, in a process group if one is given, and wait for the dialer; then end the listener."""
    started = time.monotonic()
    with TemporaryFile("w+") as told, TemporaryFile("w+") as said:
        with ExitStack() as processes:  # however this ends, an interruption included, they end with it
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
        own = [f"expected the listener to stay until the dialer has ended, found it gone with status {left}"]
    elif not ended:
        own.append(f"the dialer outlived its time of {timeout:g} s and was killed")
    return Result(test, seconds, None, (own or [*complaints.splitlines(), *lines, "no word from the dialer"])[0], log)


def role_settings(test: Test, timeout: float, is_dialer: bool, ip: str = "127.0.0.1") -> dict[str, str]:
    """A role's variables of unified-testing, but for its rendezvous."""
    return {
        "IS_DIALER": str(is_dialer).lower(),
        "TRANSPORT": test.transport,
        "SECURE_CHANNEL": test.secure_channel or "",
        "MUXER": test.muxer or "",
        "LISTENER_IP": ip,
        "TEST_TIMEOUT_SECS": f"{timeout:g}",
    }


def role_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """A role's environment: its settings and this process's variables, but for those that change what Python does."""
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
    """Stop it as a harness does; one that does not stop is killed."""
    with process:
        process.terminate()
        try:
            process.wait(_PARTING)
        except subprocess.TimeoutExpired:
            process.kill()


def _until_dialed(
    dialer: "subprocess.Popen[bytes]", listener: "subprocess.Popen[bytes]", seconds: float
) -> tuple[str, bool]:
    """What the dialer printed, and whether it ended in time; a listener that ends first leaves it no more of that."""
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
    """The figures of the harness's document; None where it is none."""
    try:
        figures = yaml.safe_load(out)["latency"]
        return Latency(float(figures["handshake_plus_one_rtt"]), float(figures["ping_rtt"]))
    except (yaml.YAMLError, TypeError, KeyError, ValueError):
        return None
