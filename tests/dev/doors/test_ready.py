"""What has to be there before a door opens."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dev.doors import ready
from dev.doors.ready import MAKES, Absent, programs
from dev.lockenv.project import Project, read_project
from envparity.project.config import find_config


def test_each_door_of_the_project_is_known(project: Project) -> None:
    assert list(find_config(project.root).doors) == list(MAKES)


def test_an_environment_that_is_there_is_left_as_it_is(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To make it anew would hide what is wrong with it."""
    made: list[str] = []
    monkeypatch.setattr(ready, "track_environment", lambda _project, track: made.append(track))
    here = replace(project, root=tmp_path, home=tmp_path)
    MAKES["venv"](here, "v0.4")
    assert made == ["v0.4"]
    (tmp_path / ".venv-v0.4" / "bin").mkdir(parents=True)
    (tmp_path / ".venv-v0.4" / "bin" / "python").touch()
    MAKES["venv"](here, "v0.4")
    assert made == ["v0.4"] * 2, "an install that was interrupted is mended"
    config = tmp_path / ".venv-v0.4" / "pyvenv.cfg"
    config.write_text("lockenv-place = /workspace/.venv-v0.4\nlockenv = of another lock\n")
    MAKES["venv"](here, "v0.4")
    assert made == ["v0.4"] * 3, "one that was made within a container, say, is not this machine's"
    config.write_text(f"lockenv-place = {config.parent}\nlockenv = of another lock\n")
    MAKES["venv"](here, "v0.4")
    assert made == ["v0.4"] * 3


@pytest.mark.parametrize("name", ["docker", "devcontainer"])
def test_no_engine(project: Project, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    with pytest.raises(
        Absent, match=r"^engine: expected Docker, found .* on Debian, as root: scripts/engine$"
    ) as caught:
        MAKES[name](project, "v0.4")
    assert "\n" not in str(caught.value)


@pytest.mark.docker
def test_a_track_without_a_devcontainer(project: Project) -> None:
    with pytest.raises(Absent, match=r"^devcontainer: expected a track that has one, v0\.4, v0\.8, found 'v0\.4-git'$"):
        MAKES["devcontainer"](project, "v0.4-git")


def test_no_nix(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(project.root / "locks", tmp_path / "locks")
    shutil.copy(project.root / "pyproject.toml", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Absent, match=r"^nix: expected Nix 2\.18 or later on PATH, found none; .*: scripts/nix$"):
        MAKES["nix"](replace(project, root=tmp_path), "v0.4")


def test_programs_of_the_projects_own_come_last(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/first")
    own = [f"{project.root}/.cache/{name}/bin" for name in ("devcontainer", "nix")]
    assert programs(read_project(project.root)).split(os.pathsep) == ["/first", *own]
