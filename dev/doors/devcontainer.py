"""The door `devcontainer`: it starts the devcontainer of a track.

A door is one way into an environment, and a track is one pinned version of libp2p on one Python, such as v0.4. The
reference program of the devcontainer specification starts the container: `devcontainer` of the npm package
`@devcontainers/cli`.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError
from dev.command.progress import long_work
from dev.doors.bases import base_of, redis_of
from dev.doors.build_secrets import certificates, registries, write_privately
from dev.doors.checkout import git_folder, project_name
from dev.doors.docker import require_engine
from dev.doors.door import Absent, Door
from dev.doors.engine import Engine, clean_environment, has_local_proxy, last_lines
from dev.doors.engines import find_engine
from dev.lockenv.command import run
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project

_NAME = "devcontainer"
_WRONG = re.compile(
    r"(?i)error|denied|cannot|unable|no such|no space|fail|invalid|refused|not found|in use|timed out|toomanyrequests"
    r"|^(#\d+ [\d.]+ )?(lockenv|apt|envparity): "
)
_FRAMES = re.compile(r"\s*at |(Error: )?Command failed: |Retrying |Start: |Stop |Run: |\s*[{}]|\s*\w+: (undefined|\[)")
_FOLDER, _CONFIG = "devcontainer.local_folder", "devcontainer.config_file"
"""The labels that the program `devcontainer`, like an editor, gives to each container that it starts."""
_COMPOSE = "com.docker.compose.project"


class DevcontainerDoor(Door):
    """The door to the container that `.devcontainer/TRACK` describes."""

    def require(self, project: Project, track: str) -> None:
        """Raise Absent if this machine has no usable engine with compose, or the track has no devcontainer."""
        require_engine(compose=True)
        try:
            config_of(project, track)
        except CommandError as error:
            raise Absent(str(error)) from error

    def make(self, project: Project, track: str) -> None:
        """Start the container, and build its image first if needed. Raises CommandError if a step fails."""
        engine = find_engine(compose=True)
        start(engine, project, track, settings(engine, project, track))

    def outside(self, project: Project, track: str) -> str:
        """Return `container:ID` with the id of the container; envparity asks the engine to export this container.

        Raises CommandError if the container is not running.
        """
        found = _running(find_engine(compose=True), project, track)
        if not found:
            raise CommandError(
                f"devcontainer: expected the devcontainer of {track} to be running, found none; start it with: "
                f"scripts/devcontainer --track {track} up"
            )
        return f"container:{found[0]}"

    def search_path(self, project: Project, path: str) -> str:
        """Return the value of PATH for this door: `path`, then the cache folder with the program `devcontainer`."""
        return os.pathsep.join([path, str(project.cache / _NAME / "bin")])


@dataclass(frozen=True)
class Settings:
    """The settings of this machine that devcontainer.json and .devcontainer/compose.yaml read."""

    environment: Mapping[str, str]
    """The environment variables to set, for example for the images, the container's user and the certificates."""
    remarks: Sequence[str]
    """One line for each image that is a stand-in: this machine made it instead of pulling the pinned image."""


def settings(engine: Engine, project: Project, track: str) -> Settings:
    """Return the settings of this machine for the devcontainer of a track.

    If the caller's environment names package registries, for example in PIP_INDEX_URL, this function also writes these
    settings to a file in the cache folder.

    Raises CommandError if an image is missing and the engine cannot pull it, or if the certificate file is missing or
    holds no certificates.
    """
    authorities = certificates()
    environment, remarks = {**_user(project), **_names(engine, project), **_git(project)}, []
    # `find` pulls missing images. If compose pulled them, the program `devcontainer` would hide the errors of compose.
    for image in (base_of(project, track), redis_of(project)):
        environment[image.variable], remark = image.find(engine)
        remarks += [remark] if remark else []
    if has_local_proxy():
        environment["PING_TEST_BUILD_NETWORK"] = "host"
    if authorities:
        environment["PIP_CERT"] = str(authorities)
    if text := registries():
        project.cache.mkdir(parents=True, exist_ok=True)
        environment["PING_TEST_REGISTRIES"] = str(write_privately(project.cache / "registries", text))
    return Settings(environment, remarks)


def _names(engine: Engine, project: Project) -> dict[str, str]:
    """Return a dict with COMPOSE_PROJECT_NAME, the variable that names the compose project.

    If the checkout already has a container, the variable names that container's compose project. If the checkout has no
    container and the caller has set the variable, the dict is empty. Otherwise `project_name` chooses a name that no
    other checkout has, because two checkouts with the same name would use the same containers.
    """
    own = engine.labels({_FOLDER: str(project.root)}, _COMPOSE)
    if own:
        return {"COMPOSE_PROJECT_NAME": own[0]}
    if os.environ.get("COMPOSE_PROJECT_NAME"):
        return {}
    return {"COMPOSE_PROJECT_NAME": project_name(project.root, engine.labels({_FOLDER: None}, _COMPOSE))}


def _git(project: Project) -> dict[str, str]:
    """Return the variables that mount the git folder of a worktree or a submodule; empty for other checkouts."""
    found = git_folder(project.root)
    if found is None or not found.source.is_dir():
        return {}
    return {"PING_TEST_GIT": str(found.source), "PING_TEST_GIT_TARGET": str(found.target)}


def _user(project: Project) -> dict[str, str]:
    """Return a dict that sets DEVCONTAINER_USER to root if root owns the checkout; else an empty dict.

    The container's user must then be root, because no other user can write to this checkout. If the caller has set the
    variable, the dict is empty too, because the caller's value counts.
    """
    if project.root.stat().st_uid != 0 or "DEVCONTAINER_USER" in os.environ:
        return {}
    return {"DEVCONTAINER_USER": "root"}


def start(engine: Engine, project: Project, track: str, found: Settings) -> None:
    """Start the devcontainer of a track with the settings `found`.

    If standard error is a terminal, the function also shows the progress there. Raises CommandError if the start fails.
    The error quotes the error lines of the engine, without the stack trace of the program `devcontainer`.
    """
    visible = sys.stderr.isatty()
    said: list[str] = []
    command = _reference(engine, project, track, "up")
    with (
        long_work(f"devcontainer: starting the devcontainer of {track}"),
        subprocess.Popen(
            command,
            env=clean_environment(found.environment),
            stdin=subprocess.DEVNULL,
            stdout=None if visible else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        ) as child,
    ):
        for line in child.stderr or ():
            said.append(line)
            if visible and not _FRAMES.match(line):
                sys.stderr.write(line)
    if child.returncode != 0:
        why = last_lines(complaints("".join(said)))
        raise CommandError(f"devcontainer: expected the devcontainer of {track} to start, found: {why}")


def execute(engine: Engine, project: Project, track: str, command: Sequence[str]) -> int:
    """Run a command in the devcontainer with this process's input and output; return the command's exit status.

    Raises CommandError if the devcontainer is not running.
    """
    if not is_up(engine, project, track):
        raise CommandError(
            f"devcontainer: expected the devcontainer of {track} to be running, found none; start it with: "
            f"scripts/devcontainer --track {track} up"
        )
    # Name the same user as `start` does, because the program `devcontainer` reads the user from the environment again.
    words = [*_reference(engine, project, track, "exec"), *command]
    return subprocess.run(words, env={**os.environ, **_user(project)}, check=False).returncode


def end(engine: Engine, project: Project, *, images: bool = False) -> list[str]:
    """Stop and remove this checkout's devcontainers, and the other containers and volumes of their compose projects.

    With `images`, also remove the images that were built for these containers. Return a line for each removed project,
    and a line for the removed images. Raises CommandError if the engine cannot remove something.
    """
    projects = list(dict.fromkeys(engine.labels({_FOLDER: str(project.root)}, _COMPOSE)))
    lines: list[str] = []
    built: set[str] = set()
    for name in projects or [os.environ.get("COMPOSE_PROJECT_NAME") or project_name(project.root)]:
        labels = {_COMPOSE: name}
        services = engine.labels(labels, "com.docker.compose.service") if projects else []
        built.update(engine.images(labels), engine.images_of(labels | {_FOLDER: str(project.root)}))
        if services:
            engine.compose_down(name)
            lines.append(f"ended {name}: {', '.join(sorted(services))}")
    if images and built:
        engine.remove("image", *sorted(built))
        lines.append(f"removed {len(built)} image{'' if len(built) == 1 else 's'}")
    return lines


def is_up(engine: Engine, project: Project, track: str) -> bool:
    """Return whether the devcontainer of a track is running."""
    return bool(_running(engine, project, track))


def _running(engine: Engine, project: Project, track: str) -> list[str]:
    """Return the ids of the running containers of a track's devcontainer."""
    return engine.running({_FOLDER: str(project.root), _CONFIG: str(config_of(project, track))})


def _reference(engine: Engine, project: Project, track: str, verb: str) -> list[str]:
    config = config_of(project, track)
    where = ["--workspace-folder", str(project.root), "--config", str(config), "--docker-path", engine.program]
    return [str(command_line(project)), verb, *where]


def config_of(project: Project, track: str) -> Path:
    """Return the path of a track's devcontainer.json. Raises CommandError if the track has no devcontainer."""
    found = project.root / ".devcontainer" / track / "devcontainer.json"
    if not found.is_file():
        known = ", ".join(sorted(path.parent.name for path in project.root.glob(".devcontainer/*/devcontainer.json")))
        raise CommandError(f"devcontainer: expected a track that has a devcontainer ({known}), found {track!r}")
    return found


def command_line(project: Project) -> Path:
    """Return the path of the program `devcontainer`, and first install its locked version if needed.

    The install is needed if the program is missing, or if its lock has changed since the last install. The program's
    folder holds no other program, so that the folder can be on PATH. Raises CommandError if the install fails.
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
    shutil.copy(lock, stamp)  # this copy comes last, so that an interrupted install starts again
    return program


def complaints(said: str) -> str:
    """Return the lines of `said` that look like errors, without duplicates.

    `said` is the output of the program `devcontainer` after a failure. If no line looks like an error, the result is
    every line of `said` except the stack trace of the program.
    """
    lines = (re.sub(r"^\[[0-9T:.Z-]+\] ", "", line.strip(" '")) for line in said.splitlines())
    kept = list(dict.fromkeys(line for line in lines if line and not _FRAMES.match(line)))
    return "\n".join(line for line in kept if _WRONG.search(line)) or "\n".join(kept)
