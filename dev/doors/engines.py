"""Find the container engine of this machine: Docker, or else Podman.

If no engine of this machine works, the error says in one line why each of them fails, and how to make it work. A person
who has chosen an engine, for example with DOCKER_HOST, never gets another one.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError
from dev.doors.engine import Engine, last_lines

_OLDEST = {"docker": (23, 0), "podman": (4, 3)}
"""The first version of each engine whose builder supports every feature that the Dockerfile uses."""
_ANSWER = 10.0  # seconds that an engine may take to answer
_SLOW = 124
"""The status of a program that has not answered in time. The command `timeout` uses the same status."""
_RETRY = "restart the engine, or try again when the machine is less busy"
_INSTALL = (
    "install Docker 23 or later with its buildx and compose plugins, or Podman 4.3 or later, or on Debian, as root: "
    "scripts/offline engine"
)
_CHOSEN = ("DOCKER_HOST", "DOCKER_CONTEXT")
"""The variables with which a person chooses an engine of Docker, for example on another machine."""


@dataclass(frozen=True)
class Lack:
    """Something that a program `docker` or `podman` lacks (`what`), and the action that fixes this (`cure`)."""

    what: str
    cure: str


def find_engine(environ: Mapping[str, str] = os.environ, *, compose: bool = False) -> Engine:
    """Return the engine of this machine: the first docker that works, or else podman.

    If CONTAINER_ENGINE names a program, for example `podman`, only this program counts. With `compose`, an engine is
    usable only if it can start the services of a compose file. Raises CommandError if the machine has no usable engine.
    The error says what to install or change.
    """
    missing: list[tuple[str, Lack]] = []
    for program in programs(environ):
        lack = lacks(program, compose=compose)
        if lack is None:
            return Engine(program)
        missing.append((program, lack))
    wanted = "an engine with compose" if compose else "Docker or Podman"
    if not missing:
        chosen = environ.get("CONTAINER_ENGINE")
        found = f"no {chosen} on PATH" if chosen else "neither docker nor podman on PATH"
        cure = f"install it, or unset CONTAINER_ENGINE={chosen}" if chosen else _INSTALL
        raise CommandError(f"engine: expected {wanted}, found {found}; {cure}")
    said = "; ".join(f"{program}: {lack.what}" for program, lack in missing)
    cures = dict.fromkeys(lack.cure for _, lack in missing)
    raise CommandError(f"engine: expected {wanted}, found {said}; {', or '.join(cures)}")


def is_chosen(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether a variable in `environ` chooses an engine. Then no command may start or install another engine."""
    return any(environ.get(name) for name in (*_CHOSEN, "CONTAINER_ENGINE", "CONTAINER_HOST"))


def programs(environ: Mapping[str, str] = os.environ) -> list[str]:
    """Return the path of each program to try: the first docker on PATH, /usr/bin/docker, and the first podman on PATH.

    If CONTAINER_ENGINE is set, return only the path of the program that it names. The list has /usr/bin/docker, which
    Debian's packages install, because the first docker on PATH may lack the plugins. The list has no podman if
    DOCKER_HOST or DOCKER_CONTEXT is set, because these variables choose an engine of Docker. If both are unset and
    CONTAINER_HOST is set, the list has no docker, because CONTAINER_HOST chooses an engine of Podman.
    """
    chosen = environ.get("CONTAINER_ENGINE")
    of_docker = any(environ.get(name) for name in _CHOSEN)
    if not chosen and not of_docker and environ.get("CONTAINER_HOST"):
        chosen = "podman"
    if chosen:
        return [path for path in (shutil.which(chosen),) if path]
    places = [shutil.which("docker"), shutil.which("docker", path="/usr/bin")]
    if not of_docker:
        places.append(shutil.which("podman"))
    return list(dict.fromkeys(path for path in places if path))


def lacks(program: str, *, compose: bool = False) -> Lack | None:
    """Return the first thing that makes the program unusable, for example a missing plugin; None if it is usable.

    docker always needs its plugins buildx and compose. podman needs a program for compose only if `compose` is set.
    """
    if Engine(program).is_podman:
        return _podman_lacks(program, compose=compose)
    for plugin in ("buildx", "compose"):
        done = _answer(program, plugin, "version")
        if done.returncode == _SLOW:
            return Lack(done.stderr.decode(), _RETRY)
        if done.returncode != 0:
            packages = f"docker-{plugin} on Debian, or docker-{plugin}-plugin from Docker's own archive"
            return Lack(f"no {plugin}", f"install the package of this plugin of Docker: {packages}")
    done = _answer(program, "version", "--format", "{{.Server.Version}}")
    if done.returncode == _SLOW:
        return Lack(done.stderr.decode(), _RETRY)
    if done.returncode != 0:
        said = last_lines(done.stderr)[-200:]
        return Lack(f"no engine that answers ({said})", _cure(said))
    return _old("docker", done.stdout.decode("utf-8", "replace").strip())


def _podman_lacks(program: str, *, compose: bool) -> Lack | None:
    done = _answer(program, "version", "--format", "{{.Client.Version}}")
    if done.returncode != 0:
        said = last_lines(done.stderr)[-200:]
        return Lack(f"a Podman that does not start ({said})", "see why with: podman info")
    old = _old("podman", done.stdout.decode("utf-8", "replace").strip())
    return _no_compose(program) if old is None and compose else old


def _no_compose(podman: str) -> Lack | None:
    done = _answer(podman, "compose", "version")
    if done.returncode == _SLOW:
        return Lack(done.stderr.decode(), _RETRY)
    if done.returncode != 0:
        return Lack("no compose", "install Podman 4.7 or later and podman-compose for the devcontainer, or Docker")
    # With Podman, docker-compose uses its old builder, which refuses the secrets of a build.
    if b"Docker Compose" in done.stdout:
        cure = "install podman-compose and set PODMAN_COMPOSE_PROVIDER=podman-compose, or use Docker"
        return Lack("docker-compose, which cannot give secrets to a build of Podman", cure)
    return None


def _old(name: str, version: str) -> Lack | None:
    numbers = tuple(map(int, re.findall(r"\d+", version)[:2]))
    if not numbers or numbers >= _OLDEST[name]:
        return None
    oldest = ".".join(map(str, _OLDEST[name])).removesuffix(".0")
    return Lack(f"an engine of version {version}", f"upgrade it to {oldest} or later")


def _cure(said: str) -> str:
    """Return the action with which a person makes the engine answer; `said` is the error that docker printed."""
    if host := next((name for name in _CHOSEN if os.environ.get(name)), None):
        return f"start the engine that {host}={os.environ[host]} names, or unset {host}"
    if "permission denied" in said.lower():
        return "the engine runs, but this user may not use it: sudo usermod -aG docker $USER, then log in again"
    if shutil.which("dockerd") is None and os.uname().sysname == "Darwin":
        return "start the engine: open -a Docker"
    by_systemd = Path("/run/systemd/system").is_dir()
    return f"start the engine: {'sudo systemctl start docker' if by_systemd else 'as root, scripts/offline engine'}"


def _answer(program: str, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    """Run a program; return the finished process. Its status is `_SLOW` after a timeout, and 1 if it cannot start."""
    command = [program, *arguments]
    try:
        return subprocess.run(command, capture_output=True, timeout=_ANSWER, check=False)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, _SLOW, b"", f"no answer within {_ANSWER:.0f} s".encode())
    except OSError as error:
        return subprocess.CompletedProcess(command, 1, b"", str(error).encode())
