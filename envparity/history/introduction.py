"""Which release of a distribution introduced one of its requirements."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envparity.index.releases import Metadata, Release, Releases, ReleaseUnknown, version_of

_AT_ONCE = 3  # releases asked for together: enough to hide the wait, few enough to be polite


@dataclass(frozen=True)
class Introduction:
    """`first` is the oldest of the releases, without a gap up to the installed one, that ask for something.

    `before` is the release before it, which does not; None where `first` is the oldest that there is.
    `worded` is the first release that asks in the installed one's words.
    """

    first: Release
    before: str | None
    worded: Release


def introduction(
    releases: Releases, name: str, installed: str, asks: Callable[[Sequence[str]], frozenset[str]]
) -> Introduction | None:
    """The release that introduced a requirement, walking back from the installed one until one lacks it.

    `asks` gives those of a release's requirements that are meant. None where the installed release, as the index
    has it, does not ask. A release that cannot be read ends the walk: ReleaseUnknown tells how far it came.
    """
    here = version_of(installed)
    versions = [one for one in releases.versions(name, installed) if version_of(one) < here]
    first = worded = installed
    words: frozenset[str] | None = None
    for version, found in _each(releases, name, [installed, *versions]):
        if isinstance(found, ReleaseUnknown):
            known = f"; {name} {first} has it, what came before cannot be told" if words else ""
            raise ReleaseUnknown(f"{found}{known}")
        wanted = asks(found.requires)
        if not wanted:
            if words is None:
                return None
            return Introduction(releases.release(name, first), version, releases.release(name, worded))
        if words is None:
            words = wanted
        elif wanted == words and worded == first:
            worded = version
        first = version
    return Introduction(releases.release(name, first), None, releases.release(name, worded))


def _each(releases: Releases, name: str, versions: Sequence[str]) -> Iterator[tuple[str, Metadata | ReleaseUnknown]]:
    """The metadata of each version in turn, a few asked for at once."""

    def one(version: str) -> Metadata | ReleaseUnknown:
        try:
            return releases.metadata(name, version)
        except ReleaseUnknown as unknown:
            return unknown

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for start in range(0, len(versions), _AT_ONCE):
            some = versions[start : start + _AT_ONCE]
            yield from zip(some, pool.map(one, some), strict=True)


def asking(
    target: str, environment: dict[str, str], extras: Iterable[str] = ("",)
) -> Callable[[Sequence[str]], frozenset[str]]:
    """What finds, in a release's requirements, those of `target` that apply with one of the extras."""
    target = canonicalize_name(target)
    extras = tuple(extras)

    def find(requires: Sequence[str]) -> frozenset[str]:
        found: set[str] = set()
        for text in requires:
            try:
                one = Requirement(text)
            except InvalidRequirement:
                continue
            if canonicalize_name(one.name) == target and (
                one.marker is None or any(one.marker.evaluate({**environment, "extra": extra}) for extra in extras)
            ):
                found.add(str(one))
        return frozenset(found)

    return find
