"""Reads locks that are requirements files: each line pins one version with == and has its hashes."""

import re
from collections.abc import Iterable, Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envparity.errors import EnvparityError
from envparity.project.locks.advice import lock_advice
from envparity.project.locks.lock import LockFormat, Pin
from envparity.text import visible

_COMMENT = re.compile(r"(^|\s)#.*")
_HASH = re.compile(r"\s--hash[= ]\s*(\S+)")
# These options bring in requirements from other files, so a lock with one of them does not have every pin.
_ELSEWHERE = re.compile(r"(-r|-c|-e|--requirement|--constraint|--editable)\b")


def at_urls(requirements: Iterable[str]) -> tuple[str, ...]:
    """Return the requirements that name a URL; a lock leaves them out. Raise EnvparityError if a text is not valid."""
    return tuple(text for text in requirements if _requirement(text, "dependency group").url)


def _pins(text: str, origin: str) -> Iterator[Pin]:
    for line in text.replace("\\\n", " ").splitlines():
        words = _COMMENT.sub("", line).strip()
        if _ELSEWHERE.match(words):
            raise EnvparityError(
                f"{origin}: expected every pin in this file, found a line that names another file: "
                f"{visible(words)[:200]!r}"
            )
        if words and not words.startswith("-"):
            yield read_pin(words, origin)


def read_pin(words: str, origin: str) -> Pin:
    """Return the pin in a line that pins one version or a URL.

    Raise EnvparityError, which names the file `origin`, for any other text.
    """
    requirement = _requirement(_HASH.sub("", words).strip(), origin, lock_advice(origin))
    pin = Pin(canonicalize_name(requirement.name), requirement, frozenset(_HASH.findall(words)))
    if pin.url is None and (pin.version is None or pin.version.endswith(".*") or len(requirement.specifier) > 1):
        raise EnvparityError(
            f"{origin}: expected one version pinned with ==, found {visible(str(requirement))[:200]!r}"
            f"{lock_advice(origin)}"
        )
    return pin


def _requirement(text: str, origin: str, advice: str = "") -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        reason = visible(str(error).splitlines()[0])
    except RecursionError:
        reason = "too deeply nested"
    raise EnvparityError(f"{origin}: expected NAME==VERSION, found {visible(text)[:200]!r}: {reason[:200]}{advice}")


FORMAT = LockFormat("lines of NAME==VERSION", reads=lambda _: True, pins=_pins)
