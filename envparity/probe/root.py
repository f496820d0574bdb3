"""Reads a file system: this machine's own, or a folder that holds another system's files, such as an unpacked image.

This module is a section of the probe, the program that reads an environment and prints its facts as JSON.
"""

from __future__ import annotations

import os

from envparity.probe.reading import names_in, read

LINKS_AT_MOST = 40  # links that are followed for one path, as in Linux


class Root:
    """A file system whose root is `folder` on this machine.

    Every method takes a path as a program inside this file system would write it. An absolute link leads to a path
    inside the file system, and `..` never leads out of the file system.
    """

    def __init__(self, folder: str = "/") -> None:
        real = os.path.realpath(folder)
        self.folder = "" if real == os.path.abspath(os.sep) else real

    def real(self, path: str) -> str:
        """Return a path in which every link is resolved. A path with too many links keeps its links."""
        if not self.folder:
            return os.path.realpath(path)
        waiting = path.split("/")[::-1]
        done = ""
        followed = 0
        while waiting:
            part = waiting.pop()
            if part == "..":
                done = done.rpartition("/")[0]
            if part in ("", ".", ".."):
                continue
            try:
                target = os.readlink(f"{self.folder}{done}/{part}")
            except (OSError, ValueError):
                done += "/" + part
                continue
            followed += 1
            if followed > LINKS_AT_MOST:
                return os.path.normpath(path)
            if target.startswith("/"):
                done = ""
            waiting.extend(target.split("/")[::-1])
        return done or "/"

    def outer(self, path: str) -> str:
        """Return the path on this machine. If `folder` is not `/`, every link in this path is resolved."""
        return self.folder + self.real(path) if self.folder else path

    def is_folder(self, path: str) -> bool:
        """Return whether a path leads to a folder."""
        return os.path.isdir(self.outer(path))

    def is_file(self, path: str) -> bool:
        """Return whether a path leads to a regular file."""
        return os.path.isfile(self.outer(path))

    def exists(self, path: str) -> bool:
        """Return whether a path leads to anything."""
        return os.path.exists(self.outer(path))

    def names(self, path: str) -> list[str]:
        """Return the names in a folder; an empty list if the folder cannot be read."""
        return names_in(self.outer(path))

    def data(self, path: str) -> bytes | None:
        """Return the bytes of a regular file; None if the file cannot be read or is too large."""
        try:
            return read(self.outer(path))
        except (OSError, ValueError):
            return None

    def text(self, path: str) -> str | None:
        """Return the text of a regular file, without its byte order mark.

        Return None if the file is too large or cannot be read.
        """
        data = self.data(path)
        return None if data is None else data.decode("utf-8", "surrogateescape").lstrip("\ufeff")
