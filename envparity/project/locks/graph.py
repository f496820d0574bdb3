"""Walks the packages of a lock whose entries name their requirements, such as uv.lock or an older poetry.lock.

An edge is one requirement, and it leads to an entry of the lock. The walk begins at the requirements of the project,
and follows each edge whose marker holds in the environment.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from packaging.markers import InvalidMarker, Marker

from envparity.errors import EnvparityError
from envparity.judge.graph import holds
from envparity.project.locks.lock import Markers
from envparity.text import visible

_Entry = TypeVar("_Entry")
_EXTRA = re.compile(r"""extra\s*(==|!=)\s*(?:'([^']*)'|"([^"]*)")|(?:'([^']*)'|"([^"]*)")\s*(==|!=)\s*extra""")
# A marker that always holds, and a marker that never holds. They replace a condition whose value is known.
_TRUE, _FALSE = "python_version >= '0'", "python_version < '0'"


@dataclass(frozen=True)
class Edge:
    """One requirement: the name of the package, its extras, and the marker under which it is required."""

    name: str
    extras: tuple[str, ...] = ()
    marker: str | None = None
    detail: object = None
    """A value that chooses between several entries with this name, for example a version."""
    where: str = ""
    """The place of the requirement in the lock, for error messages."""


@dataclass
class Walk(Generic[_Entry]):
    """One walk through a lock, for one environment.

    `find` returns the entry to which an edge leads, or None if the lock has no such entry. `edges` returns the edges of
    an entry for a set of extras. In a marker, `extra == 'NAME'` holds if the extra NAME is active. The extras in
    `active` are active everywhere. In the requirements of an entry, the extras with which the entry is required are
    active too.
    """

    environment: Markers
    find: Callable[[Edge], _Entry | None]
    edges: Callable[[_Entry, frozenset[str]], Iterable[Edge]]
    origin: str
    active: frozenset[str] = frozenset()
    seen: dict[int, tuple[_Entry, set[str]]] = field(default_factory=dict)

    def run(self, roots: Iterable[Edge]) -> list[_Entry]:
        """Return each entry that the walk reaches from `roots`, once.

        Raise EnvparityError if a marker is not valid.
        """
        waiting = [(edge, self.active) for edge in roots]
        while waiting:
            edge, active = waiting.pop()
            if not marker_holds(edge.marker, self.environment, active, edge.where or self.origin):
                continue
            entry = self.find(edge)
            if entry is None:
                continue
            known = self.seen.get(id(entry))
            if known is not None and set(edge.extras) <= known[1]:
                continue
            extras = {*edge.extras, *(known[1] if known else ())}
            self.seen[id(entry)] = (entry, extras)
            # In a requirement of a package, `extra` is an extra of this package.
            waiting += [(one, self.active | extras) for one in self.edges(entry, frozenset(extras))]
        return [entry for entry, _ in self.seen.values()]


def marker_holds(text: str | None, environment: Markers, extras: frozenset[str], origin: str) -> bool:
    """Return whether a marker holds if exactly the extras in `extras` are active; True for an empty marker.

    The result is also True if a marker cannot be evaluated, for example because it compares two values that have no
    order. pip and uv also treat such a marker as true. Raise EnvparityError, which names the place `origin`, if the
    text is no marker.
    """
    if not text:
        return True

    def known(found: re.Match[str]) -> str:
        name = next(one for one in found.group(2, 3, 4, 5) if one is not None)
        equal = (found[1] or found[6]) == "=="
        return _TRUE if (name in extras) == equal else _FALSE

    try:
        marker = Marker(_EXTRA.sub(known, text))
    except (InvalidMarker, RecursionError) as error:
        raise EnvparityError(f"{origin}: expected a marker, found {visible(text)[:200]!r}") from error
    return holds(marker, environment) is not False
