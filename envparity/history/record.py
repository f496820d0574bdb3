"""The types of a history: the releases that requirements resolved to in a past period, and each change.

No field holds a URL or a path on this machine.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from envparity.history.collisions import Collision

SCHEMA: Literal["envparity-history-1"] = "envparity-history-1"


@dataclass(frozen=True)
class Change:
    """A distribution that entered the resolution (`before` is None), left it (`after` is None) or changed its version.

    `path` is the shortest chain of requirements that leads to the distribution, for example
    `the track v0.4 -> libp2p==0.4.0 (0.4.0)`. If the distribution left, `path` is the chain before this change. None
    means that no chain is known.
    """

    name: str
    before: str | None
    after: str | None
    path: str | None

    @property
    def text(self) -> str:
        """Return the change in words."""
        if self.before is None:
            return f"{self.name} {self.after} enters"
        if self.after is None:
            return f"{self.name} {self.before} leaves"
        return f"{self.name} {self.before} -> {self.after}"


@dataclass(frozen=True)
class Event:
    """The changes at an instant, and their causes.

    `releases` are the chosen releases that were uploaded at this instant, as `name version`: they caused the change.
    `releases` is empty if the change had another cause: the index no longer offers a release, or a release cannot be
    built.

    `failure` says why the requirements did not resolve from then on; None if they resolved. In a collision, several
    distributions (the providers) have the same import name, or different bytes for one file. `gained` are the
    collisions that began, or that a further provider joined. `ended` are the collisions that no longer exist.
    `resolved_before` is true if the requirements resolved just before this instant.
    """

    instant: datetime
    releases: tuple[str, ...]
    changes: tuple[Change, ...]
    gained: tuple[Collision, ...]
    ended: tuple[Collision, ...]
    failure: str | None
    resolved_before: bool

    @property
    def begins(self) -> bool:
        """Return whether the requirements resolve from this instant on, but did not before."""
        return self.failure is None and not self.resolved_before

    def concerns(self, names: frozenset[str]) -> bool:
        """Return whether the event matters to somebody who follows these distributions.

        An event matters if it changes one of these distributions, if a collision begins or ends, or if the requirements
        begin to resolve or no longer resolve.
        """
        return (
            self.failure is not None
            or self.begins
            or bool(self.gained or self.ended)
            or any(one.name in names for one in self.changes)
        )


@dataclass(frozen=True)
class Effort:
    """How much work a history took.

    `resolutions` counts the resolutions that the history uses. `asked` counts the resolutions that uv had to make; the
    others came from the cache. `stretches` counts the parts into which the search divided the period.
    `artefacts` counts the wheels and sdists whose import names were read.
    """

    resolutions: int
    asked: int
    stretches: int
    artefacts: int


@dataclass(frozen=True)
class History:
    """The releases that requirements resolved to from `since` to `until`, and each change in between.

    `first` and `last` map names to versions at the two ends of the period, and are empty if the requirements did not
    resolve. `began` and `remaining` are the collisions at the two ends. `watched` are the distributions that decide
    which events matter (see `Event.concerns`). `unread` maps a release to the reason why its contents are unknown.
    `known_until` is None, except if the index could not be reached. Then `known_until` is the instant of the last
    answer, and the history ends there.
    """

    schema: Literal["envparity-history-1"]
    requirements: tuple[str, ...]
    track: str | None
    python: str
    platform: str
    resolver: str
    since: datetime
    until: datetime
    known_until: datetime | None
    first: dict[str, str]
    first_failure: str | None
    began: tuple[Collision, ...]
    events: tuple[Event, ...]
    last: dict[str, str]
    remaining: tuple[Collision, ...]
    watched: tuple[str, ...]
    unread: dict[str, str]
    effort: Effort

    @property
    def title(self) -> str:
        """Return the track of the history, or else its requirements, as a text."""
        return f"the track {self.track}" if self.track else " ".join(self.requirements)

    def versions_at(self, instant: datetime) -> dict[str, str]:
        """Return a dict from name to version for an environment that was made at `instant`."""
        found = dict(self.first)
        for event in self.events:
            if event.instant >= instant:
                break
            for one in event.changes:
                if one.after is None:
                    found.pop(one.name, None)
                else:
                    found[one.name] = one.after
        return found

    def collisions(self) -> Iterator[tuple[Collision, datetime, datetime]]:
        """Yield each collision with the instants at which it began and ended.

        If a further provider joins a collision, this collision ends at that moment, and a new collision begins. A
        collision that remains ends at `until`.
        """
        open_since = {one.name: (one, self.since) for one in self.began}
        for event in self.events:
            for one in (*event.ended, *event.gained):
                if one.name in open_since:
                    yield (*open_since.pop(one.name), event.instant)
            for one in event.gained:
                open_since[one.name] = (one, event.instant)
        for known, begun in open_since.values():
            yield known, begun, self.until

    @property
    def absent(self) -> tuple[str, ...]:
        """Return the watched names that were in no resolution of the history."""
        there = {*self.first, *(change.name for event in self.events for change in event.changes)}
        return tuple(name for name in self.watched if name not in there)
