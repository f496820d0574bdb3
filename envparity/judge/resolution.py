"""The resolution family: compares installed versions with the lock, with requirements, and between doors.

It also reports a distribution that is installed twice. A family is a group of related checks, and a finding is one
problem or difference that a check reports. A door is a way to reach an environment, for example a container.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from packaging.utils import canonicalize_name

from envparity.judge import requirements
from envparity.judge.comparison import Comparison, version_of
from envparity.judge.family import Family
from envparity.judge.findings import Finding
from envparity.judge.graph import Graph
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


_INSTALL_LOCK = (
    "If the lock is a requirements file: `pip install --no-deps -r LOCK`, or with uv `uv pip install --no-deps -r "
    "LOCK`. LOCK is the path of the file. For another lock, use the program that made it, for example `uv sync`."
)
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
    fix=f"Install what the lock pins. {_INSTALL_LOCK} If the environment leaves out a group on purpose, as after `uv "
    "sync --no-dev`, use the option `--no-default-groups` or `--no-group NAME`.",
    possible=_some_locked,
)
LOCK_VERSION = RULES.error(
    "lock-version",
    title="not the version that the lock pins",
    meaning="The installed version of the distribution is not the version that the lock pins. For example, the lock "
    "pins multiaddr 0.0.12, and multiaddr 0.1.0 is installed. If the lock pins 1.0 without hashes, a local version "
    "such as 1.0+cu118 is no finding, because pip accepts it too. If the lock has hashes for 1.0, a local version is "
    "a note.",
    fix=f"Install what the lock pins. {_INSTALL_LOCK} `envparity why NAME` shows which distributions require NAME.",
    possible=_some_locked,
)
LOCK_EXTRA = RULES.error(
    "lock-extra",
    title="installed, but not in the lock",
    meaning="The distribution is installed, but the lock does not pin it for this interpreter and platform. pip, "
    "setuptools and wheel are no finding, because they come with a new environment. The finding is a note for the "
    "program that made the lock, for example pip-tools, and for the distributions that only this program requires. A "
    "person may write a requirements file that pins only the direct requirements. If the lock is such a file (it has "
    "no hashes, and no program made it), the finding is a note for each requirement of a pinned distribution. "
    "Many requirements files and pylocks do not name the project. With such a lock, the finding is also a note for the "
    "project itself, if the project was installed from a folder. With `exact = true` in `[tool.envparity]`, each of "
    "these distributions is an error, even pip, setuptools and wheel. One note names all distributions that the "
    "environment has only through include-system-site-packages, because they belong to the base Python. If the lock "
    "pins nothing, one finding names all distributions.",
    fix="Uninstall the distribution: `pip uninstall NAME`, or with uv `uv pip uninstall NAME`. If you need the "
    "distribution, add it to the requirements of the track and make a new lock. If the lock names it for a group or an "
    "extra that you installed, check again with `--group NAME` or `--extra NAME`.",
    possible=_some_locked,
)
LOCK_SOURCE = RULES.error(
    "lock-source",
    title="installed from a different source than the lock names",
    meaning="The lock pins a release or a commit. The distribution was installed from a folder, another URL or "
    "another commit, or as editable. A wheel in a local folder does not count as another source if it has the "
    "pinned version. If the installer noted the hash of the wheel, envparity also compares this hash with the lock.",
    fix=f"Uninstall the distribution. Then install what the lock pins. {_INSTALL_LOCK}",
    possible=_some_locked,
)
LOCK_ARTEFACT = RULES.error(
    "lock-artefact",
    title="a wheel or sdist that the lock does not name",
    meaning="The installer recorded the hash of the wheel or sdist that it installed. The lock does not list this "
    "hash for this version.",
    fix="Find out where the wheel or sdist came from. Then uninstall the distribution, and install what the lock "
    f"pins. {_INSTALL_LOCK} Each of these commands checks the hashes in the lock.",
    possible=_hashes_pinned,
)
DISTRIBUTION_TWICE = RULES.error(
    "distribution-twice",
    title="installed twice",
    meaning="Two metadata folders describe the same distribution, for example alpha-1.0.dist-info and "
    "alpha-1.1.dist-info. pip, uv and importlib.metadata may report either version. The finding is a note if the "
    "metadata folders are in different site folders, because Python then uses only the distribution whose site folder "
    "comes first on sys.path. The base Python is the Python from which the environment was made. If distributions of "
    "the environment hide copies in the base Python, one note names all of them.",
    fix="Keep one metadata folder of the distribution, and delete the others. Also delete each file that only the "
    "RECORD of a deleted folder lists. Then install the distribution again: `pip install --force-reinstall "
    "--no-deps NAME==VERSION`, or with uv `uv pip install --reinstall --no-deps NAME==VERSION`.",
)
DISTRIBUTION_DIFFERS = RULES.error(
    "distribution-differs",
    title="different versions of a distribution",
    meaning="A distribution has different versions in the doors, or some doors do not have it. The finding is a note "
    "if two conditions hold: the toolchain file declares that the patch level of Python may differ, and a marker on "
    "the patch level explains the difference. If pip, setuptools or wheel differ, one note names all that differ, "
    "because they come with a new environment. But if a lock pins one of them, or a distribution requires it, its "
    "difference is an error.",
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
    yield from requirements.check(subject)


def _against_lock(subject: Subject, origin: str) -> Iterator[Finding]:
    installed = subject.snapshot.by_name
    if subject.snapshot.interpreter.other_sites and not installed:
        return  # the family `interpreter` reports that this Python imports no distribution
    for name, pin in sorted(subject.pins.items()):
        found = installed.get(name)
        wanted = _wanted(pin)
        if found is None:
            message = f"expected {wanted} ({origin}), found none"
            if name in subject.of_default_groups:
                message += "; only a group such as dev needs it, and --no-default-groups leaves such groups out"
            yield subject.finding(LOCK_MISSING, message, distributions=[name])
            continue
        if not pin.allows(found.version):
            yield subject.finding(LOCK_VERSION, f"expected {wanted} ({origin}), found {found.label}", of=found)
        elif pin.hashes and pin.version is not None and not same_version(found.version, pin.version):
            message = f"expected {wanted} with a hash in {origin}, found {found.label}, a local version of it"
            yield subject.finding(LOCK_VERSION, message, of=found, severity=Severity.NOTE)
        strange = strange_hashes(found, pin)
        source = other_source(found, pin, subject.snapshot.located.sources.get(found.id))
        if source is not None:
            message = f"expected {wanted} as {origin} pins it, found {found.label} from {source}"
            yield subject.finding(LOCK_SOURCE, message, of=found)
        if strange:
            message = f"expected an artefact of {wanted} with a hash in {origin}, found {strange[0]}"
            yield subject.finding(LOCK_ARTEFACT, message, of=found)
    yield from _not_pinned(subject, origin)


def _not_pinned(subject: Subject, origin: str) -> Iterator[Finding]:
    """Yield a finding for each distribution without a pin, and one note for all distributions of the base Python.

    If the lock pins nothing at all, the distributions without a pin are one finding, because they have one cause.
    """
    seeds = frozenset() if subject.config.exact else SEEDS
    of_base: list[Distribution] = []
    unexplained: list[Distribution] = []
    for name, found in sorted(subject.snapshot.by_name.items()):
        if name in subject.pins or name in seeds:
            continue
        if subject.is_of_base(found.metadata):
            of_base.append(found)
        elif not subject.pins and not _is_explained(subject, found):
            unexplained.append(found)
        else:
            yield _extra(subject, origin, found)
    if len(unexplained) == 1:
        yield _extra(subject, origin, unexplained[0])
    elif unexplained:
        labels = [one.label for one in unexplained]
        here = " for this interpreter" if subject.named_in_lock else ""
        yield _extras(
            subject,
            unexplained,
            f"{origin} pins no distribution{here}, found {some(labels)}; make the lock again, or name another lock",
        )
    if of_base:
        labels = [one.label for one in of_base]
        yield _extras(
            subject,
            of_base,
            f"the environment also imports {some(labels)} from its base Python, and {origin} does not pin "
            f"{'it' if len(labels) == 1 else 'them'}",
            Severity.NOTE,
        )


def _is_explained(subject: Subject, found: Distribution) -> bool:
    """Return whether the lock need not pin a distribution, or the project accepts the finding about it."""
    accepted = any(one.covers(LOCK_EXTRA.code, found.metadata) for one in subject.config.accept)
    return accepted or canonicalize_name(found.name) in subject.excused


def _extra(subject: Subject, origin: str, found: Distribution) -> Finding:
    """Return the finding about one distribution that the lock does not pin."""
    name = canonicalize_name(found.name)
    message = f"expected only distributions that {origin} pins for this interpreter, found {found.label}"
    reason = subject.excused.get(name)
    elsewhere = "which it names for another group, extra or environment" if name in subject.named_in_lock else None
    message += f", {reason or elsewhere}" if reason or elsewhere else ""
    return subject.finding(LOCK_EXTRA, message, of=found, severity=Severity.NOTE if reason else None)


def _extras(
    subject: Subject, several: Sequence[Distribution], message: str, severity: Severity = Severity.ERROR
) -> Finding:
    """Return one finding about several distributions that the lock does not pin."""
    return subject.finding(
        LOCK_EXTRA,
        message,
        paths=[one.metadata for one in several],
        distributions=[canonicalize_name(one.name) for one in several],
        details=[one.label for one in several] if len(several) > 3 else [],
        severity=severity,
    )


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
    hiding: dict[str, list[str]] = {}
    for name, several in sorted(folders.items()):
        # An old editable install consists of an egg-link and the egg-info that the egg-link names: both are one copy.
        paths = sorted({one.metadata for one in several if one.format != "egg-link"})
        sites = [path.partition("/")[0] for path in paths]
        if len(paths) < 2 or set(sites) <= set(subject.snapshot.interpreter.managed_sites):
            continue
        if len([path for path in paths if not subject.is_of_base(path)]) < 2 and any(map(subject.is_of_base, paths)):
            hiding[name] = sorted(paths, key=subject.is_of_base)
            continue
        yield subject.finding(
            DISTRIBUTION_TWICE,
            f"expected {name} to be installed once, found {listed(paths, 4)}",
            paths=paths,
            distributions=[name],
            severity=Severity.ERROR if len(set(sites)) < len(sites) else Severity.NOTE,
        )
    if hiding:
        lines = [f"{name}: {listed(paths, 4)}" for name, paths in hiding.items()]
        yield subject.finding(
            DISTRIBUTION_TWICE,
            f"of {listed(list(hiding), 4)} there is another copy in the base Python, which Python does not import",
            paths=[path for paths in hiding.values() for path in paths],
            distributions=list(hiding),
            details=lines,
            severity=Severity.NOTE,
        )


def compare(doors: Comparison) -> Iterator[Finding]:
    """Yield a finding for each distribution whose version differs between doors.

    One note has pip, setuptools and wheel, if no lock pins them and no distribution requires them.
    """
    seeds = sorted(name for name in doors.changed if _is_seed(doors, name))
    if seeds:
        lines = [f"{name}: {doors.by_value([version_of(one) for one in doors.installed(name)])}" for name in seeds]
        yield doors.finding(
            DISTRIBUTION_DIFFERS,
            f"{listed(seeds)} came with the environments and {'differs' if len(seeds) == 1 else 'differ'}; "
            + "; ".join(lines),
            paths=sorted({one.metadata for name in seeds for one in doors.installed(name) if one}),
            distributions=seeds,
            severity=Severity.NOTE,
        )
    for name in sorted(doors.changed.difference(seeds)):
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


def _is_seed(doors: Comparison, name: str) -> bool:
    """Return whether a distribution only came with the environments: no lock pins it, and no distribution needs it.

    Return False if the project sets `exact`.
    """
    return name in SEEDS and not any(
        subject.config.exact or name in subject.pins or Graph(subject.snapshot).required_by(name)
        for subject in doors.subjects
    )


def _deciding_marker(doors: Comparison, name: str, found: Sequence[Distribution | None]) -> str | None:
    """Return the marker in the lock that explains why only some doors have a distribution; None if no marker does."""
    if not doors.patch_levels_differ or any(subject.lock is None for subject in doors.subjects):
        return None
    pins = [subject.pins.get(name) for subject in doors.subjects]
    if [pin is not None for pin in pins] != [one is not None for one in found] or all(pins):
        return None
    return next(str(pin.requirement.marker) for pin in pins if pin)


FAMILY = Family(Rules("resolution", [*RULES, *requirements.RULES]), check, compare)
