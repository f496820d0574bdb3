"""Tests of the door `venv`, the way into the project's environment through a virtual environment on this machine."""

from dataclasses import replace
from pathlib import Path

import pytest

from dev.doors.venv import VenvDoor
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project


def test_an_existing_environment_is_left_unchanged(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the door made a complete environment again, envparity could not find the defects of that environment."""
    made: list[str] = []
    monkeypatch.setattr(EnvironmentMaker, "track", lambda _maker, track: made.append(track))
    here = replace(project, root=tmp_path, home=tmp_path)
    VenvDoor().make(here, "v0.4")
    assert made == ["v0.4"]
    (tmp_path / ".venv-v0.4" / "bin").mkdir(parents=True)
    (tmp_path / ".venv-v0.4" / "bin" / "python").touch()
    VenvDoor().make(here, "v0.4")
    assert made == ["v0.4"] * 2, "an install that was interrupted is made again"
    config = tmp_path / ".venv-v0.4" / "pyvenv.cfg"
    config.write_text("lockenv-place = /workspace/.venv-v0.4\nlockenv = of another lock\n")
    VenvDoor().make(here, "v0.4")
    assert made == ["v0.4"] * 3, "an environment from inside a container does not belong to this machine"
    config.write_text(f"lockenv-place = {config.parent}\nlockenv = of another lock\n")
    VenvDoor().make(here, "v0.4")
    assert made == ["v0.4"] * 3
