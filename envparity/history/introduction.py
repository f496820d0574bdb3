"""Finds the release of a distribution that introduced one of its requirements."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from envparity.index.releases import Metadata, Release, Releases, ReleaseUnknown, version_of
from envparity.judge.graph import holds, parsed

_AT_ONCE = 3  # the number of questions to the index at the same time; more questions could overload the index


@dataclass(frozen=True)
class Introduction:
    """The release that introduced a requirement.

    Every release from `first` up to the installed release has the requirement. `before` is the release before `first`,
    which lacks the requirement; None if `first` is the oldest release. From `worded` up to the installed release, the
    text of the requirement is the same.
    """

    first: Release
    before: str | None
    worded: Release


def introduction(
    releases: Releases, name: str, installed: str, asks: Callable[[Sequence[str]], frozenset[str]]
) -> Introduction | None:
    """Return the release that introduced a requirement.

    Return None if the installed version, as the index offers it, does not have the requirement.

    The search goes back from the release `installed` of the distribution `name`, until a release lacks the requirement.
    `asks` gets the texts of all requirements of a release, and returns the texts of the requirement to search for. An
    empty set means that the release lacks this requirement. Raise ReleaseUnknown if a release cannot be read; the error
    names the last release that the search could read, if there is one.
    """
    here = version_of(installed)
    versions = [one for one in releases.versions(name, installed) if version_of(one) < here]
    first = worded = installed
    words: frozenset[str] | None = None
    for version, found in _each(releases, name, [installed, *versions]):
        if isinstance(found, ReleaseUnknown):
            known = f"; {name} {first} has the requirement, the releases before it are unknown" if words else ""
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
    """Yield each version, in order, with its metadata or with the error. Threads read _AT_ONCE versions together."""

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
    """Return a function that gets all requirements of a release, and returns the requirements that name `target`.

    A requirement counts if its marker holds in `environment` (values of marker variables) with one of `extras`.
    """
    target = canonicalize_name(target)
    extras = tuple(extras)

    def find(requires: Sequence[str]) -> frozenset[str]:
        found: set[str] = set()
        for text in requires:
            one = parsed(text)
            if one is None or canonicalize_name(one.name) != target:
                continue
            if any(holds(one.marker, {**environment, "extra": extra}) for extra in extras):
                found.add(str(one))
        return frozenset(found)

    return find
