"""A history: what requirements stood for in a time past, and each change of it. Holds no address and no path."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from envparity.history.collisions import Collision

SCHEMA: Literal["envparity-history-1"] = "envparity-history-1"


@dataclass(frozen=True)
class Change:
    """A distribution that entered (`before` is None), left (`after` is None) or moved from one version to another.

    `path` is the shortest requirement path to it, of one that left the path that there was.
    """

    name: str
    before: str | None
    after: str | None
    path: str | None

    @property
    def text(self) -> str:
        """What became of it, in words."""
        if self.before is None:
            return f"{self.name} {self.after} enters"
        if self.after is None:
            return f"{self.name} {self.before} leaves"
        return f"{self.name} {self.before} -> {self.after}"


@dataclass(frozen=True)
class Event:
    """What changed at an instant. `releases` are those that came just then and were chosen: they caused it.

    There is none where something else was the cause: a release that the index does not offer any more, or one that
    cannot be built. `failure` is why nothing could be resolved from then on. `gained` are collisions of import names
    that began, or that a further provider joined; `ended` are those of names that have one provider again, or none.
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
        """Whether there was no resolution before."""
        return self.failure is None and not self.resolved_before

    def concerns(self, names: frozenset[str]) -> bool:
        """Whether it changes one of these distributions, a collision, or whether there is a resolution at all."""
        return (
            self.failure is not None
            or self.begins
            or bool(self.gained or self.ended)
            or any(one.name in names for one in self.changes)
        )


@dataclass(frozen=True)
class Effort:
    """What the history took: the `resolutions` that it stands on, `asked` of them from the index, others kept before.

    `stretches` were walked side by side; `artefacts` were read for their import names.
    """

    resolutions: int
    asked: int
    stretches: int
    artefacts: int


@dataclass(frozen=True)
class History:
    """What requirements stood for from `since` to `until`.

    `first` and `last` are the versions at both ends, empty where nothing could be resolved. `began` and `remaining`
    are the collisions there. `unread` says of which releases it is not known what they install. `known_until` is set
    where the index could not be reached: it was last asked then, and what came since is not in here.
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
        """What it is a history of."""
        return f"the track {self.track}" if self.track else " ".join(self.requirements)

    def versions_at(self, instant: datetime) -> dict[str, str]:
        """What an environment that was made at an instant got."""
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
        """Each collision with the time that it lasted; it is another one when a further provider joins it."""
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
        """Of the watched names, those that were never part of it."""
        there = {*self.first, *(change.name for event in self.events for change in event.changes)}
        return tuple(name for name in self.watched if name not in there)
