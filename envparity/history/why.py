"""Finds the distributions that provide a name, why they are installed, and which release introduced each requirement.

The name is an import name, a distribution or a file in one environment. A door is a way to reach that environment. A
requirement path is a chain of requirements: for example, libp2p requires multiaddr, and multiaddr requires varint.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from packaging.utils import canonicalize_name

from envparity.errors import EnvparityError
from envparity.history.introduction import Introduction, asking, introduction
from envparity.history.origin import Origin, find_file, origin_of
from envparity.index.releases import Releases, ReleaseUnknown
from envparity.judge.graph import Edge, Graph, parsed
from envparity.judge.ownership import is_contested
from envparity.judge.report import Step, roots_of, steps
from envparity.judge.subject import Subject, winner
from envparity.project.config import Config
from envparity.snapshot.doors import Look, find_door, open_door
from envparity.snapshot.types import Distribution, ImportName
from envparity.text import visible

_PATHS = 8  # requirement paths that are reported, the shortest first


@dataclass(frozen=True)
class Provider:
    """A distribution that has some files under an import name; `files` is their number."""

    label: str
    files: int


@dataclass(frozen=True)
class ImportLocation:
    """A place where an import name is found: `kind` is module, extension, package, namespace or data."""

    kind: str
    path: str
    providers: tuple[Provider, ...]


@dataclass(frozen=True)
class ContestedPath:
    """A path for which the RECORDs of several distributions, the claimants, have different hashes.

    `there` are the claimants whose RECORD has the hash of the file at the path.
    """

    path: str
    claimants: tuple[str, ...]
    there: tuple[str, ...]


@dataclass(frozen=True)
class Importable:
    """An import name and every place that has it, sorted by path. Python may search these places in another order.

    `stdlib` says whether Python itself has a module of this name.
    """

    name: str
    stdlib: bool
    locations: tuple[ImportLocation, ...]


@dataclass(frozen=True)
class Asker:
    """A distribution, or a root such as the project's own requirements, that requires another distribution.

    `requirement` is the text of the requirement. `since` is the release that introduced the requirement. If this
    release is not known, `unknown` says why. Both are None for a root.
    """

    label: str
    requirement: str
    since: Introduction | None
    unknown: str | None


@dataclass(frozen=True)
class Installed:
    """A distribution, its import names, the requirement paths to it, and the distributions that require it.

    `requested` is true if the installer noted that somebody asked for this distribution by name. It is false if the
    installer noted this for every distribution, which happens when it installs all the lines of a lock.
    """

    name: str
    label: str
    installer: str | None
    requested: bool
    editable: bool
    provides: tuple[str, ...]
    paths: tuple[tuple[Step, ...], ...]
    askers: tuple[Asker, ...]


@dataclass(frozen=True)
class Answer:
    """Everything that is known about one name in the environment behind one door.

    `distributions` begins with the distribution of that name, if it exists. The distributions that provide the import
    name follow. If the name is a file, `origin` is set, and `distributions` has the distributions whose RECORD lists
    the file.
    """

    name: str
    door: str
    importable: Importable | None
    contested: tuple[ContestedPath, ...]
    distributions: tuple[Installed, ...]
    origin: Origin | None = None

    @property
    def torn(self) -> bool:
        """Return whether some contested paths have the bytes of one distribution, and others the bytes of another."""
        return len({one.there for one in self.contested} - {()}) > 1


def answer(
    config: Config,
    name: str,
    door_name: str,
    track: str | None,
    *,
    offline: bool,
    tell: Callable[[str], None] | None = None,
) -> Answer:
    """Look at the environment behind a door, ask the package index, and return what is known about a name.

    `tell` receives a line about each question to the index; with `offline`, only the cache answers. Raise
    EnvparityError if envparity cannot read the environment, or if nothing in the environment has the name.
    """
    track = config.check_track(track)
    door = find_door(door_name, config, track)
    snapshot = open_door(door, config, track, Look(behaviour=False))
    # Only the environments behind the project's doors are made from its lock. Other environments have an unknown lock.
    known = track or "{track}" not in (config.locks or "")
    lock = config.lock(track) if known and door_name in config.doors else None
    subject = Subject(door.name, snapshot, config, track, lock)
    project = (config.root / "pyproject.toml").is_file()  # outside a project envparity makes no folder
    releases = Releases(
        config.root / ".cache" / "envparity" / "releases.json" if project else None,
        series=snapshot.interpreter.series,
        offline=offline,
        tell=tell,
    )
    try:
        return explain(subject, name, releases)
    finally:
        releases.save()


def explain(subject: Subject, name: str, releases: Releases) -> Answer:
    """Return everything that is known about a name in the environment of `subject`.

    Raise EnvparityError if nothing in the environment has the name.
    """
    snapshot = subject.snapshot
    roots, label = roots_of(subject)
    graph = Graph(snapshot, roots, label)
    found = snapshot.names.get(name)
    named = graph.installed.get(canonicalize_name(name))
    path = find_file(snapshot, name) if found is None and named is None else None
    if found is None and named is None and path is None:
        raise EnvparityError(_nothing(subject, graph, name))
    providers = {owner for place in found.places for owner in place.providers} if found else set()
    if path is not None:
        providers = set(snapshot.files[path].claims)
    others = [snapshot.by_id[one] for one in sorted(providers - ({named.id} if named else set()))]
    wanted = [*([named] if named else []), *others]
    return Answer(
        visible(name),
        subject.door,
        _importable(subject, name, found) if found else None,
        tuple(_contested(subject, found, named)),
        tuple(_installed(subject, graph, one, releases) for one in wanted),
        origin_of(subject, path) if path is not None else None,
    )


def _nothing(subject: Subject, graph: Graph[Distribution], name: str) -> str:
    names = {one.name for one in subject.snapshot.distributions} | set(subject.snapshot.names)
    top = name.partition(".")[0]
    near = [top] if top in names else get_close_matches(name, sorted(names), 3, 0.6)
    asked = graph.required_by(canonicalize_name(name))
    by = f"; {asked[0].source} requires it: {asked[0].requirement}" if asked else ""
    close = f"; similar names: {', '.join(near)}" if near else ""
    if not near and os.path.lexists(name):
        close = "; if the file is in another environment, name the environment with --door FOLDER"
    return visible(
        f"why: expected a distribution, an import name or a file of door {subject.door}, found {name!r}{by}{close}"
    )


def _importable(subject: Subject, name: str, found: ImportName) -> Importable:
    locations: list[ImportLocation] = []
    for place in found.places:
        counts = Counter(
            owner
            for path, file in subject.snapshot.files.items()
            if path == place.path or path.startswith(f"{place.path}/")
            for owner in file.claims
        )
        owners = tuple(Provider(subject.snapshot.label(owner), counts[owner]) for owner in place.providers)
        locations.append(ImportLocation(place.kind, visible(place.path), owners))
    return Importable(visible(name), found.stdlib, tuple(locations))


def _contested(subject: Subject, found: ImportName | None, named: Distribution | None) -> Iterator[ContestedPath]:
    label = subject.snapshot.label
    places = [place.path for place in found.places] if found else []
    for path, file in sorted(subject.notable.items()):
        concerned = (named is not None and named.id in file.claims) or any(
            path == place or path.startswith(f"{place}/") for place in places
        )
        if concerned and is_contested(file):
            yield ContestedPath(visible(path), tuple(map(label, file.claims)), tuple(map(label, winner(file))))


def _installed(subject: Subject, graph: Graph[Distribution], one: Distribution, releases: Releases) -> Installed:
    name = canonicalize_name(one.name)
    provides = [
        f"{visible(imported)} ({place.kind})"
        for imported, found in subject.snapshot.names.items()
        for place in found.places
        if one.id in place.providers
    ]
    return Installed(
        name,
        one.label,
        one.installer,
        one.requested and not all(other.requested for other in subject.snapshot.distributions),
        one.editable,
        tuple(provides),
        tuple(steps(graph, path) for path in graph.paths_to(name, _PATHS)),
        tuple(_asker(subject, graph, edge, releases) for edge in graph.required_by(name)),
    )


def _asker(subject: Subject, graph: Graph[Distribution], edge: Edge, releases: Releases) -> Asker:
    requirer = graph.installed.get(edge.source)
    if requirer is None:  # the asker is the track itself, or another root
        return Asker(edge.source, edge.requirement, None, None)
    try:
        since = _since(subject, requirer, edge, releases)
    except ReleaseUnknown as unknown:
        return Asker(requirer.label, edge.requirement, None, str(unknown))
    unasked = None if since else f"{requirer.label} from the index does not require {edge.target}"
    return Asker(requirer.label, edge.requirement, since, unasked)


def _since(subject: Subject, requirer: Distribution, edge: Edge, releases: Releases) -> Introduction | None:
    if requirer.direct_url is not None or requirer.editable:
        raise ReleaseUnknown(f"{requirer.label} is installed from a commit, a folder or a file, not from a release")
    if requirer.version is None:
        raise ReleaseUnknown(f"the metadata of {requirer.label} has no version")
    environment = subject.snapshot.marker_environment
    marker = wanted.marker if (wanted := parsed(edge.requirement)) else None
    # If the requirement applies without an extra, look for it without extras. Otherwise look for it with the extras
    # under which it applies.
    extras = [
        extra
        for extra in ("", *requirer.extras)
        if marker is None or marker.evaluate({**environment, "extra": canonicalize_name(extra) if extra else ""})
    ]
    asks = asking(edge.target, environment, extras[:1] if "" in extras else extras)
    return introduction(releases, canonicalize_name(requirer.name), requirer.version, asks)
