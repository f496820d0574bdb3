"""Tests of upgrading the pinned versions of Debian's packages to the versions on the mirror of the base image."""

import shutil
from pathlib import Path

import pytest

from dev.doors.engine import Engine
from dev.doors.pins import move_pins
from dev.lockenv.project import Project, read_project


@pytest.mark.docker
@pytest.mark.network
def test_only_an_outdated_pin_is_moved(engine: Engine, project: Project, base: str, tmp_path: Path) -> None:
    shutil.copytree(project.root / "locks", tmp_path / "locks")
    for name in ("pyproject.toml", "Dockerfile"):
        shutil.copy(project.root / name, tmp_path)
    path = tmp_path / "locks" / "toolchain.toml"
    copy = read_project(tmp_path)
    move_pins(engine, copy, base)
    dockerfile = tmp_path / "Dockerfile"
    current = path.read_text(), dockerfile.read_text()
    path.write_text(current[0].replace('gcc = "4:12.2.0-3"', 'gcc = "1"').replace('cmake = "3.25.1-1"', 'cmake = "2"'))
    dockerfile.write_text(current[1].replace('"gcc=4:12.2.0-3 ', '"gcc=1 ').replace(" cmake=3.25.1-1 ", " cmake=2 "))
    assert move_pins(engine, copy, base) == {"gcc": ("1", "4:12.2.0-3"), "cmake": ("2", "3.25.1-1")}
    assert (path.read_text(), dockerfile.read_text()) == current
