"""Tests of `scripts/parity`, which compares doors, on a machine that can open only some doors.

A door is one way into the project's environment: venv, docker, devcontainer or nix.
"""

import shutil

import pytest
from compared import parity

from dev.lockenv.project import Project

# The command makes the venv if it is missing, which needs the network. It does this inside a container or a Nix
# shell, too.
pytestmark = [pytest.mark.processes, pytest.mark.network]


def test_a_named_door_must_open(project: Project) -> None:
    done = parity(project, "venv", "docker", DOCKER_HOST="unix:///nowhere.sock")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("scripts/parity: engine: expected Docker or Podman, found ")
    assert done.stderr.count("\n") == 1


def test_without_names_at_least_two_doors_must_open(project: Project) -> None:
    done = parity(project, "--no-behaviour", DOCKER_HOST="unix:///nowhere.sock")
    said = done.stdout + done.stderr
    assert "docker: engine: expected Docker" in said
    if shutil.which("nix") or (project.root / ".cache" / "nix" / "bin" / "nix").exists():  # nix is a second door
        assert (done.returncode, "in venv and nix (docker and devcontainer not compared)" in said) == (0, True)
    else:
        assert (done.returncode, done.stdout) == (2, "")
        assert "expected at least two to open here, found 1 (venv); not docker: engine: expected Docker" in said
        assert "; not nix: expected Nix" in said
        assert "on Debian 12: scripts/nix" in said


def test_with_strict_every_door_must_open(project: Project) -> None:
    done = parity(project, "--strict", DOCKER_HOST="unix:///nowhere.sock")
    assert (done.returncode, done.stdout) == (2, "")
    assert "envparity: doors: expected this machine to open all 4, found " in done.stderr


def test_a_wrong_track_is_an_error(project: Project) -> None:
    done = parity(project, "venv", "--track", "v9")
    assert (done.returncode, done.stdout) == (2, "")
    assert "v9" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_wrong_option_is_an_error(project: Project) -> None:
    assert parity(project, "--surprise").returncode == 2
