"""Helpers for tests of the peers in `peers/`, which are further programs for the ping test.

A peer is a process that plays one role, the dialer or the listener.
"""

import shutil
import subprocess
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
from redisserver import RedisServer
from rolekit import ROOT, Ended, environment, play, running

# The result that a dialer prints; every figure has three decimals.
RESULT = r"latency:\n  handshake_plus_one_rtt: (\d+\.\d{3})\n  ping_rtt: (\d+\.\d{3})\n  unit: ms\n"


@dataclass(frozen=True)
class Peer:
    """The peer in `peers/NAME`; `built` is a path below `.cache/peers/NAME` that exists once the peer is built."""

    name: str
    built: str

    @property
    def program(self) -> Path:
        """Return the path of the script that starts the peer."""
        return ROOT / "peers" / self.name / "peer"

    @property
    def marks(self) -> list[pytest.MarkDecorator]:
        """Return the pytest marks of every test of the peer; one mark skips the test if the peer is not built."""
        missing = not (ROOT / ".cache" / "peers" / self.name / self.built).exists()
        why = f"the {self.name} peer is not built; scripts/matrix --build {self.name}"
        needs = pytest.mark
        return [needs.peers, needs.processes, needs.redis, needs.skipif(missing, reason=why)]

    def play(self, settings: dict[str, str]) -> Ended:
        """Run the peer with these environment variables and wait for its end."""
        return play(None, settings, application=self.program)

    def running(self, settings: dict[str, str]) -> AbstractContextManager[subprocess.Popen[str]]:
        """Return a context manager that runs the peer in the background during its block."""
        return running(None, settings, application=self.program)

    def fails_in_one_line(self, ended: Ended, status: int, *parts: str) -> None:
        """Assert that the peer ended with `status`, no result, and one line on standard error with all of `parts`."""
        assert (ended.status, ended.stdout) == (status, ""), ended.stderr
        assert ended.stderr.startswith(f"peer-{self.name}: ")
        assert ended.stderr.count("\n") == 1, ended.stderr
        for part in ("expected", *parts):
            assert part in ended.stderr

    def run_unbuilt(self, checkout: Path) -> Ended:
        """Run the peer in an empty checkout, in which nothing is built."""
        copy = checkout / "peers" / self.name / "peer"
        copy.parent.mkdir(parents=True)
        shutil.copy(self.program, copy)
        done = subprocess.run([copy], env=environment({}), capture_output=True, text=True, check=False)
        return Ended(done.returncode, done.stdout, done.stderr, 0.0)


def announced(redis: RedisServer, key: str) -> str:
    """Return the address that the listener of the test `key` has announced in Redis."""
    return redis.command("LRANGE", f"{key}_listener_multiaddr", "0", "-1").splitlines()[2]


def announce(redis: RedisServer, key: str, address: str) -> None:
    """Announce an address in Redis, as the listener of the test `key` would."""
    redis.command("RPUSH", f"{key}_listener_multiaddr", address)
