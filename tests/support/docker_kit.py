"""Containers for tests, as a harness starts them, and the image of the old recipe."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.doors.devcontainer import pinned_redis
from dev.doors.engine import Engine
from dev.doors.image import certificates, find_image
from dev.doors.offline.base import REDIS
from dev.evidence.runs import read_evidence
from dev.lockenv.project import Project, this_project
from dev.matrix.plan import Test

# As the images are meant to be run: nothing can be written, nothing is allowed beyond what a process needs.
HARDENED = (
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--user=12345",
)


def redis_image(engine: Engine) -> str:
    """The Redis of compose.yaml, or the stand-in for it where that is here."""
    wanted = os.environ.get("REDIS_IMAGE")
    return find_image(engine, "redis", wanted, pinned_redis(this_project()), REDIS.tag)[0]


@dataclass(frozen=True)
class Exit:
    """How a container ended: its status and what it wrote."""

    status: int
    out: str
    err: str


class Docker:
    """A network, a Redis in it, and containers beside it; `close` takes all away."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self.network = name
        self._started: list[str] = []
        self.run("network", "create", name)
        self.redis = self.start("redis", redis_image(engine), {}, "--save", "", "--appendonly", "no")
        self._ready()

    def run(self, *arguments: str) -> str:
        """A docker command that must succeed."""
        return self._engine.run(arguments, purpose=f"docker {arguments[0]}")

    def start(
        self, name: str, image: str, environ: Mapping[str, str], *command: str, options: tuple[str, ...] = ()
    ) -> str:
        """A container in the background; its name in the network."""
        full = f"{self.network}-{name}"
        self._started.append(full)
        self.run("run", "-d", "--name", full, "--network", self.network, *options, *_environ(environ), image, *command)
        return full

    def play(self, image: str, environ: Mapping[str, str], options: tuple[str, ...] = HARDENED) -> Exit:
        """A container to its end."""
        done = subprocess.run(
            self.command(image, environ, options), capture_output=True, text=True, check=False, timeout=90
        )
        return Exit(done.returncode, done.stdout, done.stderr)

    def command(self, image: str, environ: Mapping[str, str], options: tuple[str, ...] = HARDENED) -> list[str]:
        """What runs a container to its end."""
        return [
            *(self._engine.program, "run", "--rm", "--init", "--network", self.network),
            *(*options, *_environ(environ), image),
        ]

    def wait(self, name: str) -> Exit:
        """Wait for a container that was started."""
        status = int(self.run("wait", name))
        logs = subprocess.run([self._engine.program, "logs", name], capture_output=True, text=True, check=False)
        return Exit(status, logs.stdout, logs.stderr)

    def address(self, name: str) -> str:
        """A container's own address."""
        networks = json.loads(self.run("inspect", name))[0]["NetworkSettings"]["Networks"]
        return str(networks[self.network]["IPAddress"])

    def gateway(self) -> str:
        """This machine's address in the network."""
        return str(json.loads(self.run("network", "inspect", self.network))[0]["IPAM"]["Config"][0]["Gateway"])

    def close(self) -> None:
        """Take everything away."""
        for name in self._started:
            subprocess.run([self._engine.program, "rm", "--force", name], capture_output=True, check=False)
        subprocess.run([self._engine.program, "network", "rm", self.network], capture_output=True, check=False)

    def _ready(self) -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if "PONG" in self.run("exec", self.redis, "redis-cli", "ping"):
                return
            time.sleep(0.1)
        raise AssertionError("redis did not answer")


def _environ(environ: Mapping[str, str]) -> list[str]:
    return [word for name, value in environ.items() for word in ("--env", f"{name}={value}")]


def unified(test: Test, key: str, redis: str, *, is_dialer: bool) -> dict[str, str]:
    """A role's variables, as unified-testing's compose files have them."""
    found = {
        "IS_DIALER": str(is_dialer).lower(),
        "REDIS_ADDR": redis,
        "TEST_KEY": key,
        "TRANSPORT": test.transport.value,
        "LISTENER_IP": "0.0.0.0",
        "DEBUG": "false",
        "TEST_TIMEOUT_SECS": "60",
    }
    if test.secure_channel and test.muxer:
        found |= {"SECURE_CHANNEL": test.secure_channel.value, "MUXER": test.muxer.value}
    return found


def build_old(engine: Engine, project: Project, base: str, folder: Path) -> dict[str, str]:
    """The old recipe with the releases of 2025-11-08 as recorded; its tags before and after the uninstall step."""
    context = folder / "context"
    shutil.copytree(project.root / "tests" / "container" / "old", context)
    pins = "\n".join(read_evidence().incident.resolved)
    (context / "pins.txt").write_text(f"{pins}\n")
    shutil.copy(project.root / "ping_test.py", context)
    found = {}
    for target in ("installed", "worked-around"):
        found[target] = f"py-libp2p-ping-test-old:{target}"
        secret = [f"--secret=id=ca,src={path}" for path in certificates()]
        command = ["buildx", "build", "--load", "--provenance=false", "--build-arg", f"BASE_IMAGE={base}", *secret]
        engine.run([*command, "--target", target, "--tag", found[target], context], purpose=f"building {target}")
    return found


def bridged(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a role as a process of this machine, which has nothing of the tests' own."""
    return {"PATH": os.environ["PATH"], **environ}
