"""`envparity why NAME`: whose a name is, by which requirements it came in, and since which release it is asked for."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from packaging.utils import canonicalize_name
from rich.console import Console
from rich.text import Text

from envparity.errors import EnvparityError
from envparity.history.introduction import Introduction, asking, introduction
from envparity.index.releases import Release, Releases, ReleaseUnknown
from envparity.judge.graph import Edge, Graph, parsed
from envparity.judge.ownership import is_contested, winner
from envparity.judge.report import Step, roots_of, steps
from envparity.judge.subject import Subject
from envparity.project.config import Config
from envparity.render.words import path_text
from envparity.snapshot.doors import Look, find_door, open_door
from envparity.snapshot.types import Distribution, ImportName
from envparity.text import visible

_PATHS = 8  # requirement paths that are told of, the shortest first


@dataclass(frozen=True)
class Provider:
    """A distribution that has `files` under an import name."""

    label: str
    files: int


@dataclass(frozen=True)
class Located:
    """Where an import name is found: `kind` is module, extension, package, namespace or data."""

    kind: str
    path: str
    providers: tuple[Provider, ...]


@dataclass(frozen=True)
class ContestedPath:
    """A path that distributions want different bytes at; `there` are those whose bytes it has."""

    path: str
    claimants: tuple[str, ...]
    there: tuple[str, ...]


@dataclass(frozen=True)
class Importable:
    """An import name: every place that has it, in no order of import."""

    name: str
    stdlib: bool
    places: tuple[Located, ...]


@dataclass(frozen=True)
class Asker:
    """Who asks for a distribution in which words, and the release since which it does, or why that is unknown."""

    label: str
    requirement: str
    since: Introduction | None
    unknown: str | None


@dataclass(frozen=True)
class Installed:
    """A distribution: what it provides at top level, how it came in, and which releases ask for it.

    `requested` is set where the installer noted it of this one and not of all: what a lock lists is all asked for.
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
    """All that is known of one name behind one door; `distributions` begin with the one of that name."""

    name: str
    door: str
    importable: Importable | None
    contested: tuple[ContestedPath, ...]
    distributions: tuple[Installed, ...]

    @property
    def torn(self) -> bool:
        """Whether the contested paths are put together from several distributions."""
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
    """Look behind a door and ask the indexes' clients; `tell` hears what is being asked of them."""
    track = config.check_track(track)
    door = find_door(door_name, config, track)
    snapshot = open_door(door, config, track, Look(behaviour=False))
    # The project's own doors are of the track; a folder from elsewhere was made from who knows what.
    known = track or "{track}" not in (config.locks or "")
    lock = config.lock(track) if known and door_name in config.doors else None
    subject = Subject(door.name, snapshot, config, track, lock)
    project = (config.root / "pyproject.toml").is_file()  # elsewhere no folder is made
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
    """The answer for what was seen behind a door; EnvparityError where nothing there has the name."""
    snapshot = subject.snapshot
    roots, label = roots_of(subject)
    graph = Graph(snapshot, roots, label)
    found = snapshot.names.get(name)
    named = graph.installed.get(canonicalize_name(name))
    if found is None and named is None:
        raise EnvparityError(_nothing(subject, graph, name))
    providers = {owner for place in found.places for owner in place.providers} if found else set()
    others = [snapshot.by_id[one] for one in sorted(providers - ({named.id} if named else set()))]
    wanted = [*([named] if named else []), *others]
    return Answer(
        visible(name),
        subject.door,
        _importable(subject, name, found) if found else None,
        tuple(_contested(subject, found, named)),
        tuple(_installed(subject, graph, one, releases) for one in wanted),
    )


def _nothing(subject: Subject, graph: Graph[Distribution], name: str) -> str:
    names = {one.name for one in subject.snapshot.distributions} | set(subject.snapshot.names)
    top = name.partition(".")[0]
    near = [top] if top in names else get_close_matches(name, sorted(names), 3, 0.6)
    asked = graph.required_by(canonicalize_name(name))
    by = f"; {asked[0].source} asks for it, as {asked[0].requirement}" if asked else ""
    close = f"; near it: {', '.join(near)}" if near else ""
    return visible(
        f"why: expected a distribution or a top-level import name of door {subject.door}, found {name!r}{by}{close}"
    )


def _importable(subject: Subject, name: str, found: ImportName) -> Importable:
    places: list[Located] = []
    for place in found.places:
        counts = Counter(
            owner
            for path, file in subject.snapshot.files.items()
            if path == place.path or path.startswith(f"{place.path}/")
            for owner in file.claims
        )
        owners = tuple(Provider(subject.snapshot.label(owner), counts[owner]) for owner in place.providers)
        places.append(Located(place.kind, visible(place.path), owners))
    return Importable(visible(name), found.stdlib, tuple(places))


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
    if requirer is None:  # the track itself, or another root
        return Asker(edge.source, edge.requirement, None, None)
    try:
        since = _since(subject, requirer, edge, releases)
    except ReleaseUnknown as unknown:
        return Asker(requirer.label, edge.requirement, None, str(unknown))
    unasked = None if since else f"{requirer.label}, as the index has it, does not ask for {edge.target}"
    return Asker(requirer.label, edge.requirement, since, unasked)


def _since(subject: Subject, requirer: Distribution, edge: Edge, releases: Releases) -> Introduction | None:
    if requirer.direct_url is not None or requirer.editable:
        raise ReleaseUnknown(f"{requirer.label} is installed from a commit, a folder or a file, not from a release")
    if requirer.version is None:
        raise ReleaseUnknown(f"{requirer.label} does not say which version it is")
    environment = subject.snapshot.marker_environment
    marker = wanted.marker if (wanted := parsed(edge.requirement)) else None
    # Without an extra if the requirement applies so; else with those of the extras that bring it in.
    extras = [
        extra
        for extra in ("", *requirer.extras)
        if marker is None or marker.evaluate({**environment, "extra": canonicalize_name(extra) if extra else ""})
    ]
    asks = asking(edge.target, environment, extras[:1] if "" in extras else extras)
    return introduction(releases, canonicalize_name(requirer.name), requirer.version, asks)


def show(found: Answer, console: Console | None = None) -> None:
    """The answer for a person, or for a log."""
    out = console or Console(width=None if Console().is_terminal else 120, highlight=False)

    def line(*parts: str | tuple[str, str]) -> None:
        styled = (part if isinstance(part, tuple) else (part, "") for part in parts)
        out.print(Text.assemble(*((visible(text), style) for text, style in styled)), soft_wrap=True)

    if found.importable is not None:
        own = ", a name of Python's own library" if found.importable.stdlib else ""
        line((f"import {found.importable.name}", "bold"), own, (f"  [{found.door}]", "dim"))
        for place in found.importable.places:
            whose = " and ".join(f"{one.label} ({_files(one.files)})" for one in place.providers) or "nobody"
            line(f"  {place.path}: a {place.kind} of {whose}")
    if found.contested:
        out.print()
        line(("the same path, different bytes", "bold red"))
        for one in found.contested:
            there = " and ".join(one.there) or "nobody, it was changed since"
            line(f"  {one.path}: claimed by {' and '.join(one.claimants)}; there are the bytes of ", (there, "bold"))
        if found.torn:
            line(("  torn: these files were not made for each other", "red"))
    for distribution in found.distributions:
        out.print()
        _show_installed(distribution, line)


def _show_installed(one: Installed, line: Callable[..., None]) -> None:
    how = [f"installed by {one.installer}" if one.installer else "by no installer that says so"]
    how += ["asked for by name"] * one.requested + ["editable"] * one.editable
    line((one.label, "bold"), (f"  {', '.join(how)}", "dim"))
    line(f"  provides {', '.join(one.provides) or 'nothing to import'}")
    if not one.paths:
        line("  nothing that is installed asks for it")
    else:
        line("  came in by")
        for path in one.paths:
            line(f"    {path_text(path)}")
    known = [asker for asker in one.askers if asker.since or asker.unknown]
    if known:
        line("  asked for since")
        for asker in known:
            line(f"    {since_text(asker, one.name)}")


def since_text(asker: Asker, target: str) -> str:
    """Since which release one distribution asks for another, in a line."""
    if asker.since is None:
        return f"{asker.label} ({asker.requirement}): release unknown: {asker.unknown}"
    first, before, worded = asker.since.first, asker.since.before, asker.since.worded
    if before is None:
        said = f"{_release(first)}, the oldest release that the index offers, has {target} already"
    else:
        said = f"{_release(first)} is the first release with {target}; {before} had none"
    return said if worded == first else f"{said}; as {asker.requirement} since {_release(worded)}"


def _release(one: Release) -> str:
    when = one.uploaded.strftime("%Y-%m-%d %H:%M UTC") if one.uploaded else "time of upload unknown"
    return f"{one.name} {one.version} ({when})"


def _files(number: int) -> str:
    return f"{number} file{'s' * (number != 1)}"
