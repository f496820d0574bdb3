"""Locks that are requirements files: one version pinned with == in each line, with its hashes."""

import re
from collections.abc import Iterable, Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envparity.errors import EnvparityError
from envparity.project.locks.lock import LockFormat, Pin
from envparity.text import visible

_COMMENT = re.compile(r"(^|\s)#.*")
_HASH = re.compile(r"\s--hash[= ]\s*(\S+)")
# They bring requirements in from elsewhere: a lock that has them is not whole.
_ELSEWHERE = re.compile(r"(-r|-c|-e|--requirement|--constraint|--editable)\b")


def at_urls(requirements: Iterable[str]) -> tuple[str, ...]:
    """Those of a track's requirements that name a URL: a lock leaves them to the installer."""
    return tuple(text for text in requirements if _requirement(text, "dependency group").url)


def _pins(text: str, origin: str) -> Iterator[Pin]:
    for line in text.replace("\\\n", " ").splitlines():
        words = _COMMENT.sub("", line).strip()
        if _ELSEWHERE.match(words):
            raise EnvparityError(f"{origin}: expected every pin in the lock itself, found {visible(words)[:200]!r}")
        if words and not words.startswith("-"):
            yield read_pin(words, origin)


def read_pin(words: str, origin: str) -> Pin:
    """Read a requirement that pins one version or a URL; EnvparityError where it does not."""
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


FORMAT = LockFormat("NAME==VERSION, a line each", reads=lambda _: True, pins=_pins)
