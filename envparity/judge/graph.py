"""Who asks for whom: the requirements of what is installed, with markers evaluated and extras followed."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name


class Requiring(Protocol):
    """A distribution in a version, and what it requires."""

    @property
    def version(self) -> str | None:
        """Its version, if it says so."""

    @property
    def requires(self) -> Sequence[str]:
        """Its requirements, as it words them."""


Kind = TypeVar("Kind", bound=Requiring)
Held = TypeVar("Held", bound=Requiring, covariant=True)


class Environment(Protocol[Held]):
    """Distributions together, and the interpreter that they are for: a snapshot, or what a resolver chose."""

    @property
    def by_name(self) -> Mapping[str, Held]:
        """The distributions by canonical name."""

    @property
    def marker_environment(self) -> dict[str, str]:
        """The values that markers are evaluated with."""


@lru_cache(maxsize=20000)
def parsed(text: str) -> Requirement | None:
    """A requirement as PEP 508 has it, None for what is none."""
    try:
        return Requirement(text)
    except (InvalidRequirement, RecursionError):
        return None


def holds(marker: Marker | None, environment: dict[str, str]) -> bool | None:
    """Whether a marker holds; None where it compares what cannot be compared, or names what is not known."""
    try:
        return marker is None or marker.evaluate(environment)
    except (ValueError, LookupError, RecursionError):  # UndefinedComparison, UndefinedEnvironmentName
        return None


@dataclass(frozen=True)
class Edge:
    """`source` (a canonical name, or a root of its own) asks for `target` by `requirement`, as it words it."""

    source: str
    target: str
    requirement: str


Path = tuple[Edge, ...]


class Graph(Generic[Kind]):
    """The requirements of one environment that apply to its interpreter."""

    def __init__(self, environment: Environment[Kind], roots: Iterable[str] = (), root_label: str = "") -> None:
        """`roots` are the requirements that the environment was made from, `root_label` what asked for them."""
        self.installed = environment.by_name
        self.root_label = root_label
        self._environment = environment.marker_environment
        self._edges: dict[str, dict[Edge, None]] = {}
        self._wanted: dict[str, set[str]] = {name: set() for name in self.installed}
        for text in roots:
            self._add(root_label, text, ())
        # An extra may be asked for after the one that offers it was read: then it is read again.
        waiting = deque(self.installed)
        while waiting:
            name = waiting.popleft()
            for text in self.installed[name].requires:
                if (target := self._add(name, text, self._wanted[name])) is not None and target not in waiting:
                    waiting.append(target)

    def _add(self, source: str, text: str, extras: Iterable[str]) -> str | None:
        """Note who is asked for, if the requirement applies; the one asked, if that is there and new extras are."""
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

    def required_by(self, name: str) -> list[Edge]:
        """The edges that ask for a distribution, by who asks."""
        return sorted(self._edges.get(name, ()), key=lambda edge: (edge.source, edge.requirement))

    def paths_to(self, name: str, most: int = 20) -> list[Path]:
        """Requirement paths from a root to a distribution, shortest first, each distribution at most once in one.

        A root is what the environment was made from, or what nobody asks for.
        """
        return list(self._search(name, most))

    def _search(self, name: str, most: int) -> Iterator[Path]:
        waiting: deque[Path] = deque((edge,) for edge in self.required_by(name))
        given = looked = 0
        while waiting and given < most and looked < 20000:
            path = waiting.popleft()
            looked += 1
            source = path[0].source
            # One that asks for an extra of its own is no less a root.
            asking = [] if source == self.root_label else self.required_by(source)
            further = [edge for edge in asking if edge.source != source]
            if not further:
                given += 1
                yield path
                continue
            seen = {edge.source for edge in path} | {name}
            waiting.extend((edge, *path) for edge in further if edge.source not in seen)
