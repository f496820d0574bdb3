"""Makes the events of a history from its resolutions and from the contents of the chosen releases.

A requirement path is a chain of requirements: for example, libp2p requires multiaddr, and multiaddr requires varint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from packaging.utils import canonicalize_name

from envparity.history.collisions import Collision, collisions
from envparity.history.contents import Contents
from envparity.history.record import Change, Event
from envparity.history.resolver import Question, Resolution, Selected
from envparity.history.walk import Turn, Walk
from envparity.judge.graph import Graph
from envparity.judge.report import path_text, steps


@dataclass(frozen=True)
class _Chosen:
    """One release, with the fields that the graph of requirements reads."""

    version: str
    requires: tuple[str, ...]


class Selection:
    """The releases of one resolution, with their contents by `name==version`.

    `root` is the first part of each requirement path, for example `the track v0.4`.
    """

    def __init__(self, resolution: Resolution, contents: Mapping[str, Contents], question: Question, root: str) -> None:
        self.resolution = resolution
        self._contents = contents
        self._question = question
        self._root = root

    @property
    def marker_environment(self) -> dict[str, str]:
        """Return a dict from each marker variable to its value."""
        return self._question.marker_environment

    @property
    def by_name(self) -> dict[str, _Chosen]:
        """Return the releases by canonical name."""
        return {one.name: _Chosen(one.version, self._requires(one)) for one in self.resolution.selected}

    def _requires(self, one: Selected) -> tuple[str, ...]:
        return self._contents[one.key].requires if one.key in self._contents else ()

    @cached_property
    def collisions(self) -> tuple[Collision, ...]:
        """Return the collisions between the releases."""
        chosen = (self._contents.get(one.key) for one in self.resolution.selected)
        return collisions([one for one in chosen if one is not None])

    def hides(self, names: frozenset[str]) -> bool:
        """Return whether the contents are unknown for the release of at least one distribution in `names`."""
        return any(one.name in names and one.key not in self._contents for one in self.resolution.selected)

    @cached_property
    def _graph(self) -> "Graph[_Chosen]":
        return Graph(self, self._question.requirements, self._root)

    def path_to(self, name: str) -> str | None:
        """Return the shortest requirement path to a distribution, in words; None if there is no path."""
        found = self._graph.paths_to(name, 1)
        return path_text(steps(self._graph, found[0])) if found else None

    def names_to(self, name: str) -> list[str]:
        """Return the distributions on the path that `path_to` returns: from a direct requirement to `name`."""
        return [edge.target for path in self._graph.paths_to(name, 1) for edge in path]


class Story:
    """The resolutions that a walk through a period found, and an event for each change from one resolution to the next.

    `contents` maps `name==version` to the contents of the release. `root` is the first part of each requirement path.
    """

    def __init__(self, walked: Walk, contents: Mapping[str, Contents], question: Question, root: str) -> None:
        self._question = question
        self._selections = [Selection(walked.first, contents, question, root)]
        self.events: list[Event] = []
        for turn in walked.turns:
            self._selections.append(Selection(turn.after, contents, question, root))
            self.events.append(_event(turn, *self._selections[-2:]))

    @property
    def began(self) -> tuple[Collision, ...]:
        """Return the collisions at the beginning of the period."""
        return self._selections[0].collisions

    @property
    def remaining(self) -> tuple[Collision, ...]:
        """Return the collisions at the end of the period."""
        return self._selections[-1].collisions

    def watched(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the canonical names of the distributions that decide which events matter: `names`, if there are any.

        Without names, these are the distributions that the requirements name, the distributions that collide, and the
        distributions on the requirement paths to colliding distributions. One distribution on such a path caused the
        collision.
        """
        if names:
            return tuple(dict.fromkeys(canonicalize_name(name) for name in names))
        found = dict.fromkeys(self._question.names)
        for selection in self._selections:
            for one in selection.collisions:
                for provider in one.providers:
                    found |= dict.fromkeys(selection.names_to(provider.partition(" ")[0]))
        return tuple(found)


def caused(turn: Turn) -> tuple[str, ...]:
    """Return the releases, as `name version`, that were uploaded at the instant of a change and chosen from then on."""
    old = turn.before.versions
    return tuple(
        one.label
        for one in turn.after.selected
        if turn.found and one.uploaded == turn.instant and old.get(one.name) != one.version
    )


def _event(turn: Turn, before: Selection, after: Selection) -> Event:
    old, new = turn.before.versions, turn.after.versions
    causes = caused(turn)
    first = {one.partition(" ")[0] for one in causes}
    names = sorted({*old, *new}, key=lambda name: (name not in first, name))
    had = {one.name: one.distributions for one in before.collisions}
    has = {one.name for one in after.collisions}
    return Event(
        instant=turn.instant,
        releases=causes,
        changes=tuple(
            Change(name, old.get(name), new.get(name), (after if name in new else before).path_to(name))
            for name in names
            if old.get(name) != new.get(name)
        ),
        gained=tuple(one for one in after.collisions if not one.distributions <= had.get(one.name, frozenset())),
        ended=tuple(one for one in before.collisions if one.name not in has and not after.hides(one.distributions)),
        failure=turn.after.failure,
        resolved_before=turn.before.failure is None,
    )
