"""Reads locks that are requirements files: each line pins one version with == and has its hashes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envparity.errors import EnvparityError
from envparity.project.locks.lock import LockFormat, Pin
from envparity.text import visible

_COMMENT = re.compile(r"(^|\s)#.*")
_HASH = re.compile(r"\s--hash[= ]\s*(\S+)")
_FORMAT = re.compile(r"--(no|only)-binary[= ]\s*(\S+)")
# These options bring in requirements from other files, so a lock with one of them does not have every pin.
_ELSEWHERE = re.compile(r"(-r|-c|-e|--requirement|--constraint|--editable)\b")


def at_urls(requirements: Iterable[str]) -> tuple[str, ...]:
    """Return the requirements that name a URL; a lock leaves them out. Raise EnvparityError if a text is not valid."""
    return tuple(text for text in requirements if _requirement(text, "dependency group").url)


def _pins(text: str, origin: str) -> Iterator[Pin]:
    built: set[str] = set()
    wheels: set[str] = set()
    found: list[Pin] = []
    for line in text.replace("\\\n", " ").splitlines():
        words = _COMMENT.sub("", line).strip()
        if _ELSEWHERE.match(words):
            raise EnvparityError(
                f"{origin}: expected every pin in this file, found a line that names another file: "
                f"{visible(words)[:200]!r}"
            )
        if option := _FORMAT.match(words):
            _note_formats(option[2], *((built, wheels) if option[1] == "no" else (wheels, built)))
        elif words and not words.startswith("-"):
            found.append(read_pin(words, origin))
    for pin in found:
        from_source = pin.name in built or (":all:" in built and pin.name not in wheels)
        yield replace(pin, from_source=from_source) if from_source else pin


def _note_formats(value: str, these: set[str], others: set[str]) -> None:
    """Note the names in an option --no-binary or --only-binary: `these` get the names, `others` lose them.

    `:all:` stands for every name that no option names, and `:none:` takes back the options before it.
    """
    for name in value.split(","):
        if name == ":none:":
            these.clear()
        else:
            these.add(name if name == ":all:" else canonicalize_name(name))
            others.discard(name if name == ":all:" else canonicalize_name(name))


def read_pin(words: str, origin: str) -> Pin:
    """Return the pin in a line that pins one version or a URL.

    Raise EnvparityError, which names the file `origin`, for any other text.
    """
    requirement = _requirement(_HASH.sub("", words).strip(), origin)
    pin = Pin(canonicalize_name(requirement.name), requirement, frozenset(_HASH.findall(words)))
    if pin.url is None and (pin.version is None or pin.version.endswith(".*") or len(requirement.specifier) > 1):
        raise EnvparityError(
            f"{origin}: expected one version pinned with ==, found {visible(str(requirement))[:200]!r}; make the "
            "lock again"
        )
    return pin


def _requirement(text: str, origin: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        reason = visible(str(error).splitlines()[0])
    except RecursionError:
        reason = "too deeply nested"
    raise EnvparityError(f"{origin}: expected NAME==VERSION, found {visible(text)[:200]!r}: {reason[:200]}")


FORMAT = LockFormat("lines of NAME==VERSION", reads=lambda _: True, pins=_pins)
