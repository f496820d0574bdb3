"""The door `devcontainer`: the devcontainer of a track, by the reference command line of its specification."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError
from dev.doors.bases import BASE, REDIS_SERVER
from dev.doors.build_secrets import certificates, registries, write_privately
from dev.doors.docker import require_engine
from dev.doors.door import Absent, Door
from dev.doors.engine import Engine, clean_environment, find_engine, last_lines
from dev.lockenv.command import run
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project

_NAME = "devcontainer"
_WRONG = re.compile(r"(?i)error|denied|cannot|unable|no such|no space|^(#\d+ [\d.]+ )?(lockenv|apt|envparity): ")
_FRAMES = re.compile(r"at |(Error: )?Command failed: |Retrying |Start: |Stop |Run: ")


class DevcontainerDoor(Door):
    """The container that `.devcontainer/TRACK` describes."""

    def require(self, project: Project, track: str) -> None:
        """Raise Absent where this machine has no container engine, or the track no devcontainer."""
        require_engine()
        try:
            config_of(project, track)
        except CommandError as error:
            raise Absent(str(error)) from error

    def make(self, project: Project, track: str) -> None:
        """Start the container, after building it where that is needed."""
        engine = find_engine()
        start(engine, project, track, settings(engine, project))

    def search_path(self, project: Project, path: str) -> str:
        """Return PATH with the project's own `devcontainer` at the end."""
        return os.pathsep.join([path, str(project.cache / _NAME / "bin")])


@dataclass(frozen=True)
class Settings:
    """What this machine gives to the devcontainer's files."""

    environment: Mapping[str, str]
    """The variables that name its images, its user, and this machine's registries."""
    remarks: Sequence[str]
    """A line for each image that is a stand-in."""


def settings(engine: Engine, project: Project) -> Settings:
    """Return the settings of this machine; CommandError where an image is missing and cannot be pulled."""
    authorities = certificates()
    environment, remarks = _user(project), []
    # Pulled here, because the reference command line does not report why compose cannot pull.
    for image in (BASE, REDIS_SERVER):
        environment[image.variable], remark = image.find(engine, project)
        remarks += [remark] if remark else []
    if authorities:
        environment["PIP_CERT"] = str(authorities)
    if text := registries():
        project.cache.mkdir(parents=True, exist_ok=True)
        environment["PING_TEST_REGISTRIES"] = str(write_privately(project.cache / "registries", text))
    return Settings(environment, remarks)


def _user(project: Project) -> dict[str, str]:
    """Return who works in the container: root where the checkout is root's, which no one else may write."""
    if project.root.stat().st_uid != 0 or "DEVCONTAINER_USER" in os.environ:
        return {}
    return {"DEVCONTAINER_USER": "root"}


def start(engine: Engine, project: Project, track: str, found: Settings) -> None:
    """Start the devcontainer of a track; CommandError with the reasons that its command line prints."""
    visible = sys.stderr.isatty()
    done = subprocess.run(
        _reference(engine, project, track, "up"),
        env=clean_environment(found.environment),
        capture_output=not visible,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = "see above" if visible else last_lines(complaints(done.stderr))
        raise CommandError(f"devcontainer: expected it to start, found: {said}")


def execute(engine: Engine, project: Project, track: str, command: Sequence[str]) -> int:
    """Run a command in the devcontainer, on this process's input and output; return its exit status."""
    if not is_up(engine, project, track):
        raise CommandError(
            f"devcontainer: expected that of {track} to run, found none; start it with: scripts/devcontainer up"
        )
    # As the user of `start`, whom the reference command line reads from the environment each time.
    words = [*_reference(engine, project, track, "exec"), *command]
    return subprocess.run(words, env={**os.environ, **_user(project)}, check=False).returncode


def end(engine: Engine, project: Project) -> int:
    """End the devcontainers of this checkout and remove their volumes; return the engine's exit status."""
    return engine.compose_down(_compose_project(project))


def is_up(engine: Engine, project: Project, track: str) -> bool:
    """Return whether the container of a track runs."""
    labels = {"project": _compose_project(project), "service": track}
    return bool(engine.running({f"com.docker.compose.{name}": value for name, value in labels.items()}))


def _compose_project(project: Project) -> str:
    """Return the compose project as the reference command line names it, by which its containers are found."""
    return "".join(one for one in project.root.name.lower() if one.isalnum() or one in "-_") + "_devcontainer"


def _reference(engine: Engine, project: Project, track: str, verb: str) -> list[str]:
    config = config_of(project, track)
    where = ["--workspace-folder", str(project.root), "--config", str(config), "--docker-path", engine.program]
    return [str(command_line(project)), verb, *where]


def config_of(project: Project, track: str) -> Path:
    """Return the configuration of a track's devcontainer; CommandError where the track has none."""
    found = project.root / ".devcontainer" / track / "devcontainer.json"
    if not found.is_file():
        known = ", ".join(sorted(path.parent.name for path in project.root.glob(".devcontainer/*/devcontainer.json")))
        raise CommandError(f"devcontainer: expected a track that has one, {known}, found {track!r}")
    return found


def command_line(project: Project) -> Path:
    """Return the program `devcontainer` at the version of its lock, after installing it where it is missing.

    Its folder holds nothing else, so that the folder can be on PATH.
    """
    lock = project.root / "locks" / _NAME / "package-lock.json"
    folder = project.cache / _NAME
    program, stamp = folder / "bin" / _NAME, folder / lock.name
    if program.exists() and stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return program
    node = EnvironmentMaker(project).node().with_name("node")
    shutil.rmtree(folder, ignore_errors=True)
    program.parent.mkdir(parents=True)
    shutil.copy(lock.with_name("package.json"), folder)
    shutil.copy(lock, folder / "npm-shrinkwrap.json")
    npm: list[str | Path] = [node.with_name("npm"), "ci", "--ignore-scripts", "--no-fund", "--no-audit"]
    path = {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    run(npm, purpose="installing the devcontainer command line of locks/devcontainer", cwd=folder, extra=path)
    script = folder / "node_modules" / "@devcontainers" / "cli" / "devcontainer.js"
    program.write_text(f'#!/bin/sh\nexec "{node}" "{script}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    shutil.copy(lock, stamp)  # last: an install that was interrupted is made again
    return program


def complaints(said: str) -> str:
    """Return the errors among everything that the reference command line prints as it fails, each error once."""
    lines = (re.sub(r"^\[[0-9T:.Z-]+\] ", "", line.strip(" '")) for line in said.splitlines())
    return "\n".join(dict.fromkeys(line for line in lines if _WRONG.search(line) and not _FRAMES.match(line))) or said
