"""Containers for tests, as a harness starts them, and the image of the old recipe."""

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.doors.bases import find_redis
from dev.doors.build_secrets import build_secrets
from dev.doors.engine import Container, Engine
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


# What a docker answers that has everything, a base, and images once they are built.
BUILDS = 'case "$1 $2" in "image inspect") echo sha256:1 ;; "version --format") echo 26.1.5 ;; esac'
NO_ENGINE_HOW = (
    "install Docker 23 or later with its buildx and compose plugins, or on Debian, as root: scripts/offline engine"
)


@dataclass(frozen=True)
class DockerFolders:
    """The two folders in which a docker is looked for."""

    first: Path
    second: Path


@dataclass(frozen=True)
class Exit:
    """How a container ended: its status and what it wrote."""

    status: int
    out: str
    err: str


class Docker:
    """A network, a Redis in it, and containers next to it; `close` removes everything."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self.network = name
        self._started: list[str] = []
        engine.create("network", name)
        self.redis = self.start("redis", find_redis(engine, this_project()), {}, "--save", "", "--appendonly", "no")
        self._ready()

    def start(
        self, name: str, image: str, environ: Mapping[str, str], *command: str, options: tuple[str, ...] = ()
    ) -> str:
        """Start a container in the background; return its name in the network."""
        full = f"{self.network}-{name}"
        self._started.append(full)
        made = Container(image, command, name=full, network=self.network, environment=environ, options=options)
        self._engine.start(made, purpose=f"starting {name}")
        return full

    def play(self, image: str, environ: Mapping[str, str], options: tuple[str, ...] = HARDENED) -> Exit:
        """Run a container to its end."""
        return _exit(self.command(image, environ, options))

    def command(self, image: str, environ: Mapping[str, str], options: tuple[str, ...] = HARDENED) -> list[str]:
        """Return the command that runs a container to its end."""
        return self._engine.command(
            Container(image, network=self.network, environment=environ, init=True, options=options)
        )

    def redis_command(self, *words: str) -> str:
        """Run a command of Redis in its container; return the answer."""
        return self._engine.execute(self.redis, ["redis-cli", *words], purpose="asking redis")

    def is_running(self, name: str) -> bool:
        """Return whether a container that was started still runs."""
        return bool(self._engine.inspect(name)["State"]["Running"])

    def stop(self, name: str) -> None:
        """Stop a container that was started, as a harness does."""
        self._engine.ask("stop", "-t", "10", name, purpose=f"stopping {name}")

    def wait(self, name: str) -> Exit:
        """Wait for a container that was started."""
        status = int(self._engine.ask("wait", name, purpose=f"waiting for {name}"))
        logs = _exit([self._engine.program, "logs", name])
        return Exit(status, logs.out, logs.err)

    def remove(self, name: str) -> None:
        """End a container that was started, and remove it."""
        self._engine.remove("container", name)

    def address(self, name: str) -> str:
        """Return a container's own address."""
        return self._engine.address(name, self.network)

    def gateway(self) -> str:
        """Return this machine's address in the network."""
        return str(self._engine.inspect(self.network)["IPAM"]["Config"][0]["Gateway"])

    def close(self) -> None:
        """Remove everything."""
        for name in self._started:
            self._engine.remove("container", name)
        self._engine.remove("network", self.network)

    def _ready(self) -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if "PONG" in self.redis_command("ping"):
                return
            time.sleep(0.1)
        raise AssertionError("redis did not answer")


def _exit(command: list[str]) -> Exit:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=90)
    return Exit(done.returncode, done.stdout, done.stderr)


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


def old_context(project: Project, folder: Path) -> Path:
    """Make the build context of the old recipe, with the releases of 2025-11-08 as recorded; return its folder."""
    context = folder / "context"
    shutil.copytree(project.root / "tests" / "dev" / "doors" / "old", context)
    pins = "\n".join(read_evidence().incident.resolved)
    (context / "pins.txt").write_text(f"{pins}\n")
    shutil.copy(project.root / "ping_test.py", context)
    return context


def build_old(
    engine: Engine, context: Path, base: str, tag: str, target: str | None = None, *, fresh: bool = False
) -> str:
    """Build the old recipe, or one of its stages, `installed` or `worked-around`; return the tag."""
    with build_secrets() as secrets:
        secrets.pop("registries", None)  # the old recipe mounts the certificates alone
        engine.build(context, tag, target=target, arguments={"BASE_IMAGE": base}, secrets=secrets, fresh=fresh)
    return tag


def bridged(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a role as a process of this machine, which has nothing of the tests' own."""
    return {"PATH": os.environ["PATH"], **environ}
