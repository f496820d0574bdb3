"""Tests of the facts about a checkout that a container needs: its compose project and its git folder."""

import re
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from dev.doors.checkout import GitFolder, git_folder, project_name


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("py-libp2p-ping-test", "py-libp2p-ping-test_devcontainer"),
        ("My Ping.Test (2)", "mypingtest2_devcontainer"),
        ("Überblick", "berblick_devcontainer"),
        ("проект-2", None),
        ("試験", None),
        ("_", None),
        ("...", None),
    ],
)
def test_every_folder_name_gives_a_name_that_compose_accepts(folder: str, name: str | None) -> None:
    found = project_name(Path("/home/me", folder))
    assert re.fullmatch(r"[a-z0-9][-_a-z0-9]*", found)
    assert found == name if name else re.fullmatch(r"ping-test-[0-9a-f]{8}_devcontainer", found)


def test_two_checkouts_never_share_a_name() -> None:
    assert project_name(Path("/a/проект")) != project_name(Path("/b/проект"))
    other = project_name(Path("/b/x"), [project_name(Path("/a/x"))])
    assert other.startswith("ping-test-")
    assert project_name(Path("/b/x"), ["y_devcontainer"]) == "x_devcontainer"


def test_a_clone_and_an_archive_need_no_other_folder(tmp_path: Path) -> None:
    assert git_folder(tmp_path) is None
    (tmp_path / ".git").mkdir()
    assert git_folder(tmp_path) is None


@pytest.mark.git
def test_the_git_folder_of_a_worktree_is_mounted_at_the_path_that_the_worktree_names(tmp_path: Path) -> None:
    main, tree = tmp_path / "main", tmp_path / "a tree"
    own = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "init", "-q", main], check=True)
    subprocess.run(["git", "-C", main, *own, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    subprocess.run(["git", "-C", main, "worktree", "add", "-q", "-b", "one", tree], check=True, capture_output=True)
    assert git_folder(tree) == GitFolder(main / ".git", PurePosixPath(str(main / ".git")))
    assert (tree / ".git").read_text().startswith("gitdir: /")
    text = (tree / ".git").read_text()
    (tree / ".git").write_text(text.replace(str(main), "../main"))  # git 2.48 writes such a path on demand
    assert git_folder(tree) == GitFolder(main / ".git", PurePosixPath("/main/.git"))


def test_the_git_folder_of_a_submodule_is_mounted_too(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / ".git" / "modules" / "sub").mkdir(parents=True)
    (tmp_path / "sub" / ".git").write_text("gitdir: ../.git/modules/sub\n")
    assert git_folder(tmp_path / "sub") == GitFolder(
        tmp_path / ".git" / "modules" / "sub", PurePosixPath("/.git/modules/sub")
    )
