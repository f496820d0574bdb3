"""Tests of the list of doors: envparity knows each door, and a door that cannot open gives an error of one line.

A door is one way into the project's environment: venv, docker, devcontainer or nix.
"""

import pytest
from docker_kit import DockerFolders
from programs import recorded

from dev.doors.door import Absent
from dev.doors.registry import DOORS
from dev.lockenv.project import Project
from envparity.project.config import find_config


def test_envparity_knows_every_door_of_the_project(project: Project) -> None:
    assert list(find_config(project.root).doors) == list(DOORS)


@pytest.mark.parametrize("name", ["docker", "devcontainer"])
def test_without_an_engine_each_docker_door_is_one_line(
    project: Project, name: str, docker_folders: DockerFolders, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(docker_folders.first, "docker", 'case "$1" in version) echo "Cannot connect" >&2; exit 1 ;; esac')
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    with pytest.raises(
        Absent,
        match=r"^engine: expected .*, found .*DOCKER_HOST$",
    ) as caught:
        DOORS[name].require(project, "v0.4")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["venv", "docker"])
def test_a_door_without_its_own_program_does_not_change_path(project: Project, name: str) -> None:
    assert DOORS[name].search_path(project, "/first") == "/first"
