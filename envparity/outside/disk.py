"""Shows a folder of this machine as a `Tree`: an unpacked root file system, an OCI layout, or `/` of this machine."""

import os
import stat
from pathlib import Path

from envparity.outside.regions import Region, whole
from envparity.outside.tree import DiskFile, File, Folder, Link, Node, Special, Tree

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW


class DiskFolder(Folder):
    """A folder of this machine, which is read at the first use of `inside`."""

    __slots__ = ("_path", "_read")

    def __init__(self, path: str, mode: int, mtime: int) -> None:
        super().__init__(mode, mtime)
        self._path = path
        self._read = False

    @property
    def inside(self) -> dict[str, Node]:
        """Return the nodes in the folder, by name; an empty dict if the folder cannot be read."""
        if not self._read:
            self._read = True
            try:
                with os.scandir(self._path) as found:
                    self._inside.update((entry.name, _node(entry)) for entry in found)
            except OSError:
                pass  # a folder without the permission to read it
        return self._inside


def _node(entry: "os.DirEntry[str]") -> Node:
    try:
        found = entry.stat(follow_symlinks=False)
        mode, mtime = stat.S_IMODE(found.st_mode), int(found.st_mtime)
        if stat.S_ISDIR(found.st_mode):
            return DiskFolder(entry.path, mode, mtime)
        if stat.S_ISREG(found.st_mode):
            return File(mode, mtime, found.st_size, DiskFile(entry.path))
        if stat.S_ISLNK(found.st_mode):
            return Link(os.readlink(entry.path), mtime)  # noqa: PTH115 - a Path would change the text
    except OSError:
        return Special()
    return Special(mode)


def disk_tree(folder: Path) -> Tree:
    """Return a folder of this machine as a tree. No link in the tree leads out of the folder."""
    return Tree(DiskFolder(os.fspath(folder.resolve()), 0o755, 0))


def open_file(file: DiskFile) -> int:
    """Open a file for reading and return its handle; raise OSError if that fails or a link has replaced the file."""
    return os.open(file.path, _FLAGS)


def region_of(path: Path) -> Region:
    """Open a file of this machine, and return the region of its bytes; raise OSError if it cannot be opened."""
    return whole(os.open(path, os.O_RDONLY | os.O_CLOEXEC))


def read_file(file: File) -> bytes:
    """Return the bytes of a file, on the disk or in an archive; raise OSError if the bytes cannot be read."""
    content = file.content
    if isinstance(content, Region):
        return content.read(0, content.size)
    if content is None:
        raise OSError(0, "the archive does not have its bytes")
    handle = open_file(content)
    try:
        return whole(handle).read(0, file.size)
    finally:
        os.close(handle)
