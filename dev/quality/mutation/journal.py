"""Changes to a folder that can be undone exactly, including times and permissions."""

import shutil
from collections.abc import Callable
from pathlib import Path


class Journal:
    """Changes files and undoes the changes: it keeps each old file in the folder `aside`, and `undo` moves it back."""

    def __init__(self, aside: Path) -> None:
        """Keep old files in `aside`, an empty folder on the file system of the files that will change."""
        self._aside = aside
        self._undo: list[Callable[[], None]] = []

    def take(self, path: Path) -> Path:
        """Move a file or folder into `aside`; return its new path, from which it can be read or copied."""
        kept = self._aside / str(len(self._undo))
        path.rename(kept)
        self._undo.append(lambda: self._back(kept, path))
        return kept

    def write(self, path: Path, data: bytes, mode: int | None = None) -> None:
        """Write a file with the permissions `mode`.

        By default, the file keeps the permissions of the old file; a new file gets 0o644.
        """
        if mode is None:
            mode = path.stat().st_mode & 0o777 if path.is_file() else 0o644
        self.create(path)
        path.write_bytes(data)
        path.chmod(mode)

    def create(self, path: Path) -> None:
        """Prepare `path` for a new file or folder: move an existing one to `aside`, or make the parent folders."""
        if path.exists() or path.is_symlink():
            self.take(path)
            return
        new = path
        while not new.parent.exists():
            new = new.parent
        path.parent.mkdir(parents=True, exist_ok=True)
        self._undo.append(lambda: _remove(new))

    def copy(self, source: Path, path: Path) -> None:
        """Copy a file or a folder to `path`, with times and permissions; move an old one at `path` to `aside`."""
        self.create(path)
        if source.is_dir():
            shutil.copytree(source, path, symlinks=True)
        else:
            shutil.copy2(source, path, follow_symlinks=False)

    def move(self, path: Path, other: Path) -> None:
        """Rename a file or a folder: move it into `aside`, and copy it to the path `other`."""
        self.copy(self.take(path), other)

    def chmod(self, path: Path, mode: int) -> None:
        """Change the permissions of a file or a folder."""
        before = path.stat().st_mode & 0o7777
        self._undo.append(lambda: path.chmod(before))
        path.chmod(mode)

    def undo(self) -> None:
        """Undo all changes, the last change first."""
        while self._undo:
            self._undo.pop()()

    def _back(self, kept: Path, path: Path) -> None:
        _remove(path)
        kept.rename(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
