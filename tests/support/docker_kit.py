"""Containers for tests, started as a test harness starts them, and the image of the old recipe.

The old recipe is the Dockerfile in `tests/dev/doors/old`, with the releases of 2025-11-08. A role is one side of a ping
test, the dialer or the listener. A test harness is a program that starts both.
"""

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

# The options for running the images: nothing is writable, and a process gets no privileges that it does not need.
HARDENED = (
    "--read-only",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--user=12345",
)


# The shell code of a fake `docker`. It claims to have every plugin and every image.
BUILDS = 'case "$1 $2" in "image inspect") echo sha256:1 ;; "version --format") echo 26.1.5 ;; esac'
NO_ENGINE = "expected Docker or Podman, found neither docker nor podman on PATH"
NO_COMPOSE_ENGINE = "expected an engine with compose, found neither docker nor podman on PATH"
NO_ENGINE_HOW = (
    "install Docker 23 or later with its buildx and compose plugins, or Podman 4.3 or later, or on Debian, as root: "
    "scripts/offline engine"
)


@dataclass(frozen=True)
class DockerFolders:
    """The two folders in which the code under test looks for docker, in this order."""

    first: Path
    second: Path


@dataclass(frozen=True)
class Exit:
    """How a container ended: its exit status, and its output on both streams."""

    status: int
    out: str
    err: str


class Docker:
    """A Docker network with a Redis and further containers; `close` removes everything."""

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
        """Start a container in the background; return its host name in the network.

        `command` is the container's command, and `options` are further options of `docker run`.
        """
        full = f"{self.network}-{name}"
        self._started.append(full)
        made = Container(image, command, name=full, network=self.network, environment=environ, options=options)
        self._engine.start(made, purpose=f"starting {name}")
        return full

    def play(self, image: str, environ: Mapping[str, str], options: tuple[str, ...] = HARDENED) -> Exit:
        """Run a container and wait for its end. Raises subprocess.TimeoutExpired after 90 s."""
        return _exit(self.command(image, environ, options))

    def command(self, image: str, environ: Mapping[str, str], options: tuple[str, ...] = HARDENED) -> list[str]:
        """Return the command that runs a container in the foreground."""
        return self._engine.command(
            Container(image, network=self.network, environment=environ, init=True, options=options)
        )

    def redis_command(self, *words: str) -> str:
        """Run a Redis command in the Redis container; return the answer."""
        return self._engine.execute(self.redis, ["redis-cli", *words], purpose="asking redis")

    def is_running(self, name: str) -> bool:
        """Return whether a started container is still running."""
        return bool(self._engine.inspect(name)["State"]["Running"])

    def stop(self, name: str) -> None:
        """Stop a started container, as a harness does."""
        self._engine.ask("stop", "-t", "10", name, purpose=f"stopping {name}")

    def wait(self, name: str) -> Exit:
        """Wait for the end of a started container; return its status and output."""
        status = int(self._engine.ask("wait", name, purpose=f"waiting for {name}"))
        logs = _exit([self._engine.program, "logs", name])
        return Exit(status, logs.out, logs.err)

    def remove(self, name: str) -> None:
        """End a started container and remove it."""
        self._engine.remove("container", name)

    def address(self, name: str) -> str:
        """Return a container's IP address in the network."""
        return self._engine.address(name, self.network)

    def gateway(self) -> str:
        """Return this machine's IP address in the network."""
        return str(self._engine.inspect(self.network)["IPAM"]["Config"][0]["Gateway"])

    def close(self) -> None:
        """Remove all containers and the network."""
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
    """Return the environment variables of a role, as the harness unified-testing sets them.

    `key` is the TEST_KEY, and `redis` is HOST:PORT.
    """
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
    """Make the build context of the old recipe in `folder`, with the releases of 2025-11-08; return its path."""
    context = folder / "context"
    shutil.copytree(project.root / "tests" / "dev" / "doors" / "old", context)
    pins = "\n".join(read_evidence().incident.resolved)
    (context / "pins.txt").write_text(f"{pins}\n")
    shutil.copy(project.root / "ping_test.py", context)
    return context


def build_old(
    engine: Engine, context: Path, base: str, tag: str, target: str | None = None, *, fresh: bool = False
) -> str:
    """Build an image from the old recipe in `context` and give it the tag `tag`; return the tag.

    `target` is the last stage to build, `installed` or `worked-around`; None builds up to the Dockerfile's last stage.
    `fresh` builds every layer again.
    """
    with build_secrets() as secrets:
        secrets.pop("registries", None)  # The old recipe only mounts the certificates.
        engine.build(context, tag, target=target, arguments={"BASE_IMAGE": base}, secrets=secrets, fresh=fresh)
    return tag


def bridged(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables of a role that runs as a process of this machine: PATH and `environ` only."""
    return {"PATH": os.environ["PATH"], **environ}
