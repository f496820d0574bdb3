"""Changes to a folder that can be taken back to the byte, the time and the permission."""

import shutil
from collections.abc import Callable
from pathlib import Path


class Journal:
    """Every change goes through here: what was there is moved aside first, and moved back in the end."""

    def __init__(self, aside: Path) -> None:
        """`aside` is an empty folder on the same file system."""
        self._aside = aside
        self._undo: list[Callable[[], None]] = []

    def take(self, path: Path) -> Path:
        """Move what is there aside; where it is now, to read it or to copy from it."""
        kept = self._aside / str(len(self._undo))
        path.rename(kept)
        self._undo.append(lambda: self._back(kept, path))
        return kept

    def write(self, path: Path, data: bytes, mode: int | None = None) -> None:
        """Write a file, new or in place of the one there, whose permissions it gets."""
        if mode is None:
            mode = path.stat().st_mode & 0o777 if path.is_file() else 0o644
        self.create(path)
        path.write_bytes(data)
        path.chmod(mode)

    def create(self, path: Path) -> None:
        """Make room for something at a path, which is removed in the end."""
        if path.exists() or path.is_symlink():
            self.take(path)
            return
        new = path
        while not new.parent.exists():
            new = new.parent
        path.parent.mkdir(parents=True, exist_ok=True)
        self._undo.append(lambda: _remove(new))

    def copy(self, source: Path, path: Path) -> None:
        """Copy a file or a folder to where nothing is, times and permissions with it."""
        self.create(path)
        if source.is_dir():
            shutil.copytree(source, path, symlinks=True)
        else:
            shutil.copy2(source, path, follow_symlinks=False)

    def move(self, path: Path, other: Path) -> None:
        """Rename."""
        self.copy(self.take(path), other)

    def chmod(self, path: Path, mode: int) -> None:
        """Change permissions."""
        before = path.stat().st_mode & 0o7777
        self._undo.append(lambda: path.chmod(before))
        path.chmod(mode)

    def undo(self) -> None:
        """Take everything back, the last change first."""
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
