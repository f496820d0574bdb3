"""One test as two processes, over an inherited pipe: no Redis, nothing to clean up."""

import os
import re
import subprocess
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import yaml

from pingtest.matrix.plan import Test
from pingtest.report import Latency

APPLICATION = Path(__file__).resolve().parents[2] / "ping_test.py"
# How long the dialer may take beyond the test's own time, which it keeps itself; seconds.
_GRACE = 5.0


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
    started = time.monotonic()
    read_end, write_end = os.pipe()
    with TemporaryFile("w+") as log:
        with ExitStack() as processes:  # however this ends, an interruption included, they end with it
            try:
                listener = _start(test, pythons[test.listener], write_end, timeout, log.fileno(), is_dialer=False)
                processes.enter_context(listener)
                processes.callback(listener.terminate)
                dialer = _start(test, pythons[test.dialer], read_end, timeout, subprocess.PIPE, is_dialer=True)
                processes.enter_context(dialer)
                processes.callback(dialer.kill)
            finally:
                os.close(read_end)
                os.close(write_end)
            try:
                out, err = dialer.communicate(timeout=timeout + _GRACE)
            except subprocess.TimeoutExpired:
                out, err = "", f"the dialer outlived its time of {timeout:g} s and was killed"
        seconds = time.monotonic() - started
        log.seek(0)
        told = log.read()
    if dialer.returncode == 0:
        figures = yaml.safe_load(out)["latency"]
        return Result(test, seconds, Latency(figures["handshake_plus_one_rtt"], figures["ping_rtt"]), "", told + err)
    failed = [line for line in (told + err).splitlines() if line.startswith("ping_test: ")]
    error = (failed or [*err.splitlines(), "no word from the dialer"])[0]
    return Result(test, seconds, None, error, told + err)


def role_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """A role's environment: its settings and this process's variables, but for those that change what Python does."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | dict(settings)


def _start(
    test: Test, python: Path, descriptor: int, timeout: float, stderr: int, *, is_dialer: bool
) -> subprocess.Popen[str]:
    settings = {
        "IS_DIALER": str(is_dialer).lower(),
        "RENDEZVOUS_FD": str(descriptor),
        "TRANSPORT": test.transport,
        "SECURE_CHANNEL": test.secure_channel or "",
        "MUXER": test.muxer or "",
        "LISTENER_IP": "127.0.0.1",
        "TEST_TIMEOUT_SECS": f"{timeout:g}",
    }
    return subprocess.Popen(
        [python, APPLICATION],
        env=role_environment(settings),
        pass_fds=[descriptor],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if is_dialer else subprocess.DEVNULL,
        stderr=stderr,
        text=True,
    )
