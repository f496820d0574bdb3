"""Tests of the door `docker`, which is the way into an image: on a machine with Podman it starts Podman."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from docker_kit import BUILDS, DockerFolders
from programs import put

from dev.doors.docker import DockerDoor
from dev.lockenv.project import Project


@pytest.fixture(autouse=True)
def _nothing_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "CONTAINER_ENGINE", "CONTAINER_HOST"):
        monkeypatch.delenv(name, raising=False)


def test_with_docker_path_stays_unchanged(project: Project, docker_folders: DockerFolders) -> None:
    assert DockerDoor().search_path(project, "/first") == "/first"
    put(docker_folders.first, "docker", BUILDS)
    assert DockerDoor().search_path(project, "/first") == "/first"


def test_with_podman_the_command_docker_starts_podman(
    project: Project, docker_folders: DockerFolders, tmp_path: Path
) -> None:
    put(docker_folders.first, "podman", 'test "$1" = version && echo 4.3.1 || echo "podman $*"')
    path = DockerDoor().search_path(replace(project, home=tmp_path), "/first")
    folder, rest = path.split(os.pathsep)
    assert rest == "/first"
    command = [f"{folder}/docker", "run", "--rm", "a b"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin"})
    assert done.stdout == "podman run --rm a b\n"
