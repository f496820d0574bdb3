"""`scripts/why` as a person calls it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from dev.lockenv.project import Project


def why(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(root / "scripts" / "why"), *arguments]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, timeout=110)


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Path:
    """The repository without its environments, which are linked to."""
    made = tmp_path / "copy"
    shutil.copytree(
        project.root,
        made,
        ignore=shutil.ignore_patterns(".venv*", ".nix-environments", ".cache", ".git", "__pycache__"),
    )
    for path in (*project.root.glob(".venv*"), project.cache):
        (made / path.name).symlink_to(path)
    return made


def test_0_where_the_document_is_up_to_date(project: Project) -> None:
    done = why(project.root, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_1_where_it_is_not_and_then_it_is_written_again(copy: Path) -> None:
    path = copy / "docs" / "why-the-environments-differed.md"
    kept = path.read_text()
    path.write_text(kept.replace("2025-10-27 14:22", "2025-10-28 14:22"))
    done = why(copy, "--check")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        "scripts/why: docs/why-the-environments-differed.md: expected what the recorded runs say, found another text; "
        "run scripts/why\n"
    )
    done = why(copy)
    assert (done.returncode, done.stdout) == (
        0,
        "docs/why-the-environments-differed.md\ndocs/why-the-environments-differed.svg\ndocs/toolchain.md\n"
        "docs/performance.md\n",
    )
    assert path.read_text() == kept


def test_2_where_the_command_line_is_wrong(project: Project) -> None:
    done = why(project.root, "surprise")
    assert (done.returncode, done.stdout) == (2, "")
    assert "unrecognized arguments: surprise" in done.stderr


def test_1_where_a_pin_moved_and_the_page_did_not(copy: Path) -> None:
    path = copy / "locks" / "toolchain.toml"
    path.write_text(path.read_text().replace('git = "1:2.39.5', 'git = "1:2.39.6'))
    done = why(copy, "--check")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("scripts/why: docs/toolchain.md: expected what the recorded runs say, ")


def test_2_where_what_to_record_is_none(project: Project) -> None:
    done = why(project.root, "--record", "everything")
    assert (done.returncode, done.stdout) == (2, "")
    assert "invalid choice: 'everything'" in done.stderr


def test_3_where_a_run_is_missing(copy: Path) -> None:
    (copy / "account" / "recorded" / "after.json").unlink()
    done = why(copy)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("scripts/why: expected after.json as scripts/why --record writes it, found: ")
    assert done.stderr.count("\n") == 1
