"""The `View` class: it replaces the module `os` for the probe, and answers questions about files.

The probe is the program that prints a snapshot. Usually, the probe asks the real `os`. From outside, it asks a view.
The view shows the files of an image, or of an unpacked file system, as if they were files of this machine.
"""

import errno
import os
import posixpath
import stat
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, NoReturn

from envparity.outside.disk import open_file
from envparity.outside.regions import Region
from envparity.outside.tree import DiskFile, File, Folder, Link, Node, Special, Tree


class _Open:
    """An open file: its node, and the position of the next read."""

    def __init__(self, node: File) -> None:
        self.node = node
        self.offset = 0

    def read(self, size: int) -> bytes:
        content = self.node.content
        if not isinstance(content, Region):
            raise OSError(errno.EIO, "the archive does not have its bytes")
        found = content.read(self.offset, size)
        self.offset += len(found)
        return found

    def readv(self, buffer: memoryview) -> int:
        content = self.node.content
        if not isinstance(content, Region):
            raise OSError(errno.EIO, "the archive does not have its bytes")
        found = content.read_into(buffer, self.offset)
        self.offset += found
        return found


class _Entry:
    """One result of `scandir`."""

    def __init__(self, name: str, path: str, node: Node, view: "View") -> None:
        self.name = name
        self.path = path
        self._node = node
        self._view = view

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        if follow_symlinks and isinstance(self._node, Link):
            return self._view.stat(self.path)
        return _status(self._node)

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        return self._is(Folder, follow_symlinks)

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        return self._is(File, follow_symlinks)

    def _is(self, kind: type[Node], follow: bool) -> bool:
        if not (follow and isinstance(self._node, Link)):
            return isinstance(self._node, kind)
        try:
            return isinstance(self._view.tree.find(self.path, follow=True), kind)
        except FileNotFoundError:
            return False  # every other error is raised, as by the real function, for example for links in a circle

    def is_symlink(self) -> bool:
        return isinstance(self._node, Link)


class _Entries:
    """The result of `scandir`, which is also a context manager."""

    def __init__(self, entries: list[_Entry]) -> None:
        self._entries = entries

    def __enter__(self) -> Iterator[_Entry]:
        return iter(self._entries)

    def __exit__(self, *_: object) -> None: ...

    def __iter__(self) -> Iterator[_Entry]:
        return iter(self._entries)


def _status(node: Node) -> os.stat_result:
    if isinstance(node, File):
        kind, mode, size, mtime = stat.S_IFREG, node.mode, node.size, node.mtime
    elif isinstance(node, Folder):
        kind, mode, size, mtime = stat.S_IFDIR, node.mode, 0, node.mtime
    elif isinstance(node, Link):
        kind, mode, size, mtime = stat.S_IFLNK, 0o777, len(os.fsencode(node.target)), node.mtime
    else:
        kind, mode, size, mtime = stat.S_IFIFO, node.mode, 0, 0
    nanoseconds = dict.fromkeys(("st_atime_ns", "st_mtime_ns", "st_ctime_ns"), mtime * 1_000_000_000)
    return os.stat_result((kind | mode & 0o7777, 0, 0, 1, 0, 0, size, mtime, mtime, mtime), nanoseconds)


class View:
    """The files of `tree`, with the functions of the module `os` that the probe calls, and no other function.

    `environ` are the environment variables that a process in the image would have. `machine` and `system` describe the
    machine: `system` is the value of sys.platform.
    """

    # The probe may use these names of the real module, because they open no file by its path.
    sep, pathsep, defpath = os.sep, os.pathsep, os.defpath
    O_RDONLY, O_NONBLOCK, O_CLOEXEC = os.O_RDONLY, os.O_NONBLOCK, os.O_CLOEXEC
    fsencode, fsdecode, fspath = staticmethod(os.fsencode), staticmethod(os.fsdecode), staticmethod(os.fspath)
    fork, pipe, waitpid, write = staticmethod(os.fork), staticmethod(os.pipe), staticmethod(os.waitpid), os.write
    _exit, cpu_count, set_blocking = staticmethod(os._exit), staticmethod(os.cpu_count), staticmethod(os.set_blocking)
    stat_result = os.stat_result

    def __init__(self, tree: Tree, environ: Mapping[str, str], machine: str, system: str = "linux") -> None:
        self.name = "nt" if system == "win32" else "posix"
        self.tree = tree
        self.environ = dict(environ)
        self.path = _Path(self)
        self._scanned: dict[str, Folder] = {}  # the results of `scandir`, by the path of the call
        names = {"win32": "Windows", "darwin": "Darwin"}
        self._uname = SimpleNamespace(sysname=names.get(system, "Linux"), machine=machine, release="", version="")

    def uname(self) -> SimpleNamespace:
        """Return the machine and the system. The release of the kernel is empty, because no kernel runs."""
        return self._uname

    def getcwd(self) -> str:
        """Return `/`, because no process runs in the image."""
        return "/"

    def lstat(self, path: str) -> os.stat_result:
        """Return the facts about a path; for a link, about the link itself. Raise OSError as the real function does."""
        return _status(self._find(path, follow=False))

    def stat(self, path: str, *, follow_symlinks: bool = True) -> os.stat_result:
        """Return the facts about the file or folder that a path leads to; raise OSError as the real function does.

        Without `follow_symlinks`, return the facts about a link itself.
        """
        return _status(self._find(path, follow=follow_symlinks))

    def readlink(self, path: str) -> str:
        """Return the text of a link; raise OSError for any other path."""
        node = self._find(path, follow=False)
        if not isinstance(node, Link):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), path)
        return node.target

    def listdir(self, path: str) -> list[str]:
        """Return the names in a folder; raise OSError if the path leads to no folder."""
        return list(self._folder(path).inside)

    def scandir(self, path: str) -> _Entries:
        """Return the entries of a folder; raise OSError if the path leads to no folder."""
        start = path if path.endswith("/") else path + "/"
        folder = self._scanned[start[:-1]] = self._folder(path)
        inside = folder.inside
        return _Entries([_Entry(name, start + name, node, self) for name, node in inside.items()])

    def walk(self, path: str) -> Iterator[tuple[str, list[str], list[str]]]:
        """Yield the folder at a path and each folder below it, with the names of the folders and of the files in it.

        As with the real function, the caller may remove names from the list of folders, and a folder that cannot be
        read is left out. A link counts as a file.
        """
        waiting = [path]
        while waiting:
            here = waiting.pop()
            try:
                inside = self._folder(here).inside
            except OSError:
                continue
            folders = [name for name, node in inside.items() if isinstance(node, Folder)]
            yield here, folders, [name for name, node in inside.items() if not isinstance(node, Folder)]
            waiting += [posixpath.join(here, name) for name in reversed(folders)]

    def open(self, path: str, flags: int = os.O_RDONLY) -> "_Open | int":
        """Return an open file for `read`; raise OSError if the path leads to no file, or `flags` ask to write."""
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        node = self._find(path, follow=True)
        if isinstance(node, Folder):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if not isinstance(node, File):
            raise OSError(errno.ENXIO, os.strerror(errno.ENXIO), path)
        if isinstance(node.content, DiskFile):
            return open_file(node.content)
        return _Open(node)

    def read(self, handle: "_Open | int", size: int) -> bytes:
        """Return the next bytes of an open file, at most `size`."""
        return os.read(handle, size) if isinstance(handle, int) else handle.read(size)

    def readv(self, handle: "_Open | int", buffers: Sequence[memoryview]) -> int:
        """Read the next bytes of an open file into `buffers`, and return the number of bytes.

        For a file in an archive, fill only the first buffer. The probe always gives one buffer.
        """
        if isinstance(handle, int):
            return os.readv(handle, buffers)
        return handle.readv(buffers[0])

    def fstat(self, handle: "_Open | int") -> os.stat_result:
        """Return the facts about an open file."""
        return os.fstat(handle) if isinstance(handle, int) else _status(handle.node)

    def close(self, handle: "_Open | int") -> None:
        """Close an open file."""
        if isinstance(handle, int):
            os.close(handle)

    def _find(self, path: str, *, follow: bool) -> Node:
        if "\0" in path:
            raise ValueError("embedded null byte")
        if not path:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        parent, _, name = path.rpartition("/")
        folder = self._scanned.get(parent)
        node = folder.inside.get(name) if folder is not None else None
        if node is not None and not (follow and isinstance(node, Link)):
            return node
        return self.tree.find(path, follow=follow)

    def _folder(self, path: str) -> Folder:
        node = self._find(path, follow=True)
        if not isinstance(node, Folder):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        return node


class _Path:
    """The functions of `os.path`: functions that only change text are the real functions; all others ask the view."""

    def __init__(self, view: View) -> None:
        self._view = view

    def __getattr__(self, name: str) -> Any:
        if name in ("join", "dirname", "basename", "normpath", "isabs", "split", "splitext", "relpath", "sep"):
            return getattr(posixpath, name)
        raise AttributeError(name)

    def abspath(self, path: str) -> str:
        """Return an absolute path without `.` and `..`."""
        return posixpath.normpath(posixpath.join("/", path))

    def expanduser(self, path: str) -> str:
        """Return a path in which the home folder of the image's user replaces `~`."""
        return self._view.environ.get("HOME", "/") + path[1:] if path.startswith("~") else path

    def exists(self, path: str) -> bool:
        """Return whether a path leads to anything."""
        return self._leads_to(path, (File, Folder, Special), follow=True)

    def lexists(self, path: str) -> bool:
        """Return whether there is anything at a path; a link counts even if it leads nowhere."""
        return self._leads_to(path, (File, Folder, Special, Link), follow=False)

    def isfile(self, path: str) -> bool:
        """Return whether a path leads to a regular file."""
        return self._leads_to(path, (File,), follow=True)

    def isdir(self, path: str) -> bool:
        """Return whether a path leads to a folder."""
        return self._leads_to(path, (Folder,), follow=True)

    def islink(self, path: str) -> bool:
        """Return whether a path is a link."""
        return self._leads_to(path, (Link,), follow=False)

    def _leads_to(self, path: str, kinds: tuple[type[Node], ...], *, follow: bool) -> bool:
        try:
            return isinstance(self._view._find(path, follow=follow), kinds)
        except (OSError, ValueError):
            return False

    def realpath(self, path: str) -> str:
        """Return a path in which every link is resolved, as far as the parts of the path exist."""
        return self._view.tree.real(posixpath.join("/", path))


def refused(*_: object, **__: object) -> NoReturn:
    """Replace `subprocess.Popen` for the probe: raise OSError, because no program may start."""
    raise OSError(errno.EPERM, "no program starts from outside")
