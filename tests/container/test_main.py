"""scripts/engine, scripts/base-image and scripts/image as a person calls them, where they can do nothing."""

import os
import subprocess
from pathlib import Path

import pytest

from lockenv.project import Project


def script(project: Project, name: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [str(project.root / "scripts" / name), *arguments]
    return subprocess.run(
        command, cwd="/", env=os.environ | environ, capture_output=True, text=True, check=False, timeout=100
    )


@pytest.mark.parametrize("name", ["engine", "base-image", "image"])
def test_help_tells_the_exit_statuses(project: Project, name: str) -> None:
    done = script(project, name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"usage: scripts/{name}" in done.stdout
    assert "Exit status: 0 done; 1 with --verify: two builds are two images; 2" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("name", "arguments"), [("engine", ["x"]), ("image", ["--target", "x"]), ("base-image", ["-q"])]
)
def test_2_where_the_command_line_is_wrong(project: Project, name: str, arguments: list[str]) -> None:
    done = script(project, name, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_3_where_the_track_is_none(project: Project) -> None:
    done = script(project, "image", "--track", "v9")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("scripts/image: track: expected one of v0.4, v0.4-git, v0.8 (pyproject.toml), found")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("name", "arguments"), [("image", []), ("base-image", []), ("engine", ["--check"])])
def test_3_where_no_engine_answers(project: Project, tmp_path: Path, name: str, arguments: list[str]) -> None:
    done = script(project, name, *arguments, DOCKER_HOST=f"unix://{tmp_path}/none.sock")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"scripts/{name}: engine: expected Docker, found ")
    assert "install Docker 23 or later with its buildx and compose plugins" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.docker
def test_3_where_the_base_cannot_be_had(project: Project) -> None:
    done = script(project, "image", BASE_IMAGE="localhost:1/no/such:base")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("scripts/image: base: expected localhost:1/no/such:base here or to be had: ")
    assert done.stderr.count("\n") == 1
