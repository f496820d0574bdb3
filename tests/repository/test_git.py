"""Tests of .gitattributes: the line ends of a clone, and the marks of generated files."""

import subprocess
from pathlib import Path

import pytest

from dev.doors.sources import list_sources
from dev.lockenv.project import Project
from dev.pages.registry import PAGES


def git(*words: str | Path, cwd: Path) -> str:
    own = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *own, *words], cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture(scope="module")
def repository(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a git repository that has the scripts of this checkout and its attributes."""
    root = tmp_path_factory.mktemp("repository")
    for name in list_sources(project.root, "/scripts/", "/dev/command/", "/.gitattributes", "/docs/", "*.png"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes((project.root / name).read_bytes())
        (root / name).chmod((project.root / name).stat().st_mode)
    git("init", "-q", cwd=root)
    git("add", "-A", cwd=root)
    git("commit", "-q", "-m", "all", cwd=root)
    return root


def test_with_autocrlf_every_file_keeps_its_bytes(project: Project, repository: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git("clone", "-q", "-c", "core.autocrlf=true", repository, clone, cwd=tmp_path)
    names = list_sources(project.root, "/scripts/", "/dev/command/", "/docs/")
    assert [name for name in names if (clone / name).read_bytes() != (project.root / name).read_bytes()] == []
    (repository / ".gitattributes").rename(tmp_path / "attributes")
    git("commit", "-q", "-a", "-m", "without the attributes", cwd=repository)
    git("clone", "-q", "-c", "core.autocrlf=true", repository, tmp_path / "other", cwd=tmp_path)
    assert b"\r\n" in (tmp_path / "other" / "scripts" / "ping").read_bytes()
    (tmp_path / "attributes").rename(repository / ".gitattributes")
    git("commit", "-q", "--allow-empty", "-m", "with the attributes", cwd=repository)


def test_generated_files_are_marked_and_others_are_not(project: Project, repository: Path) -> None:
    (repository / ".gitattributes").write_bytes((project.root / ".gitattributes").read_bytes())
    made = [*(f"docs/{page}" for page in PAGES), "locks/v0.4.txt", "flake.lock", "envparity/schema/report.schema.json"]
    written = ["docs/start.md", "docs/reference/harness.md", "README.md", "locks/toolchain.toml", "dev/dispatch.py"]
    said = git("check-attr", "linguist-generated", "--", *made, *written, cwd=repository)
    marked = [line.partition(": ")[0] for line in said.splitlines() if line.endswith(": set")]
    assert marked == made
