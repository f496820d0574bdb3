"""`scripts/nix` as a person calls it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from dev.doors.nix_main import main
from dev.lockenv.project import Project

HOW = "install Nix 2.18 or later, or on Debian 12: scripts/nix"
GOOD = 'case "$*" in --version) echo "nix (Nix) 2.30.1" ;; *) echo "$PWD ${LOCKENV_HOME-none}" "$@"; exit 7 ;; esac'


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Path:
    """A copy of what runs, with no Nix made in it."""
    root = tmp_path / "copy"
    for name in ("nixhost", "lockenv", "scripts", "locks"):
        shutil.copytree(project.root / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "linters"))
    shutil.copy(project.root / "pyproject.toml", root)
    return root


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH with no Nix, no git, and no apt-get to get it by."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("sh", "dirname", "readlink"):
        (folder / name).symlink_to(shutil.which(name) or name)
    python = shutil.which("python3.11", path="/usr/bin:/usr/local/bin") or "/usr/bin/python3"
    (folder / "python3.11").symlink_to(python)
    return folder


def script(copy: Path, programs: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [copy / "scripts" / "nix", *arguments],
        cwd=programs,
        env={"PATH": str(programs), "HOME": str(programs.parent), "LOCKENV_HOME": "/of/a/shell"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def put(programs: Path, body: str, name: str = "nix") -> Path:
    (programs / name).write_text(f"#!/bin/sh\n{body}\n")
    (programs / name).chmod(0o755)
    return programs / name


def test_help_tells_the_exit_statuses(copy: Path, programs: Path) -> None:
    done = script(copy, programs, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 there is no Nix, nor could one be made" in " ".join(done.stdout.split())


def test_its_version_and_where_it_is(copy: Path, programs: Path) -> None:
    nix = put(programs, GOOD)
    for arguments in ([], ["--check"]):
        done = script(copy, programs, *arguments)
        assert (done.returncode, done.stdout, done.stderr) == (0, f"2.30.1 {nix}\n", "")


def test_it_is_run_in_the_checkout(copy: Path, programs: Path) -> None:
    put(programs, GOOD)
    done = script(copy, programs, "develop", "--command", "a b", "--help")
    assert (done.returncode, done.stdout, done.stderr) == (7, f"{copy} none develop --command a b --help\n", "")


@pytest.mark.parametrize("arguments", [[], ["--check"], ["develop"]])
def test_no_nix(copy: Path, programs: Path, arguments: list[str]) -> None:
    done = script(copy, programs, *arguments)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"scripts/nix: nix: expected Nix 2.18 or later on PATH, found none; {HOW}\n"


def test_a_nix_that_is_too_old(copy: Path, programs: Path) -> None:
    nix = put(programs, "echo 'nix (Nix) 2.8.0'")
    done = script(copy, programs)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        f"scripts/nix: nix: expected Nix 2.18 or later on PATH, found {nix} of version 2.8.0; {HOW}\n"
    )


def test_a_debian_that_cannot_make_one(copy: Path, programs: Path) -> None:
    put(programs, "echo 'http://mirror/|noble|Packages'", "apt-get")
    done = script(copy, programs)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "scripts/nix: making Nix of Debian's packages: expected apt to have Debian 12's main archive, found none\n"
    )


def test_nothing_is_made_where_it_is_only_asked_for(copy: Path, programs: Path) -> None:
    put(programs, f"touch {programs}/asked", "apt-get")
    assert script(copy, programs, "--check").returncode == 3
    assert not (programs / "asked").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a checkout away")
def test_a_checkout_of_somebody_else(copy: Path, programs: Path) -> None:
    put(programs, GOOD)
    (programs / "git").symlink_to(shutil.which("git") or "git")
    subprocess.run(["git", "init", "-q", copy], check=True)
    for path in (copy, copy / ".git"):
        os.chown(path, 65534, 65534)
    done = script(copy, programs, "develop")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.endswith(f" allow it with: git config --global --add safe.directory {copy}\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["enter"], ["surprise"], ["enter", "v0.4", "more"]])
def test_a_wrong_command_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("nixhost: expected nix or enter TRACK, found ")


def test_an_environment_that_cannot_be_made(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["enter", "v9"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("nix: track: expected one of v0.4, ")
    assert told.err.count("\n") == 1
