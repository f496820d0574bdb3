"""The pins of a track's lock, which an environment is compared with, and the type of a format of lock files."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from envparity.errors import EnvparityError
from envparity.judge.graph import holds
from envparity.text import visible


@dataclass(frozen=True)
class Pin:
    """One pin of a lock; `hashes` are texts as `sha256:HEX`, and `name` is the canonical name."""

    name: str
    requirement: Requirement
    hashes: frozenset[str]

    @property
    def version(self) -> str | None:
        """Return the version that is pinned; None if a URL is pinned."""
        return next((one.version for one in self.requirement.specifier if one.operator in ("==", "===")), None)

    @property
    def url(self) -> str | None:
        """Return the URL, perhaps of a commit, that is pinned instead of a version; None if a version is pinned."""
        return self.requirement.url

    def applies(self, environment: dict[str, str]) -> bool:
        """Return whether the pin's marker holds for an interpreter and platform, or cannot be evaluated."""
        return holds(self.requirement.marker, environment) is not False


@dataclass(frozen=True)
class Lock:
    """All pins of a track; `origin` names the lock's file in error messages."""

    origin: str
    pins: tuple[Pin, ...]

    def for_environment(self, environment: dict[str, str]) -> dict[str, Pin]:
        """Return the pins that apply, by canonical name; raise EnvparityError if two different pins of a name apply."""
        found: dict[str, Pin] = {}
        for pin in self.pins:
            if not pin.applies(environment):
                continue
            other = found.setdefault(pin.name, pin)
            if (other.version, other.url) != (pin.version, pin.url):
                raise EnvparityError(
                    f"{self.origin}: expected one pin of {pin.name} for this interpreter, "
                    f"found {visible(str(other.requirement))!r} and {visible(str(pin.requirement))!r}"
                )
        return found


@dataclass(frozen=True)
class LockFormat:
    """One format of lock files.

    `looks` says what the pins in such a file look like, for messages. `reads` returns whether the file at a path is in
    this format. `pins` takes a file's text and `origin`, the file's name; it yields the pins, or raises EnvparityError
    that names `origin`.
    """

    looks: str
    reads: Callable[[Path], bool]
    pins: Callable[[str, str], Iterable[Pin]]
