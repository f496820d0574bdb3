"""A track's lock, as an environment is held against it: which pins apply to an interpreter, with which hashes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envparity.errors import EnvparityError
from envparity.judge.graph import holds
from envparity.text import visible

_COMMENT = re.compile(r"(^|\s)#.*")
_HASH = re.compile(r"\s--hash[= ]\s*(\S+)")
# They bring requirements in from elsewhere: a lock that has them is not whole.
_ELSEWHERE = re.compile(r"(-r|-c|-e|--requirement|--constraint|--editable)\b")


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


def at_urls(requirements: Iterable[str]) -> tuple[str, ...]:
    """Those of a track's requirements that name a URL: a lock leaves them to the installer."""
    return tuple(text for text in requirements if _requirement(text, "dependency group").url)


def read_lock(path: Path, beside: tuple[str, ...] = ()) -> Lock:
    """Read a requirements file of pins; `beside` are requirements that the lock leaves to the installer."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise EnvparityError(
            f"{path}: expected a lock (NAME==VERSION, a line each), found: {error.strerror}"
        ) from error
    except UnicodeDecodeError as error:
        raise EnvparityError(f"{path}: expected a lock (NAME==VERSION, a line each), found: {error}") from error
    pins: list[Pin] = []
    for line in [*text.replace("\\\n", " ").splitlines(), *beside]:
        words = _COMMENT.sub("", line).strip()
        if _ELSEWHERE.match(words):
            raise EnvparityError(f"{path}: expected every pin in the lock itself, found {visible(words)[:200]!r}")
        if words and not words.startswith("-"):
            pins.append(_pin(words, str(path)))
    return Lock(str(path), tuple(pins))


def _pin(words: str, origin: str) -> Pin:
    requirement = _requirement(_HASH.sub("", words).strip(), origin)
    pin = Pin(canonicalize_name(requirement.name), requirement, frozenset(_HASH.findall(words)))
    if pin.url is None and (pin.version is None or pin.version.endswith(".*") or len(requirement.specifier) > 1):
        raise EnvparityError(
            f"{origin}: expected one version pinned with ==, found {visible(str(requirement))[:200]!r}; lock again"
        )
    return pin


def _requirement(text: str, origin: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        reason = visible(str(error).splitlines()[0])
    except RecursionError:
        reason = "too deep"
    raise EnvparityError(f"{origin}: expected NAME==VERSION, found {visible(text)[:200]!r}: {reason[:200]}")
