"""The devcontainer of a track: the reference command line that opens it, and what the machine has to tell it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError
from dev.doors.engine import Engine, clean_environment, last_lines
from dev.doors.image import certificates, find_image, pinned_base, registries, write_privately
from dev.doors.offline.base import PYTHON, REDIS
from dev.lockenv.command import run
from dev.lockenv.environments import node_environment
from dev.lockenv.project import Project

_NAME = "devcontainer"
_WRONG = re.compile(r"(?i)error|denied|cannot|unable|no such|no space|^(#\d+ [\d.]+ )?(lockenv|apt|envparity): ")
_FRAMES = re.compile(r"at |(Error: )?Command failed: |Retrying |Start: |Stop |Run: ")


def config_of(project: Project, track: str) -> Path:
    """The configuration of a track's devcontainer; CommandError where it has none."""
    found = project.root / ".devcontainer" / track / "devcontainer.json"
    if not found.is_file():
        known = ", ".join(sorted(path.parent.name for path in project.root.glob(".devcontainer/*/devcontainer.json")))
        raise CommandError(f"devcontainer: expected a track that has one, {known}, found {track!r}")
    return found


def command_line(project: Project) -> Path:
    """The program `devcontainer` at the version of its lock, installed where it is missing.

    A folder of its own holds nothing else, so that it may stand on PATH.
    """
    lock = project.root / "locks" / _NAME / "package-lock.json"
    folder = project.cache / _NAME
    program, stamp = folder / "bin" / _NAME, folder / lock.name
    if program.exists() and stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return program
    node = node_environment(project).with_name("node")
    shutil.rmtree(folder, ignore_errors=True)
    program.parent.mkdir(parents=True)
    shutil.copy(lock.with_name("package.json"), folder)
    shutil.copy(lock, folder / "npm-shrinkwrap.json")
    npm: list[str | Path] = [node.with_name("npm"), "ci", "--ignore-scripts", "--no-fund", "--no-audit"]
    run(npm, purpose="installing the devcontainer command line of locks/devcontainer", cwd=folder, extra=_path(node))
    script = folder / "node_modules" / "@devcontainers" / "cli" / "devcontainer.js"
    program.write_text(f'#!/bin/sh\nexec "{node}" "{script}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    shutil.copy(lock, stamp)  # last: an install that was interrupted is made anew
    return program


def _path(node: Path) -> dict[str, str]:
    return {"PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


@dataclass(frozen=True)
class Settings:
    """What the devcontainer's files ask of the environment, and what is to be said of it."""

    environment: Mapping[str, str]
    """Its images, its user, the machine's registries."""
    remarks: Sequence[str]
    """Of the images that it stands on: which is no pinned one, a line each."""


def settings(engine: Engine, project: Project) -> Settings:
    """As this machine has it; CommandError where an image cannot be had."""
    authorities = certificates()
    # Asked for here: the reference command line does not tell why compose cannot pull.
    images = {
        "BASE_IMAGE": ("base", pinned_base(project), PYTHON.tag),
        "REDIS_IMAGE": ("redis", pinned_redis(project), REDIS.tag),
    }
    environment, remarks = _user(project), []
    for variable, (what, pinned, standin) in images.items():
        environment[variable], remark = find_image(engine, what, os.environ.get(variable), pinned, standin)
        remarks += [remark] if remark else []
    if authorities:
        environment["PIP_CERT"] = authorities[0]
    if text := registries():
        project.cache.mkdir(parents=True, exist_ok=True)
        environment["PING_TEST_REGISTRIES"] = str(write_privately(project.cache / "registries", text))
    return Settings(environment, remarks)


def _user(project: Project) -> dict[str, str]:
    """Who one is inside: root in a checkout of root's, which nobody else may write."""
    if project.root.stat().st_uid != 0 or "DEVCONTAINER_USER" in os.environ:
        return {}
    return {"DEVCONTAINER_USER": "root"}


def pinned_redis(project: Project) -> str:
    """The Redis that compose.yaml names, by its digest."""
    text = (project.root / "compose.yaml").read_text(encoding="utf-8")
    found = text.partition("${REDIS_IMAGE:-")[2].partition("}")[0]
    if not found:
        raise CommandError("compose.yaml: expected image: ${REDIS_IMAGE:-IMAGE}, found none; restore it from git")
    return found


def act(
    engine: Engine, project: Project, track: str, words: Sequence[str], tell: Callable[[str], None] = lambda _: None
) -> int:
    """`up`, `exec COMMAND…` or `down`: its status; standard output is the command's own, `tell` is given remarks."""
    config = config_of(project, track)
    if not words or words[0] not in ("up", "exec", "down") or (words[0] == "exec") != (len(words) > 1):
        raise CommandError(f"devcontainer: expected up, exec COMMAND… or down, found {' '.join(words) or 'nothing'}")
    if words[0] == "down":
        command = [engine.program, "compose", "--project-name", _compose_project(project), "down", "--timeout", "2"]
        return subprocess.run([*command, "--volumes"], check=False).returncode
    if words[0] == "exec" and not is_up(engine, project, track):
        raise CommandError(
            f"devcontainer: expected that of {track} to be up, found none; start it with: scripts/devcontainer up"
        )
    where = ["--workspace-folder", str(project.root), "--config", str(config), "--docker-path", engine.program]
    command = [str(command_line(project)), words[0], *where, *words[1:]]
    if words[0] == "exec":
        # As the same user as `up`: who it is, the command line reads from the environment each time.
        return subprocess.run(command, env={**os.environ, **_user(project)}, check=False).returncode
    found = settings(engine, project)
    for remark in found.remarks:
        tell(remark)
    shown = sys.stderr.isatty()
    environ = clean_environment(found.environment)
    done = subprocess.run(command, env=environ, capture_output=not shown, text=True, check=False)
    if done.returncode != 0:
        said = "see above" if shown else last_lines(complaints(done.stderr))
        raise CommandError(f"devcontainer: expected it to come up, found: {said}")
    return 0


def is_up(engine: Engine, project: Project, track: str) -> bool:
    """Whether the container of a track is running."""
    labels = {"project": _compose_project(project), "service": track}
    asked = [
        word for name, value in labels.items() for word in ("--filter", f"label=com.docker.compose.{name}={value}")
    ]
    return bool(engine.run(["ps", "--quiet", *asked], purpose="looking for the devcontainer"))


def complaints(said: str) -> str:
    """Of all that the reference command line says as it fails, what went wrong, each thing once."""
    lines = (re.sub(r"^\[[0-9T:.Z-]+\] ", "", line.strip(" '")) for line in said.splitlines())
    return "\n".join(dict.fromkeys(line for line in lines if _WRONG.search(line) and not _FRAMES.match(line))) or said


def _compose_project(project: Project) -> str:
    """As the reference command line names it: what runs is found by its labels there too."""
    return "".join(one for one in project.root.name.lower() if one.isalnum() or one in "-_") + "_devcontainer"
