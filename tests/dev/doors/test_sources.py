"""Tests of the list of the checkout's files: it needs no git, and it names exactly the files that .gitignore leaves."""

import os
import subprocess
from pathlib import Path

import pytest
from programs import line_of

from dev.doors.sources import list_sources
from dev.lockenv.project import Project

FILES = ("a.py", "b.yml", "sub/c.py", "sub/deep/d.yaml", "target/no.py", ".venv-x/no.py", "sub/__pycache__/no.pyc")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (*FILES, "other/.git/HEAD", "other/no.py", ".git/no"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "dead").symlink_to("nowhere")
    (tmp_path / "again").symlink_to("sub")
    (tmp_path / ".gitignore").write_text("# a comment\n/.venv-*\n__pycache__/\ntarget/\n")
    return tmp_path


def test_ignored_files_and_other_checkouts_are_left_out(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")  # there is no git
    assert list_sources(root) == [".gitignore", "a.py", "b.yml", "sub/c.py", "sub/deep/d.yaml"]
    assert list_sources(root, "*.yml", "*.yaml") == ["b.yml", "sub/deep/d.yaml"]
    assert list_sources(root, "/*.py") == ["a.py"]
    assert list_sources(root, "/sub/") == ["sub/c.py", "sub/deep/d.yaml"]
    assert list_sources(root, "*.none") == []


def test_in_a_worktree_the_file_that_names_the_git_folder_is_left_out(root: Path) -> None:
    (root / ".git" / "no").unlink()
    (root / ".git").rmdir()
    (root / ".git").write_text("gitdir: /elsewhere\n")
    assert ".git" not in list_sources(root)


def test_a_folder_without_gitignore_is_one_line(tmp_path: Path) -> None:
    assert line_of(lambda: list_sources(tmp_path)) == (
        f"{tmp_path}/.gitignore: expected the list of the files that do not belong to the checkout, found: No such "
        "file or directory; unpack or clone the sources again"
    )


@pytest.mark.git
def test_git_lists_the_same_files_of_this_checkout(project: Project) -> None:
    if not (project.root / ".git").exists():
        pytest.skip("this checkout is an archive without git; clone the repository")
    safe = ["-c", f"safe.directory={project.root}"]  # another user may own the checkout
    told = ["git", *safe, "ls-files", "-z", "--cached", "--others", "--exclude-from=.gitignore"]
    listed = subprocess.run(told, cwd=project.root, capture_output=True, check=True).stdout
    names = {os.fsdecode(name) for name in listed.split(b"\0") if name}
    assert {name for name in names if (project.root / name).is_file()} == set(list_sources(project.root))
