"""The types for lock files: `Lock` with its pins, which envparity compares an environment with, and `LockFormat`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from envparity.errors import EnvparityError
from envparity.judge.graph import holds
from envparity.text import visible


@dataclass(frozen=True)
class Pin:
    """One pin of a lock. `name` is the canonical name, and `hashes` are texts of the form `sha256:HEX`.

    `from_source` is True if the lock says that installers build this distribution and use no wheel.
    """

    name: str
    requirement: Requirement
    hashes: frozenset[str]
    from_source: bool = False

    @property
    def version(self) -> str | None:
        """Return the pinned version; None if a URL is pinned."""
        return next((one.version for one in self.requirement.specifier if one.operator in ("==", "===")), None)

    @property
    def url(self) -> str | None:
        """Return the pinned URL, for example of a git commit; None if a version is pinned."""
        return self.requirement.url

    def applies(self, environment: dict[str, str]) -> bool:
        """Return whether the pin's marker holds; True also if the marker cannot be evaluated.

        `environment` maps each marker variable to its value.
        """
        return holds(self.requirement.marker, environment) is not False


@dataclass(frozen=True)
class Lock:
    """All pins of a lock; `origin` names the lock's file in error messages."""

    origin: str
    pins: tuple[Pin, ...]

    def for_environment(self, environment: dict[str, str]) -> dict[str, Pin]:
        """Return a dict from canonical name to pin, with the pins that apply.

        `environment` maps each marker variable to its value. Raise EnvparityError if two different pins of the same
        name apply.
        """
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

    `looks` describes the pins in a file of this format, for error messages. `reads` returns whether the file at a path
    is in this format. `pins` takes a file's text and `origin`, the file's name. It yields the pins, or raises
    EnvparityError with `origin` in the message.
    """

    looks: str
    reads: Callable[[Path], bool]
    pins: Callable[[str, str], Iterable[Pin]]
