"""Tests of the folders in which the Nix shells keep their files.

The folders are in the git checkout. If the sources are a copy without git, the folders are outside of the copy, because
Nix copies every file of the copy into its store.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.doors.nix_folders import check_owner, nix_folders
from dev.lockenv.project import Project


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Path:
    """Copy the two files that `read_project` reads, without git; return the path of the copy."""
    root = tmp_path / "a copy"
    (root / "locks").mkdir(parents=True)
    for name in ("pyproject.toml", "locks/toolchain.toml"):
        shutil.copy(project.root / name, root / name)
    return root


@pytest.mark.parametrize("kind", ["clone", "worktree"])
def test_in_a_checkout_the_folders_are_next_to_the_flake(copy: Path, kind: str) -> None:
    (copy / ".git").mkdir() if kind == "clone" else (copy / ".git").touch()
    folders = nix_folders(copy)
    assert folders.environments == copy / ".nix-environments"
    assert folders.prefix == copy / ".cache" / "nix"
    assert (folders.host.root, folders.host.home) == (copy, copy)


def test_in_a_copy_the_folders_are_outside_of_it(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    caches = copy.parent / "caches"
    monkeypatch.setenv("XDG_CACHE_HOME", str(caches))
    folders = nix_folders(copy)
    assert folders.environments.parent == caches / "py-libp2p-ping-test"
    assert folders.prefix.is_relative_to(folders.environments)
    assert folders.host.root == copy
    other = copy.with_name("another copy")
    copy.rename(other)
    assert nix_folders(other).environments != folders.environments


def test_in_a_copy_without_xdg_the_folders_are_in_the_home(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(copy.parent))
    assert nix_folders(copy).environments.parent == copy.parent / ".cache" / "py-libp2p-ping-test"


@pytest.mark.git
def test_a_checkout_of_the_same_user_is_accepted(copy: Path) -> None:
    check_owner(copy)
    subprocess.run(["git", "init", "-q", copy], check=True)
    check_owner(copy)


@pytest.mark.git
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the owner of a checkout; run as root")
def test_a_checkout_of_another_user_is_one_line(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(copy.parent))
    subprocess.run(["git", "init", "-q", copy], check=True)
    for path in (copy, copy / ".git"):
        os.chown(path, 65534, 65534)
    with pytest.raises(CommandError) as caught:
        check_owner(copy)
    assert str(caught.value) == (
        f"{copy}: expected a checkout that you own, found another owner, so git and Nix refuse to read it; allow it "
        f"with: git config --global --add safe.directory '{copy}'"
    )
    command = str(caught.value).partition("with: ")[2]
    subprocess.run(["sh", "-c", command], check=True)
    check_owner(copy)
