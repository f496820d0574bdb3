"""Tests that a view of a tree answers as the module `os` answers for the same files on the disk."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from archives import region, tar_of

from envparity.outside.disk import disk_tree
from envparity.outside.spool import Spool
from envparity.outside.tar import members
from envparity.outside.tree import Tree
from envparity.outside.view import View, refused

PATHS = [
    *("file folder link absolute dangling circle pipe none up".split()),
    *("folder/inner link/inner file/x folder/../file folder/ .".split()),
]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / "folder").mkdir(parents=True)
    (folder / "file").write_bytes(b"text")
    (folder / "file").chmod(0o750)
    (folder / "folder" / "inner").write_bytes(b"x" * 100)
    for name, target in {
        "link": "folder",
        "absolute": str(folder / "file"),
        "dangling": "none/x",
        "circle": "circle",
        "up": "../files/file",
    }.items():
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "pipe")
    return folder


def answers(system: Any, base: str) -> dict[str, object]:
    """Return what a module like `os` answers about each path, or the name of the error that it raises."""

    def ask(call: Callable[[], Any]) -> object:
        try:
            return call()
        except (OSError, ValueError) as error:
            return type(error).__name__, getattr(error, "errno", None)

    def facts(found: os.stat_result) -> tuple[object, ...]:
        kind = stat.S_IFMT(found.st_mode)
        size = found.st_size if kind == stat.S_IFREG else 0
        return kind, found.st_mode & 0o777 if kind == stat.S_IFREG else 0, size, int(found.st_mtime) if size else 0

    def read(path: str) -> bytes:
        handle = system.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            data = system.read(handle, 3) + system.read(handle, 1000)
            assert isinstance(data, bytes)
            return data
        finally:
            system.close(handle)

    def listed(path: str) -> object:
        with system.scandir(path) as found:
            return sorted(
                (one.name, one.path, one.is_dir(), one.is_symlink(), one.is_file(follow_symlinks=False))
                for one in found
            )

    def about(name: str) -> list[object]:
        path = f"{base}/{name}"
        return [
            ask(lambda: facts(system.stat(path))),
            ask(lambda: facts(system.stat(path, follow_symlinks=False))),
            ask(lambda: system.readlink(path)),
            ask(lambda: sorted(system.listdir(path))),
            ask(lambda: listed(path)),
            ask(lambda: read(path)) if name != "pipe" else None,
            system.path.realpath(path) if name not in ("circle", "file/x") else None,
            *(getattr(system.path, test)(path) for test in ("exists", "lexists", "isfile", "isdir", "islink")),
        ]

    return {name: about(name) for name in PATHS}


@pytest.fixture(params=["archive", "disk"])
def view(request: pytest.FixtureRequest, files: Path) -> Iterator[View]:
    if request.param == "disk":
        yield View(disk_tree(Path("/")), {}, "x86_64")
        return
    tree = Tree()
    with Spool() as spool:
        tree.add_layer(members(region(tar_of([files]), spool), spool, "x"), "x")
        yield View(tree, {"HOME": "/home/x"}, "x86_64")


def test_a_view_answers_as_the_system_does(view: View, files: Path) -> None:
    assert answers(view, str(files)) == answers(os, str(files))


def test_a_walk_is_that_of_the_system(view: View, files: Path) -> None:
    (files / "folder" / "deep").mkdir()
    found = {path: (set(folders), set(names)) for path, folders, names in view.walk(str(files / "folder"))}
    # The system also lists a link to a folder as a folder, but it does not follow the link.
    assert found.keys() <= {path for path, _, _ in os.walk(files / "folder")}
    assert found[str(files / "folder")][1] == {"inner"}
    walk = view.walk(str(files))
    _, folders, names = next(walk)
    assert {"file", "link", "pipe"} <= set(names)
    assert "folder" in folders
    folders.clear()
    assert list(walk) == []
    assert list(view.walk(str(files / "none"))) == []


def test_a_view_has_no_function_that_could_change_anything(view: View, files: Path) -> None:
    for name in ("remove", "rename", "system", "mkdir", "execv", "symlink", "chmod", "kill", "getenv"):
        assert not hasattr(view, name)
    with pytest.raises(OSError, match="Read-only"):
        view.open(str(files / "file"), os.O_WRONLY)
    with pytest.raises(ValueError, match="null byte"):
        view.stat("a\0b")
    with pytest.raises(FileNotFoundError):
        view.stat("")


def test_no_program_starts() -> None:
    with pytest.raises(PermissionError, match="no program starts from outside"):
        refused(["ls"])


def test_a_time_is_in_seconds_and_in_nanoseconds(files: Path) -> None:
    os.utime(files / "file", (5, 1_700_000_000))
    found = View(disk_tree(files), {}, "x86_64").stat("/file")
    assert (found.st_mtime, found.st_mtime_ns) == (1_700_000_000, 1_700_000_000_000_000_000)
