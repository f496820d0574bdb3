"""The resolution family: compares installed versions with the lock, with requirements, and between doors.

It also reports a distribution that is installed twice. A family is a group of related checks, and a finding is one
problem or difference that a check reports. A door is a way to reach an environment, for example a container.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from envparity.judge.comparison import Comparison, version_of
from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.graph import Graph, holds, parsed
from envparity.judge.integrity.records import METADATA_BROKEN
from envparity.judge.interpreter import INTERPRETER_PATCH, SEEDS
from envparity.judge.rules import Rules, Severity
from envparity.judge.source import other_source, strange_hashes
from envparity.judge.subject import Subject
from envparity.project.locks.lock import Pin, same_version
from envparity.snapshot.types import Distribution
from envparity.text import listed, some


def _some_locked(subjects: Sequence[Subject]) -> bool:
    return any(subject.lock is not None for subject in subjects)


def _some_unlocked(subjects: Sequence[Subject]) -> bool:
    return any(subject.lock is None for subject in subjects)


def _hashes_pinned(subjects: Sequence[Subject]) -> bool:
    return any(pin.hashes for subject in subjects for pin in subject.pins.values())


RULES = Rules("resolution")
UNLOCKED = RULES.note(
    "unlocked",
    title="no lock to compare with",
    meaning="envparity had no lock for this environment. So it compared the installed versions only with the "
    "requirements of the installed distributions.",
    fix="Name a lock with `--lock FILE`, or name a track of a project that has locks with `--track TRACK`.",
    possible=_some_unlocked,
)
LOCK_MISSING = RULES.error(
    "lock-missing",
    title="in the lock, but not installed",
    meaning="The lock pins this distribution for this interpreter and platform, but the distribution is not "
    "installed. A pin does not count if its marker excludes this interpreter or platform.",
    fix="Install what the lock pins: `pip install --no-deps -r LOCK`, or with uv `uv pip install --no-deps -r LOCK`.",
    possible=_some_locked,
)
LOCK_VERSION = RULES.error(
    "lock-version",
    title="not the version that the lock pins",
    meaning="The installed version of the distribution is not the version that the lock pins. For example, the lock "
    "pins multiaddr 0.0.12, and multiaddr 0.1.0 is installed.",
    fix="Install what the lock pins: `pip install --no-deps -r LOCK`, or with uv `uv pip install --no-deps -r LOCK`. "
    "`envparity why NAME` shows which distributions require NAME.",
    possible=_some_locked,
)
LOCK_EXTRA = RULES.error(
    "lock-extra",
    title="installed, but not in the lock",
    meaning="The distribution is installed, but the lock does not pin it for this interpreter and platform. pip, "
    "setuptools and wheel are no finding, because they come with a new environment. The finding is a note for the "
    "program that made the lock, for example pip-tools, and for the distributions that only this program requires. It "
    "is a note, too, for a requirement of a pinned distribution, if the lock is a requirements file without hashes "
    "that no program made: such a file may pin only the direct requirements. With `exact = true` in "
    "`[tool.envparity]`, all of them are errors.",
    fix="Uninstall the distribution: `pip uninstall NAME`, or with uv `uv pip uninstall NAME`. If you need the "
    "distribution, add it to the requirements of the track and make a new lock.",
    possible=_some_locked,
)
LOCK_SOURCE = RULES.error(
    "lock-source",
    title="installed from a different source than the lock names",
    meaning="The lock pins a release or a commit. The distribution was installed from a folder, another URL or "
    "another commit, or as editable. A wheel in a local folder is no other source if its version is the pinned "
    "one. Its hash, if the installer noted one, is compared too.",
    fix="Uninstall the distribution. Then install what the lock pins: `pip install --no-deps -r LOCK`, or with uv "
    "`uv pip install --no-deps -r LOCK`.",
    possible=_some_locked,
)
LOCK_ARTEFACT = RULES.error(
    "lock-artefact",
    title="a wheel or sdist that the lock does not name",
    meaning="The installer recorded the hash of the wheel or sdist that it installed. The lock does not list this "
    "hash for this version.",
    fix="Find out where the wheel or sdist came from. Then uninstall the distribution, and install what the lock "
    "pins: `pip install --no-deps -r LOCK`, or with uv `uv pip install --no-deps -r LOCK`. Both check the hashes in "
    "the lock.",
    possible=_hashes_pinned,
)
REQUIREMENT_UNMET = RULES.error(
    "requirement-unmet",
    title="a requirement that is not met",
    meaning="An installed distribution requires another distribution that is missing or has the wrong version. The "
    "finding is a note if the lock pins both distributions in their installed versions, because then the lock made "
    "this choice.",
    fix="Install a version that every requirement allows, for example `pip install 'NAME>=2,<4'`, or uninstall the "
    "distribution that requires it. `envparity why NAME` shows which requirements brought in NAME.",
)
PYTHON_UNMET = RULES.error(
    "python-unmet",
    title="not made for this Python",
    meaning="The distribution excludes this interpreter: its metadata field Requires-Python allows only other "
    "versions of Python.",
    fix="Install a release of the distribution that supports this Python.",
)
DISTRIBUTION_TWICE = RULES.error(
    "distribution-twice",
    title="installed twice",
    meaning="Two metadata folders describe the same distribution, for example alpha-1.0.dist-info and "
    "alpha-1.1.dist-info. A tool may report either of the two. The finding is a note if the metadata folders are in "
    "different site folders, because Python then uses only the distribution whose site folder comes first on "
    "sys.path.",
    fix="Delete all metadata folders of the distribution but one, and the files that only the deleted RECORDs list. "
    "Then install the distribution again: `pip install --force-reinstall --no-deps NAME==VERSION`, or with uv `uv "
    "pip install --reinstall --no-deps NAME==VERSION`.",
)
DISTRIBUTION_DIFFERS = RULES.error(
    "distribution-differs",
    title="different versions of a distribution",
    meaning="A distribution has different versions in the doors, or some doors do not have it. The finding is a note "
    "if two conditions hold: the toolchain file declares that the patch level of Python may differ, and a marker on "
    "the patch level explains the difference.",
    fix="Install all doors from one lock.",
    compared=True,
)


def check(subject: Subject) -> Iterator[Finding]:
    """Yield findings about differences from the lock, distributions installed twice, and unmet requirements."""
    if subject.lock is None:
        yield subject.finding(UNLOCKED, "no lock was given, so versions were not compared with a lock")
    else:
        yield from _against_lock(subject, subject.lock.origin.rsplit("/", 1)[-1])
    yield from _twice(subject)
    yield from _requirements(subject)


def _against_lock(subject: Subject, origin: str) -> Iterator[Finding]:
    installed = subject.snapshot.by_name
    if subject.snapshot.interpreter.other_sites and not installed:
        return  # the family `interpreter` reports that this Python imports no distribution
    for name, pin in sorted(subject.pins.items()):
        found = installed.get(name)
        wanted = _wanted(pin)
        if found is None:
            yield subject.finding(LOCK_MISSING, f"expected {wanted} ({origin}), found none", distributions=[name])
            continue
        if pin.version is not None and not same_version(found.version, pin.version):
            yield subject.finding(LOCK_VERSION, f"expected {wanted} ({origin}), found {found.label}", of=found)
        strange = strange_hashes(found, pin)
        source = other_source(found, pin, subject.snapshot.located.sources.get(found.id))
        if source is not None:
            message = f"expected {wanted} as {origin} pins it, found {found.label} from {source}"
            yield subject.finding(LOCK_SOURCE, message, of=found)
        if strange:
            message = f"expected an artefact of {wanted} with a hash in {origin}, found {strange[0]}"
            yield subject.finding(LOCK_ARTEFACT, message, of=found)
    seeds = frozenset() if subject.config.exact else SEEDS
    for name, found in sorted(installed.items()):
        if name not in subject.pins and name not in seeds:
            message = f"expected only distributions that {origin} pins for this interpreter, found {found.label}"
            reason = subject.excused.get(name)
            message += f", {reason}" if reason else ""
            yield subject.finding(LOCK_EXTRA, message, of=found, severity=Severity.NOTE if reason else None)


def _wanted(pin: Pin) -> str:
    if pin.version is not None:
        return f"{pin.name} {pin.version}"
    if pin.url is not None:
        return f"{pin.name} from {pin.url}"
    return f"{pin.name} from its folder" if pin.local else pin.name


def _twice(subject: Subject) -> Iterator[Finding]:
    folders: dict[str, list[Distribution]] = defaultdict(list)
    for one in subject.snapshot.distributions:
        folders[canonicalize_name(one.name)].append(one)
    for name, several in sorted(folders.items()):
        # An old editable install consists of an egg-link and the egg-info that the egg-link names: both are one copy.
        paths = sorted({one.metadata for one in several if one.format != "egg-link"})
        sites = [path.partition("/")[0] for path in paths]
        if len(paths) < 2 or set(sites) <= set(subject.snapshot.interpreter.managed_sites):
            continue
        yield subject.finding(
            DISTRIBUTION_TWICE,
            f"expected {name} to be installed once, found {listed(paths, 4)}",
            paths=paths,
            distributions=[name],
            severity=Severity.ERROR if len(set(sites)) < len(sites) else Severity.NOTE,
        )


def _requirements(subject: Subject) -> Iterator[Finding]:
    """Yield the problems that `pip check` finds, also for the extras that an installed distribution asks for.

    An unmet requirement is a note if the lock pins both versions.
    """
    environment = subject.snapshot.marker_environment
    graph = Graph(subject.snapshot)
    python = subject.snapshot.interpreter.version
    installed = subject.snapshot.by_name
    unmet: dict[tuple[str, bool], list[tuple[Distribution, str, Requirement]]] = defaultdict(list)
    for name, one in sorted(installed.items()):
        if one.requires_python and not _contains(one.requires_python, python):
            message = f"{one.label} requires Python {one.requires_python}, found Python {python}"
            yield subject.finding(PYTHON_UNMET, message, of=one)
        extras = ["", *graph.extras_of(name)]
        for text in one.requires:
            requirement = parsed(text)
            asked = {
                extra: holds(requirement.marker, environment | {"extra": extra}) for extra in extras if requirement
            }
            if requirement is None or None in asked.values():
                message = f"{one.label} requires {text!r}, which is not a valid requirement"
                yield subject.finding(METADATA_BROKEN, message, of=one)
                continue
            extra = next((extra for extra, applies in asked.items() if applies), None)
            if extra is None:
                continue
            wanted = canonicalize_name(requirement.name)
            other = installed.get(wanted)
            if other is not None and (other.version is None or _contains(str(requirement.specifier), other.version)):
                continue
            locked = all(
                pin is not None and found is not None and same_version(found.version, pin.version or "")
                for pin, found in ((subject.pins.get(name), one), (subject.pins.get(wanted), other))
            )
            unmet[wanted, locked].append((one, _asking(graph, name, extra), requirement))
    for (missing, locked), asking in sorted(unmet.items()):
        yield _unmet(subject, missing, asking, Severity.NOTE if locked else Severity.ERROR)


def _unmet(
    subject: Subject, wanted: str, asking: Sequence[tuple[Distribution, str, Requirement]], severity: Severity
) -> Finding:
    """Return one finding about all unmet requirements of the distribution `wanted`."""
    other = subject.snapshot.by_name.get(wanted)
    there = f"found {other.label}" if other else "which is not installed"
    texts: dict[str, dict[str, None]] = defaultdict(dict)  # a requirement may be there once for each of its markers
    for one, extra, requirement in asking:
        texts[f"{one.label}{extra}"][f"{requirement.name}{requirement.specifier}"] = None
    lines = [f"{label} requires {' and '.join(said)}" for label, said in texts.items()]
    return subject.finding(
        REQUIREMENT_UNMET,
        f"{some(lines)}, {there}",
        paths=sorted({one.metadata for one, _, _ in asking}),
        distributions=[*dict.fromkeys(canonicalize_name(one.name) for one, _, _ in asking), wanted],
        details=lines if len(lines) > 1 else [],
        severity=severity,
    )


def _asking(graph: Graph[Distribution], name: str, extra: str) -> str:
    """Return ` with its extra EXTRA, for which NAME asks`; an empty text without an extra."""
    if not extra:
        return ""
    sources = [
        edge.source
        for edge in graph.required_by(name)
        if extra in {canonicalize_name(one) for one in getattr(parsed(edge.requirement), "extras", ())}
    ]
    return (
        f" with its extra {extra}, for which {some(sources)} asks,"
        if len(sources) == 1
        else (f" with its extra {extra}, for which {some(sources)} ask,")
    )


def _contains(specifier: str, version: str) -> bool:
    """Return whether a specifier allows a version; True if the specifier or the version cannot be read."""
    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except ValueError:
        return True


def compare(doors: Comparison) -> Iterator[Finding]:
    """Yield a finding for each distribution whose version differs between doors."""
    for name in sorted(doors.changed):
        found = doors.installed(name)
        marker = _deciding_marker(doors, name, found)
        versions = doors.by_value([version_of(one) for one in found])
        yield doors.finding(
            DISTRIBUTION_DIFFERS,
            f"expected the same {name} in each door, found: {versions}"
            + (f"; the lock pins it only where {marker}" if marker else ""),
            paths=sorted({one.metadata for one in found if one}),
            distributions=[name],
            severity=Severity.NOTE if marker and doors.declared("python") else None,
            because=INTERPRETER_PATCH.code if marker else None,
            declared=doors.declared("python") if marker else None,
        )


def _deciding_marker(doors: Comparison, name: str, found: Sequence[Distribution | None]) -> str | None:
    """Return the marker in the lock that explains why only some doors have a distribution; None if no marker does."""
    if not doors.patch_levels_differ or any(subject.lock is None for subject in doors.subjects):
        return None
    pins = [subject.pins.get(name) for subject in doors.subjects]
    if [pin is not None for pin in pins] != [one is not None for one in found] or all(pins):
        return None
    return next(str(pin.requirement.marker) for pin in pins if pin)


FAMILY = Family(RULES, check, compare)
