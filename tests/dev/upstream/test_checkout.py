"""Tests that only the root of a git checkout of py-libp2p is accepted, and that no uncommitted file is overwritten."""

import os
from pathlib import Path

import pytest
from pylibp2p import commit, git, made_up

from dev.command.errors import CommandError, FailedError, UsageError
from dev.upstream.checkout import read_checkout

NAME = "interop/transport/ping_test.py"


@pytest.fixture
def with_file(pylibp2p: Path) -> Path:
    """Return the checkout with a committed file at NAME."""
    (pylibp2p / NAME).parent.mkdir(parents=True)
    (pylibp2p / NAME).write_text("old\n")
    commit(pylibp2p)
    return pylibp2p


def refused(root: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read_checkout(root)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_checkout_is_read_through_a_link(pylibp2p: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(pylibp2p)
    found = read_checkout(tmp_path / "link")
    assert found.root == pylibp2p.resolve()
    assert found.pyproject["project"]["version"] == "0.9.0"


def test_other_folders_are_refused(pylibp2p: Path, tmp_path: Path) -> None:
    assert "found no folder" in refused(tmp_path / "nothing")
    assert "found no folder" in refused(pylibp2p / "pyproject.toml")
    assert "pyproject.toml" in refused(pylibp2p / "libp2p")
    (pylibp2p / "pyproject.toml").write_text("[project]\nname = 'other'\ndependencies = []\n")
    assert "whose project is 'other'" in refused(pylibp2p)
    (pylibp2p / "pyproject.toml").write_text("[project\n")
    assert "expected the pyproject.toml of py-libp2p" in refused(pylibp2p)
    (pylibp2p / "pyproject.toml").write_text("[project]\nname = 'libp2p'\ndynamic = ['dependencies']\n")
    assert "expected the requirements of libp2p" in refused(pylibp2p)
    (pylibp2p / "pyproject.toml").write_bytes(b"\xff")
    assert "expected the pyproject.toml of py-libp2p" in refused(pylibp2p)


def test_a_folder_without_the_package_is_refused(pylibp2p: Path) -> None:
    (pylibp2p / "libp2p" / "__init__.py").unlink()
    assert f"found {pylibp2p}, which lacks libp2p/__init__.py" in refused(pylibp2p)


def test_a_folder_without_git_is_refused(pylibp2p: Path) -> None:
    (pylibp2p / ".git").rename(pylibp2p / "git")
    assert "not a git repository" in refused(pylibp2p)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a checkout to another user; run as root")
def test_a_checkout_of_another_user_is_refused_with_the_reason_of_git(
    pylibp2p: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/nowhere")
    for path in (pylibp2p, pylibp2p / ".git"):
        os.chown(path, 12345, 12345)
    assert "dubious ownership" in refused(pylibp2p)


def test_a_folder_inside_another_checkout_is_refused(pylibp2p: Path, tmp_path: Path) -> None:
    outer = made_up(tmp_path / "outer")
    (pylibp2p / ".git").rename(tmp_path / "git")
    pylibp2p.rename(outer / "inner")
    assert f"below the checkout {outer}" in refused(outer / "inner")


def test_the_variables_that_git_sets_for_a_hook_do_not_count(
    pylibp2p: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(made_up(tmp_path / "other") / ".git"))
    assert read_checkout(pylibp2p).root == pylibp2p


def test_a_machine_without_git_is_an_error(pylibp2p: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CommandError, match=r"git: expected to run it in .*; install git"):
        read_checkout(pylibp2p)


def test_a_committed_file_may_be_overwritten(with_file: Path) -> None:
    read_checkout(with_file).refuse_uncommitted([NAME, "interop/transport/new"])
    read_checkout(with_file).refuse_uncommitted([])


@pytest.mark.parametrize("state", ["changed", "staged", "untracked", "ignored"])
def test_a_file_that_git_cannot_bring_back_is_refused(with_file: Path, state: str) -> None:
    name = NAME if state in ("changed", "staged") else "interop/transport/a file.txt"
    (with_file / name).write_text("mine\n")
    if state == "staged":
        git(with_file, "add", ".")
    if state == "ignored":
        (with_file / ".git" / "info" / "exclude").write_text("*.txt\n")
    with pytest.raises(FailedError, match=f"found others: {name}; commit them"):
        read_checkout(with_file).refuse_uncommitted([NAME, name])


@pytest.mark.parametrize("what", ["link", "folder", "link above", "file above"])
def test_a_link_or_a_folder_is_refused(with_file: Path, tmp_path: Path, what: str) -> None:
    transport = with_file / "interop" / "transport"
    if what in ("link", "folder"):
        (with_file / NAME).unlink()
        (with_file / NAME).symlink_to(tmp_path / "elsewhere") if what == "link" else (with_file / NAME).mkdir()
    else:
        transport.rename(tmp_path / "elsewhere")
        transport.symlink_to(tmp_path / "elsewhere") if what == "link above" else transport.write_text("")
    with pytest.raises(FailedError, match="expected files or nothing, found links or folders"):
        read_checkout(with_file).refuse_uncommitted([NAME])


def test_the_ignored_files_are_found(with_file: Path) -> None:
    (with_file / ".gitignore").write_text("lib\n*.so\n")
    found = read_checkout(with_file).ignored([NAME, "interop/transport/lib/x.py", "interop/transport/é.so"])
    assert found == ["interop/transport/lib/x.py", "interop/transport/é.so"]
