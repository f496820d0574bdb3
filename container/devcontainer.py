"""The devcontainer of a track: the reference command line that opens it, and what the machine has to tell it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from container.base import PYTHON, REDIS
from container.engine import Engine, clean_environment, last_lines
from container.errors import ContainerError
from container.image import certificates, pinned_base, registries, write_privately
from lockenv.command import run
from lockenv.environments import node_environment
from lockenv.project import Project

_NAME = "devcontainer"


def config_of(project: Project, track: str) -> Path:
    """The configuration of a track's devcontainer; ContainerError where it has none."""
    found = project.root / ".devcontainer" / track / "devcontainer.json"
    if not found.is_file():
        known = ", ".join(sorted(path.parent.name for path in project.root.glob(".devcontainer/*/devcontainer.json")))
        raise ContainerError(f"devcontainer: expected a track that has one, {known}, found {track!r}")
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


def settings(engine: Engine, project: Project) -> Mapping[str, str]:
    """What the devcontainer's files ask of the environment: its images, its user, the machine's registries."""
    images = (("BASE_IMAGE", pinned_base(project), PYTHON.tag), ("REDIS_IMAGE", pinned_redis(project), REDIS.tag))
    found = {
        variable: standin
        for variable, pinned, standin in images
        if not os.environ.get(variable) and engine.image(pinned) is None and engine.image(standin) is not None
    }
    if authorities := certificates():
        found["PIP_CERT"] = authorities[0]
    if project.root.stat().st_uid == 0 and "DEVCONTAINER_USER" not in os.environ:
        found["DEVCONTAINER_USER"] = "root"  # nobody else may write a checkout of root's
    if text := registries():
        project.cache.mkdir(parents=True, exist_ok=True)
        found["PING_TEST_REGISTRIES"] = str(write_privately(project.cache / "registries", text))
    return found


def pinned_redis(project: Project) -> str:
    """The Redis that compose.yaml names, by its digest."""
    text = (project.root / "compose.yaml").read_text(encoding="utf-8")
    found = text.partition("${REDIS_IMAGE:-")[2].partition("}")[0]
    if not found:
        raise ContainerError("compose.yaml: expected image: ${REDIS_IMAGE:-IMAGE}, found none; restore it from git")
    return found


def act(engine: Engine, project: Project, track: str, words: Sequence[str]) -> int:
    """`up`, `exec COMMAND…` or `down`: its status; standard output is the command's own."""
    config = config_of(project, track)
    if not words or words[0] not in ("up", "exec", "down") or (words[0] == "exec") != (len(words) > 1):
        raise ContainerError(f"devcontainer: expected up, exec COMMAND… or down, found {' '.join(words) or 'nothing'}")
    environ = clean_environment(settings(engine, project))
    if words[0] == "down":
        command = [engine.program, "compose", "--project-name", _compose_project(project), "down", "--timeout", "2"]
        return subprocess.run([*command, "--volumes"], env=environ, check=False).returncode
    where = ["--workspace-folder", str(project.root), "--config", str(config)]
    command = [str(command_line(project)), words[0], *where, "--docker-path", engine.program, *words[1:]]
    if words[0] == "exec" or sys.stderr.isatty():
        return subprocess.run(command, env=environ, check=False).returncode
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ContainerError(f"devcontainer: expected it to come up, found: {last_lines(done.stderr)}")
    return 0


def _compose_project(project: Project) -> str:
    """As the reference command line names it: what runs is found by its labels there too."""
    return "".join(one for one in project.root.name.lower() if one.isalnum() or one in "-_") + "_devcontainer"
