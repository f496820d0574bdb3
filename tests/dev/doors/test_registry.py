"""Every door: known to envparity, and one line where this machine cannot make it."""

import pytest

from dev.doors.door import Absent
from dev.doors.registry import DOORS
from dev.lockenv.project import Project
from envparity.project.config import find_config


def test_every_door_of_the_project_is_known(project: Project) -> None:
    assert list(find_config(project.root).doors) == list(DOORS)


@pytest.mark.parametrize("name", ["docker", "devcontainer"])
def test_no_engine(project: Project, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    with pytest.raises(Absent, match=r"^engine: expected Docker, found .* root: scripts/offline engine$") as caught:
        DOORS[name].require(project, "v0.4")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["venv", "docker"])
def test_what_needs_no_program_of_the_project_leaves_path_alone(project: Project, name: str) -> None:
    assert DOORS[name].search_path(project, "/first") == "/first"
