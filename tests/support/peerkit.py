"""A peer of another implementation as a process, and the one line in which it must fail."""

import shutil
import subprocess
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
from redisserver import RedisServer
from rolekit import ROOT, Ended, environment, play, running

_SHELL = Path("/bin/sh")  # a peer is a shell script that becomes the node
# Every figure has three decimals.
RESULT = r"latency:\n  handshake_plus_one_rtt: (\d+\.\d{3})\n  ping_rtt: (\d+\.\d{3})\n  unit: ms\n"


@dataclass(frozen=True)
class Peer:
    """The peer in `peers/NAME`, and the path below `.cache/peers/NAME` that is there once it is built."""

    name: str
    built: str

    @property
    def program(self) -> Path:
        """Return the script that starts it."""
        return ROOT / "peers" / self.name / "peer"

    @property
    def marks(self) -> list[pytest.MarkDecorator]:
        """Return the marks of every test of it."""
        missing = not (ROOT / ".cache" / "peers" / self.name / self.built).exists()
        why = f"the {self.name} peer is not built; build it with: scripts/matrix --build {self.name}"
        needs = pytest.mark
        return [needs.peers, needs.processes, needs.redis, needs.skipif(missing, reason=why)]

    def play(self, settings: dict[str, str]) -> Ended:
        """Run a role to its end."""
        return play(_SHELL, settings, application=self.program)

    def running(self, settings: dict[str, str]) -> AbstractContextManager[subprocess.Popen[str]]:
        """Run a role in the background while the block runs."""
        return running(_SHELL, settings, application=self.program)

    def fails_in_one_line(self, ended: Ended, status: int, *parts: str) -> None:
        """Assert that a role ended with `status`, no result, and one line that contains every one of `parts`."""
        assert (ended.status, ended.stdout) == (status, ""), ended.stderr
        assert ended.stderr.startswith(f"peer-{self.name}: ")
        assert ended.stderr.count("\n") == 1, ended.stderr
        for part in ("expected", *parts):
            assert part in ended.stderr

    def run_unbuilt(self, checkout: Path) -> Ended:
        """Run it in an empty checkout, where nothing is built."""
        copy = checkout / "peers" / self.name / "peer"
        copy.parent.mkdir(parents=True)
        shutil.copy(self.program, copy)
        done = subprocess.run([copy], env=environment({}), capture_output=True, text=True, check=False)
        return Ended(done.returncode, done.stdout, done.stderr, 0.0)


def announced(redis: RedisServer, key: str) -> str:
    """Return the address that a listener has announced."""
    return redis.command("LRANGE", f"{key}_listener_multiaddr", "0", "-1").splitlines()[2]


def announce(redis: RedisServer, key: str, address: str) -> None:
    """Announce an address in place of a listener."""
    redis.command("RPUSH", f"{key}_listener_multiaddr", address)
