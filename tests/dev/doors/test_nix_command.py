"""Tests of `scripts/nix`, which runs Nix in the checkout and sets Nix up if it is missing on Debian 12."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from called import Machine

from dev.lockenv.project import Project

HOW = "install Nix 2.18 or later, or on Debian 12: scripts/nix"
GOOD = 'case "$*" in --version) echo "nix (Nix) 2.30.1" ;; *) echo "$PWD ${LOCKENV_HOME-none}" "$@"; exit 7 ;; esac'


@pytest.fixture
def bare(project: Project, tmp_path: Path) -> Machine:
    """Return a simulated machine with a copy of the scripts, and without Nix, git and apt-get."""
    root = tmp_path / "copy"
    left_out = shutil.ignore_patterns("__pycache__", "linters", "recorded")
    for name in ("dev", "scripts", "locks"):
        shutil.copytree(project.root / name, root / name, ignore=left_out)
    shutil.copy(project.root / "pyproject.toml", root)
    return Machine(root, tmp_path / "programs", {"HOME": str(tmp_path), "LOCKENV_HOME": "/of/a/shell"})


def test_help_names_the_exit_statuses(bare: Machine) -> None:
    done = bare.call("nix", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 this machine has no Nix 2.18 or later, and the command could not make one" in " ".join(
        done.stdout.split()
    )


def test_without_arguments_it_prints_its_version_and_its_folder(bare: Machine) -> None:
    nix = bare.put("nix", GOOD)
    for arguments in ([], ["--check"]):
        done = bare.call("nix", *arguments)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"2.30.1 {nix}\n", "")


def test_nix_runs_in_the_checkout(bare: Machine) -> None:
    bare.put("nix", GOOD)
    done = bare.call("nix", "develop", "--command", "a b", "--help")
    assert (done.returncode, done.stdout, done.stderr) == (
        7,
        f"{bare.checkout} none develop --command a b --help\n",
        "",
    )


@pytest.mark.parametrize("arguments", [[], ["--check"], ["develop"]])
def test_a_missing_nix_is_one_line(bare: Machine, arguments: list[str]) -> None:
    said = bare.complaint("nix", *arguments)
    assert said == f"scripts/nix: nix: expected Nix 2.18 or later on PATH, found none; {HOW}"


def test_a_nix_that_is_too_old_is_one_line(bare: Machine) -> None:
    nix = bare.put("nix", "echo 'nix (Nix) 2.8.0'")
    assert bare.complaint("nix") == (
        f"scripts/nix: nix: expected Nix 2.18 or later on PATH, found {nix} of version 2.8.0; {HOW}"
    )


def test_a_debian_that_cannot_install_nix_is_one_line(bare: Machine) -> None:
    bare.put("apt-get", "echo 'http://mirror/|noble|Packages'")
    assert bare.complaint("nix") == (
        "scripts/nix: making Nix of Debian's packages: expected the main archive of Debian 12 in the sources of apt, "
        "found none; add it to /etc/apt/sources.list"
    )


def test_check_installs_nothing(bare: Machine) -> None:
    bare.put("apt-get", "")
    assert bare.call("nix", "--check").returncode == 3
    assert bare.asked() == []


@pytest.mark.git
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the owner of a checkout; run as root")
def test_a_checkout_of_another_user_is_one_line(bare: Machine) -> None:
    bare.put("nix", GOOD)
    (bare.folder / "git").symlink_to(shutil.which("git") or "git")
    subprocess.run(["git", "init", "-q", bare.checkout], check=True)
    for path in (bare.checkout, bare.checkout / ".git"):
        os.chown(path, 65534, 65534)
    said = bare.complaint("nix", "develop")
    assert said.endswith(f" allow it with: git config --global --add safe.directory {bare.checkout}")
