"""Tests of the choice between the Nix on PATH and the Nix that this project made, and of the error without a Nix."""

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
    """Set PATH to an empty folder; return folders in which this project has not made a Nix."""
    (tmp_path / "path").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    home = tmp_path / "home"
    return NixFolders(read_project(project.root, home), home, home / ".cache" / "nix")


def on_path(body: str, name: str = "nix") -> Path:
    return put(Path(os.environ["PATH"]), name, body)


def test_without_nix_the_error_says_how_to_get_it(folders: NixFolders) -> None:
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
def test_a_suitable_nix_is_used(folders: NixFolders, says: str, version: str) -> None:
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
def test_an_unsuitable_nix_is_reported(folders: NixFolders, body: str, found: str) -> None:
    program = on_path(body)
    said = line_of(lambda: find_nix(folders)).replace(f"{program}, which", f"{program} which")
    assert said == f"nix: expected Nix 2.18 or later on PATH, found {program} {found}; {HOW}"


def test_the_nix_on_path_comes_before_the_nix_made_here(folders: NixFolders) -> None:
    made = put(folders.prefix / "bin", "nix", "echo 'nix (Nix) 2.26.3'")
    assert find_nix(folders) == Nix(made, "2.26.3")
    old = on_path("echo 'nix (Nix) 2.8.0'")
    assert find_nix(folders) == Nix(made, "2.26.3")
    old.write_text("#!/bin/sh\necho 'nix (Nix) 2.30.0'\n")
    assert find_nix(folders) == Nix(old, "2.30.0")


def test_an_existing_nix_is_not_replaced(folders: NixFolders) -> None:
    program = on_path("echo 'nix (Nix) 2.24.1'")
    on_path(f"touch {folders.environments}-asked", "apt-get")
    assert ensure_nix(folders) == Nix(program, "2.24.1")
    assert not folders.prefix.exists()
    assert not Path(f"{folders.environments}-asked").exists()


def test_on_another_system_the_error_says_how_to_get_nix(folders: NixFolders) -> None:
    on_path("echo 'nix (Nix) 2.8.0'")
    assert line_of(lambda: ensure_nix(folders)).endswith(f"of version 2.8.0; {HOW}")


def test_the_door_reports_a_missing_nix(project: Project, folders: NixFolders) -> None:
    bare = replace(project, root=folders.environments)
    for name in ("pyproject.toml", "locks/toolchain.toml"):
        (bare.root / name).parent.mkdir(parents=True, exist_ok=True)
        (bare.root / name).write_bytes((project.root / name).read_bytes())
    with pytest.raises(Absent, match=r"^nix: expected Nix 2\.18 or later on PATH, found none; .*: scripts/nix$"):
        NixDoor().require(bare, "v0.4")
    assert NixDoor().search_path(bare, "/first") == "/first"


def test_a_nix_that_is_first_on_path_stays_there(project: Project, folders: NixFolders) -> None:
    on_path("echo 'nix (Nix) 2.24.1'")
    assert folders.host.root == project.root
    path = os.environ["PATH"]
    assert NixDoor().search_path(project, path) == path
    assert NixDoor().search_path(project, "/elsewhere") == f"{path}:/elsewhere"
