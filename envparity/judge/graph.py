"""The graph of the requirements of the distributions in one environment.

A requirement is in the graph only if it applies to the interpreter of the environment. A requirement of an extra is in
the graph only if another requirement asks for this extra.

A requirement path is a chain of requirements: for example, libp2p requires multiaddr, and multiaddr requires varint.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name


class Requiring(Protocol):
    """One version of a distribution, with its requirements."""

    @property
    def version(self) -> str | None:
        """Return the version; None if the metadata has no version."""

    @property
    def requires(self) -> Sequence[str]:
        """Return the requirements, as PEP 508 texts."""


Node = TypeVar("Node", bound=Requiring)
Node_co = TypeVar("Node_co", bound=Requiring, covariant=True)


class Environment(Protocol[Node_co]):
    """Distributions and their interpreter: a snapshot, or the releases that a resolver chose."""

    @property
    def by_name(self) -> Mapping[str, Node_co]:
        """Return a dict from canonical name to distribution."""

    @property
    def marker_environment(self) -> dict[str, str]:
        """Return a dict from each variable that a marker may use to its value."""


@lru_cache(maxsize=20000)
def parsed(text: str) -> Requirement | None:
    """Parse a PEP 508 requirement; return None for any other text."""
    try:
        return Requirement(text)
    except (InvalidRequirement, RecursionError):
        return None


def holds(marker: Marker | None, environment: Mapping[str, str]) -> bool | None:
    """Return whether a marker holds; None if the marker cannot be evaluated. A requirement without a marker holds.

    A marker cannot be evaluated if it names an unknown variable, or compares two values that have no order.
    """
    try:
        return marker is None or marker.evaluate(dict(environment))
    except (ValueError, LookupError, RecursionError):  # UndefinedComparison, UndefinedEnvironmentName
        return None


@dataclass(frozen=True)
class Edge:
    """One requirement: `source` requires `target`, and `requirement` is its PEP 508 text.

    `target` is a canonical name. `source` is a canonical name too, or the `root_label` of the graph.
    """

    source: str
    target: str
    requirement: str


RequirementPath = tuple[Edge, ...]


class Graph(Generic[Node]):
    """The requirements of the distributions in one environment. Each of them applies to the interpreter."""

    def __init__(self, environment: Environment[Node], roots: Iterable[str] = (), root_label: str = "") -> None:
        """Read all requirements.

        `roots` are the requirements that the environment was made from. Their source is `root_label`, for example `the
        track v0.4`.
        """
        self.installed = environment.by_name
        self.root_label = root_label
        self._environment = environment.marker_environment
        self._edges: dict[str, dict[Edge, None]] = {}
        self._wanted: dict[str, set[str]] = {name: set() for name in self.installed}
        for text in roots:
            self._add(root_label, text, ())
        # A requirement may ask for an extra of a distribution that was already read. Then the loop reads that
        # distribution again, with the extra.
        waiting = deque(self.installed)
        while waiting:
            name = waiting.popleft()
            for text in self.installed[name].requires:
                if (target := self._add(name, text, self._wanted[name])) is not None and target not in waiting:
                    waiting.append(target)

    def _add(self, source: str, text: str, extras: Iterable[str]) -> str | None:
        """Add an edge if the requirement applies to the interpreter, with one of `extras` or without an extra.

        Return the target if it is installed and the requirement asks for new extras of the target, otherwise None.
        """
        requirement = parsed(text)
        if requirement is None or not any(
            holds(requirement.marker, {**self._environment, "extra": extra}) for extra in ("", *sorted(extras))
        ):
            return None
        target = canonicalize_name(requirement.name)
        self._edges.setdefault(target, {})[Edge(source, target, text)] = None
        known = self._wanted.setdefault(target, set())
        new = {canonicalize_name(extra) for extra in requirement.extras} - known
        known |= new
        return target if new and target in self.installed else None

    def extras_of(self, name: str) -> list[str]:
        """Return the extras of a distribution that requirements ask for, sorted."""
        return sorted(self._wanted.get(name, ()))

    def required_by(self, name: str) -> list[Edge]:
        """Return the edges to a distribution, sorted by their source."""
        return sorted(self._edges.get(name, ()), key=lambda edge: (edge.source, edge.requirement))

    def reached_from(self, names: Iterable[str]) -> set[str]:
        """Return the installed distributions among `names`, and their installed requirements, direct and indirect."""
        targets: dict[str, set[str]] = {}
        for edges in self._edges.values():
            for edge in edges:
                targets.setdefault(edge.source, set()).add(edge.target)
        waiting = [name for name in names if name in self.installed]
        found: set[str] = set()
        while waiting:
            if (name := waiting.pop()) not in found:
                found.add(name)
                waiting += [one for one in targets.get(name, ()) if one in self.installed]
        return found

    def paths_to(self, name: str, most: int = 20) -> list[RequirementPath]:
        """Return at most `most` paths from a root to a distribution, shortest first.

        A root is a requirement that the environment was made from, or a distribution that no other distribution
        requires. No path visits a distribution twice.
        """
        return list(self._search(name, most))

    def _search(self, name: str, most: int) -> Iterator[RequirementPath]:
        waiting: deque[RequirementPath] = deque((edge,) for edge in self.required_by(name))
        given = looked = 0
        while waiting and given < most and looked < 20000:
            path = waiting.popleft()
            looked += 1
            source = path[0].source
            # A distribution that requires one of its own extras is still a root.
            asking = [] if source == self.root_label else self.required_by(source)
            further = [edge for edge in asking if edge.source != source]
            if not further:
                given += 1
                yield path
                continue
            seen = {edge.source for edge in path} | {name}
            waiting.extend((edge, *path) for edge in further if edge.source not in seen)
