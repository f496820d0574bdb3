"""Read a lock: a requirements file that pins each distribution by its version and by the hashes of its files."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError

_PIN = re.compile(r"^([a-z0-9][a-z0-9-]*)==([^\s;\\]+)")
_BUILT = re.compile(r"^--no-binary ([a-z0-9][a-z0-9-]*)$")


@dataclass(frozen=True)
class Pin:
    """One distribution of a lock. `text` holds its lines in the lock: requirement, marker and hashes."""

    name: str
    version: str
    text: str


@dataclass(frozen=True)
class Lock:
    """A lock file: its pins by name, and the names of the distributions that uv must build from source."""

    path: Path
    pins: dict[str, Pin]
    built: tuple[str, ...]


def read_lock(path: Path) -> Lock:
    """Return the lock in the file `path`.

    Raises CommandError if the file is missing or is not UTF-8, or if a pin has no hash.
    """
    return _parse(path, _content(path))


class LockReader:
    """A reader of the locks of one project. It opens each file once, and parses a file at the first `read`."""

    def __init__(self, locate: Callable[[str], Path]) -> None:
        """Remember `locate`, a function that returns the path of a lock from the lock's name, for example `v0.4`."""
        self._locate = locate
        self._contents: dict[str, bytes] = {}
        self._locks: dict[str, Lock] = {}

    def content(self, name: str) -> bytes:
        """Return the bytes of a lock. Raises CommandError if the file is missing."""
        if name not in self._contents:
            self._contents[name] = _content(self._locate(name))
        return self._contents[name]

    def read(self, name: str) -> Lock:
        """Return a parsed lock. Raises CommandError as `read_lock` does."""
        if name not in self._locks:
            self._locks[name] = _parse(self._locate(name), self.content(name))
        return self._locks[name]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: expected a hash lock, found: {error}; make it with scripts/lock") from error


def _parse(path: Path, content: bytes) -> Lock:
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: expected a hash lock, found: {error}; make it with scripts/lock") from error
    pins: dict[str, Pin] = {}
    built: list[str] = []
    for number, line in enumerate(lines):
        if option := _BUILT.match(line):
            built.append(option[1])
        elif pin := _PIN.match(line):
            end = number
            while lines[end].endswith("\\"):
                end += 1
            text = "\n".join(lines[number : end + 1])
            if "--hash=sha256:" not in text:
                raise CommandError(f"{path}:{number + 1}: expected a hash for {pin[1]}, found none; run scripts/lock")
            pins[pin[1]] = Pin(pin[1], pin[2], text)
    return Lock(path, pins, tuple(built))
