"""Tests of upgrading the pinned versions of Debian's packages to the versions on the mirror of the base image."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.doors.engine import Engine
from dev.doors.pins import move_pins, snapshot, unpacked
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
    ((_, python),) = unpacked(copy).items()
    older = current[0].replace('gcc = "4:12.2.0-3"', 'gcc = "1"').replace('cmake = "3.25.1-1"', 'cmake = "2"')
    path.write_text(older.replace(f'"python3.13" = "{python["python3.13"]}"', '"python3.13" = "3"'))
    dockerfile.write_text(current[1].replace('"gcc=4:12.2.0-3 ', '"gcc=1 ').replace(" cmake=3.25.1-1 ", " cmake=2 "))
    before = snapshot(copy)
    moved = move_pins(engine, copy, base)
    assert list(moved.items())[:-1] == [
        ("gcc", ("1", "4:12.2.0-3")),
        ("cmake", ("2", "3.25.1-1")),
        ("python3.13", ("3", python["python3.13"])),
    ]
    old, new = moved["snapshot"]
    assert old == before < new == snapshot(copy)
    assert (path.read_text(), dockerfile.read_text()) == tuple(text.replace(old, new) for text in current)
    assert move_pins(engine, copy, base) == {}


@pytest.mark.parametrize("text", ["", 'snapshot = "today"', "snapshot = 1"])
def test_a_wrong_instant_is_one_line(project: Project, tmp_path: Path, text: str) -> None:
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "toolchain.toml").write_text(f"[debian]\n{text}\n")
    with pytest.raises(CommandError, match=r"toolchain\.toml: expected an instant such as 2026\S+ as snapshot in \["):
        snapshot(replace(project, root=tmp_path))


def test_the_dockerfile_has_the_instant_of_the_toolchain_file(project: Project) -> None:
    assert f"\nARG DEBIAN_SNAPSHOT={snapshot(project)}\n" in (project.root / "Dockerfile").read_text()
