"""A hash lock, read: its pins and what it allows to be built from source."""

import re
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError

_PIN = re.compile(r"^([a-z0-9][a-z0-9-]*)==([^\s;\\]+)")
_BUILT = re.compile(r"^--no-binary ([a-z0-9][a-z0-9-]*)$")


@dataclass(frozen=True)
class Pin:
    """One distribution of a lock, with the lines that pin it: requirement, marker and hashes."""

    name: str
    version: str
    text: str


@dataclass(frozen=True)
class Lock:
    """A lock file: its pins by name, and the distributions that every door builds from their sdist."""

    path: Path
    pins: dict[str, Pin]
    built: tuple[str, ...]


def read_lock(path: Path) -> Lock:
    """Read a lock; CommandError where it is missing or holds a pin without a hash."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
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
