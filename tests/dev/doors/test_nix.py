"""Which Nix the door uses, and what it says where there is none."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from programs import line_of, put

from dev.doors.door import Absent
from dev.doors.nix import Nix, NixDoor, ensure_nix, find_nix
from dev.doors.nix_folders import NixFolders
from dev.lockenv.project import Project, read_project

HOW = "install Nix 2.18 or later, or on Debian 12: scripts/nix"


@pytest.fixture
def folders(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NixFolders:
    """A PATH with nothing on it, and an empty prefix."""
    (tmp_path / "path").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    home = tmp_path / "home"
    return NixFolders(read_project(project.root, home), home, home / ".cache" / "nix")


def on_path(body: str, name: str = "nix") -> Path:
    return put(Path(os.environ["PATH"]), name, body)


def test_none(folders: NixFolders) -> None:
    assert line_of(lambda: find_nix(folders)) == f"nix: expected Nix 2.18 or later on PATH, found none; {HOW}"


@pytest.mark.parametrize(
    ("says", "version"),
    [
        ("nix (Nix) 2.18.0", "2.18.0"),
        ("nix (Nix) 3.0pre20300101_abc", "3.0pre20300101_abc"),
        ("nix (Lix, like Nix) 2.93.3", "2.93.3"),
        ("nix (Determinate Nix 3.8.5) 2.30.1", "2.30.1"),
    ],
)
def test_one_that_will_do(folders: NixFolders, says: str, version: str) -> None:
    program = on_path(f"echo '{says}'")
    assert find_nix(folders) == Nix(program, version)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("echo 'nix (Nix) 2.8.0'", "of version 2.8.0"),
        ("echo 'nix (Nix) 2.17.1'", "of version 2.17.1"),
        ("echo something else", "which prints no version"),
        ("echo 'nix (Nix) 2.30.0'; exit 1", "which prints no version"),
    ],
)
def test_one_that_will_not(folders: NixFolders, body: str, found: str) -> None:
    program = on_path(body)
    said = line_of(lambda: find_nix(folders)).replace(f"{program}, which", f"{program} which")
    assert said == f"nix: expected Nix 2.18 or later on PATH, found {program} {found}; {HOW}"


def test_the_one_made_here_stands_behind_that_on_path(folders: NixFolders) -> None:
    made = put(folders.prefix / "bin", "nix", "echo 'nix (Nix) 2.26.3'")
    assert find_nix(folders) == Nix(made, "2.26.3")
    old = on_path("echo 'nix (Nix) 2.8.0'")
    assert find_nix(folders) == Nix(made, "2.26.3")
    old.write_text("#!/bin/sh\necho 'nix (Nix) 2.30.0'\n")
    assert find_nix(folders) == Nix(old, "2.30.0")


def test_nothing_is_made_where_there_is_one(folders: NixFolders) -> None:
    program = on_path("echo 'nix (Nix) 2.24.1'")
    on_path(f"touch {folders.environments}-asked", "apt-get")
    assert ensure_nix(folders) == Nix(program, "2.24.1")
    assert not folders.prefix.exists()
    assert not Path(f"{folders.environments}-asked").exists()


def test_another_system_is_told_how(folders: NixFolders) -> None:
    on_path("echo 'nix (Nix) 2.8.0'")
    assert line_of(lambda: ensure_nix(folders)).endswith(f"of version 2.8.0; {HOW}")


def test_the_door_without_nix(project: Project, folders: NixFolders) -> None:
    bare = replace(project, root=folders.environments)
    for name in ("pyproject.toml", "locks/toolchain.toml"):
        (bare.root / name).parent.mkdir(parents=True, exist_ok=True)
        (bare.root / name).write_bytes((project.root / name).read_bytes())
    with pytest.raises(Absent, match=r"^nix: expected Nix 2\.18 or later on PATH, found none; .*: scripts/nix$"):
        NixDoor().require(bare, "v0.4")
    assert NixDoor().search_path(bare, "/first") == "/first"


def test_a_nix_that_is_first_on_path_is_left_there(project: Project, folders: NixFolders) -> None:
    on_path("echo 'nix (Nix) 2.24.1'")
    assert folders.host.root == project.root
    path = os.environ["PATH"]
    assert NixDoor().search_path(project, path) == path
    assert NixDoor().search_path(project, "/elsewhere") == f"{path}:/elsewhere"
