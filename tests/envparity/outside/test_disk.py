"""Tests of a folder of this machine as a tree: links in it never lead out of it."""

from pathlib import Path

import pytest

from envparity.outside.disk import disk_tree, open_file, read_file, region_of
from envparity.outside.tree import DiskFile, File, Folder


def test_links_stay_inside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("outside")
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "passwd").write_text("inside")
    (root / "absolute").symlink_to("/etc/passwd")
    (root / "up").symlink_to("../secret")
    tree = disk_tree(root)
    found = tree.find("/absolute", follow=True)
    assert isinstance(found, File)
    assert read_file(found) == b"inside"
    with pytest.raises(FileNotFoundError):
        tree.find("/up", follow=True)


def test_a_file_that_has_become_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    node = disk_tree(tmp_path).find("/file", follow=True)
    assert isinstance(node, File)
    assert isinstance(node.content, DiskFile)
    (tmp_path / "file").unlink()
    (tmp_path / "file").symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="symbolic links"):
        open_file(node.content)


def test_a_folder_is_read_when_somebody_looks_into_it(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    node = disk_tree(tmp_path).find("/a", follow=True)
    (tmp_path / "a" / "later").write_text("")
    assert isinstance(node, Folder)
    assert set(node.inside) == {"later"}


def test_the_region_of_a_file_has_all_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"text")
    assert region_of(tmp_path / "x").read(0, 99) == b"text"
