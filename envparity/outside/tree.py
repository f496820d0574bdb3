"""The `Tree` class: the files of an image after all its layers. The bytes of the files stay in the archive."""

import errno
import os
import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from envparity.errors import EnvparityError
from envparity.outside.regions import Region
from envparity.outside.tar import ENTRIES_AT_MOST, Member
from envparity.text import visible

_LINKS_AT_MOST = 40  # how many links a path may lead through, as in Linux
_DEPTH_AT_MOST = 2048  # folders in a path, as in a path of 4096 bytes
_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_RESERVED = ".wh..wh."  # the beginning of _OPAQUE, and of names that an engine uses for its own files


@dataclass(frozen=True, slots=True)
class DiskFile:
    """The content of a file on this machine. No part of its path is a link."""

    path: str


@dataclass(slots=True, eq=False)
class File:
    """A regular file. `content` says where its bytes are; None if the bytes cannot be read."""

    mode: int
    mtime: int
    size: int
    content: Region | DiskFile | None


@dataclass(slots=True, eq=False)
class Link:
    """A symbolic link."""

    target: str
    mtime: int = 0


@dataclass(slots=True, eq=False)
class Special:
    """A device, a named pipe or a socket."""

    mode: int = 0o600


class Folder:
    """A folder. `inside` maps each name in the folder to its file, folder, link or special file."""

    __slots__ = ("_inside", "mode", "mtime")

    def __init__(self, mode: int = 0o755, mtime: int = 0) -> None:
        self.mode = mode
        self.mtime = mtime
        self._inside: dict[str, Node] = {}

    @property
    def inside(self) -> "dict[str, Node]":
        """Return the nodes in the folder, by name."""
        return self._inside


Node = File | Link | Special | Folder


class Tree:
    """The files of an image. Every path begins at the root of the image, and no link leads out of the root.

    A node is a file, a folder, a link or a special file.
    """

    def __init__(self, root: Folder | None = None) -> None:
        self.root = root or Folder()
        self.pythons: dict[int, object] = {}  # the results of `python.read_python`, by the id of the file
        self._entries = 0
        # The path and the folder of the last member that was added. Most members are in the same folder as the
        # previous member.
        self._last: tuple[str, Folder] | None = None

    def add_layer(self, members: Iterable[Member], what: str, *, whiteouts: bool = True) -> None:
        """Apply a layer: its whiteouts first, because they only remove files of lower layers; then its other members.

        A whiteout is a member with the name `.wh.NAME`, which removes NAME, or `.wh..wh..opq`, which empties the folder
        that contains it. Without `whiteouts`, a name that begins with `.wh.` is an ordinary name. `what` names the
        layer in errors. Raise EnvparityError if a member cannot be part of an image.
        """
        added: list[Member] = []
        for member in members:
            self._count()
            name = member.name.rpartition("/")[2]
            if whiteouts and name.startswith(_WHITEOUT):
                self._remove(member.name, name)
            else:
                added.append(member)
        self._last = None
        for member in added:
            try:
                self._add(member)
            except OSError as error:
                name = visible(member.name)[:200]
                raise EnvparityError(
                    f"{what}: expected members that form a tree of files, found {name!r}: {error.strerror}"
                ) from error

    def _remove(self, path: str, name: str) -> None:
        if name.startswith(_RESERVED) and name != _OPAQUE:
            return
        try:
            folder = self.find(path[: -len(name)], follow=True)
        except OSError:
            return
        if isinstance(folder, Folder):
            if name == _OPAQUE:
                folder.inside.clear()
            else:
                folder.inside.pop(name.removeprefix(_WHITEOUT), None)

    def _add(self, member: Member) -> None:
        parent, _, name = member.name.rpartition("/")
        if self._last is not None and self._last[0] == parent and name not in ("", ".", ".."):
            folder = self._last[1]
        else:
            parts = [part for part in member.name.split("/") if part not in ("", ".")]
            if ".." in parts:
                raise OSError(errno.EINVAL, "a name with ..")
            if not parts:
                if member.kind != "folder":
                    raise OSError(errno.EISDIR, "a file in place of the root")
                return
            folder, name = self._folder(parts[:-1]), parts[-1]
        old = folder.inside.get(name)
        if isinstance(old, Folder) and member.kind == "folder":
            old.mode, old.mtime = member.mode, member.mtime
        else:
            folder.inside[name] = self._node(member)
        # If a folder or a link was replaced, the path of the last folder may lead elsewhere now.
        self._last = None if isinstance(old, Folder | Link) else (parent, folder)

    def _node(self, member: Member) -> Node:
        if member.kind == "file":
            return File(member.mode, member.mtime, member.size, member.content)
        if member.kind == "folder":
            return Folder(member.mode, member.mtime)
        if member.kind == "link":
            return Link(member.target, member.mtime)
        if member.kind == "hard link":
            found = self.find(member.target, follow=False)
            if isinstance(found, Folder):
                raise OSError(errno.EPERM, "a hard link to a folder")
            return found
        return Special(member.mode)

    def _folder(self, parts: list[str]) -> Folder:
        """Return the folder at the path `parts`. Follow links in the path, and make missing folders."""
        found, depth = self.root, 0
        for number, part in enumerate(parts):
            inner = found.inside.get(part)
            depth += 1
            if inner is None:
                self._count()
                inner = found.inside[part] = Folder()
            elif isinstance(inner, Link):
                names, inner = self.walk("/".join(parts[: number + 1]), follow=True)
                depth = len(names)
            if not isinstance(inner, Folder):
                raise OSError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            if depth > _DEPTH_AT_MOST:
                raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
            found = inner
        return found

    def _count(self) -> None:
        """Count one more member or folder; raise EnvparityError for more than ENTRIES_AT_MOST.

        Also count each missing folder that `_folder` makes, because a single member may need very many folders.
        """
        self._entries += 1
        if self._entries > ENTRIES_AT_MOST:
            raise EnvparityError(f"image: expected at most {ENTRIES_AT_MOST:,} files in all layers, found more")

    def find(self, path: str, *, follow: bool) -> Node:
        """Return the node at `path`. With `follow`, also follow a link at the end of the path.

        Raise OSError if nothing is at the path, or if links lead in a circle.
        """
        return self.walk(path, follow=follow)[1]

    def walk(self, path: str, *, follow: bool) -> tuple[list[str], Node]:
        """Return the parts of `path` after its links are resolved, and the node at this path.

        Without `follow`, the last part may be a link. Raise OSError as `find` does.
        """
        names, node, missing = self._walk(path, follow=follow)
        if node is None:
            code = errno.ENOTDIR if missing is None else errno.ENOENT
            raise OSError(code, os.strerror(code), path)
        return names, node

    def real(self, path: str) -> str:
        """Return the absolute path to which `path` leads, without links, as os.path.realpath does.

        A part that does not exist keeps its name. A path with too many links keeps its links.
        """
        try:
            names, _, missing = self._walk(path, follow=True)
        except OSError:
            return posixpath.normpath(posixpath.join("/", path))
        return "/" + "/".join([*names, *(missing or [])])

    def _walk(self, path: str, *, follow: bool) -> tuple[list[str], "Node | None", list[str] | None]:
        """Return the parts of a path without links, the node at the path, and the further parts that do not exist.

        The second result is None if the path does not exist. The third result is None if the path exists, or if a part
        before the last part is a file.
        """
        links = 0
        waiting = [part for part in path.split("/") if part not in ("", ".")][::-1]
        names: list[str] = []
        nodes: list[Folder] = [self.root]
        while waiting:
            name = waiting.pop()
            if name == "..":
                if names:
                    names.pop()
                    nodes.pop()
                continue
            found = nodes[-1].inside.get(name)
            if found is None:
                return names, None, [name, *waiting[::-1]]
            if isinstance(found, Link) and (follow or waiting):
                links += 1
                if links > _LINKS_AT_MOST:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
                if found.target.startswith("/"):
                    names, nodes = [], [self.root]
                waiting += [part for part in found.target.split("/") if part not in ("", ".")][::-1]
            elif isinstance(found, Folder):
                names.append(name)
                nodes.append(found)
            elif waiting:
                return [*names, name, *waiting[::-1]], None, None
            else:
                return [*names, name], found, None
        return names, nodes[-1], None

    def walk_all(self, skipped: tuple[str, ...] = ()) -> Iterator[tuple[str, Folder]]:
        """Yield the path and the node of every folder, except the folders `skipped`. The path of the root is `/`.

        A folder comes before the folders in it.
        """
        waiting = [("/", self.root)]
        while waiting:
            path, folder = waiting.pop()
            yield path, folder
            start = path.rstrip("/") + "/"
            for name in sorted(folder.inside, reverse=True):
                inner = folder.inside[name]
                if isinstance(inner, Folder) and start + name not in skipped:
                    waiting.append((start + name, inner))
