"""A track's lock, as an environment is held against it, and what a reader of one format of locks provides."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from envparity.errors import EnvparityError
from envparity.judge.graph import holds
from envparity.text import visible


@dataclass(frozen=True)
class Pin:
    """One pin of a lock: `hashes` are `sha256:HEX`; `url` is set where a commit or URL is pinned instead."""

    name: str
    requirement: Requirement
    hashes: frozenset[str]

    @property
    def version(self) -> str | None:
        """The version that is pinned; None for a URL."""
        return next((one.version for one in self.requirement.specifier if one.operator in ("==", "===")), None)

    @property
    def url(self) -> str | None:
        """The URL that is pinned instead of a version."""
        return self.requirement.url

    def applies(self, environment: dict[str, str]) -> bool:
        """Whether the pin's marker holds for an interpreter and platform."""
        return holds(self.requirement.marker, environment) is not False


@dataclass(frozen=True)
class Lock:
    """All pins of a track."""

    origin: str
    pins: tuple[Pin, ...]

    def for_environment(self, environment: dict[str, str]) -> dict[str, Pin]:
        """The pins that apply, by canonical name."""
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
    """One format of lock files: `looks` is what such a file looks like, for messages.

    `reads` says whether a file of this path is in the format; `pins` reads a file's text, and names `origin`, the
    file, in what it raises.
    """

    looks: str
    reads: Callable[[Path], bool]
    pins: Callable[[str, str], Iterable[Pin]]
