"""`scripts/docs` as a person calls it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from dev.lockenv.project import Project

pytestmark = pytest.mark.processes


def docs(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(root / "scripts" / "docs"), *arguments]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, timeout=110)


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Path:
    """The repository without its environments, which are linked to."""
    made = tmp_path / "copy"
    left = shutil.ignore_patterns(".venv*", ".nix-environments", ".cache", ".git", "__pycache__")
    shutil.copytree(project.root, made, ignore=left)
    for path in (*project.home.glob(".venv*"), project.cache):
        (made / path.name).symlink_to(path)
    return made


def test_0_where_the_pages_are_up_to_date(project: Project) -> None:
    done = docs(project.root, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_1_where_one_is_not_and_then_it_is_written_again(copy: Path) -> None:
    path = copy / "docs" / "findings.md"
    kept = path.read_text()
    path.write_text(kept.replace("path-contested", "path-disputed"))
    done = docs(copy, "--check")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        "scripts/docs: docs/findings.md: expected what the code says, found another text; run scripts/docs\n"
    )
    done = docs(copy)
    assert (done.returncode, done.stdout) == (0, "docs/findings.md\n")
    assert path.read_text() == kept


@pytest.mark.parametrize("arguments", [["surprise"], ["--check", "--picture"]])
def test_2_where_the_command_line_is_wrong(project: Project, arguments: list[str]) -> None:
    done = docs(project.root, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "scripts/docs: error: " in done.stderr


def test_3_where_a_script_has_no_help(copy: Path) -> None:
    (copy / "scripts" / "anew").write_text("#!/bin/sh\n# Says nothing of itself.\nexit 4\n")
    (copy / "scripts" / "anew").chmod(0o755)
    done = docs(copy, "--check")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "scripts/docs: scripts/anew --help: expected status 0 and `usage: scripts/anew …`, found 4: nothing\n"
    )
