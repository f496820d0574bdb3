"""Checks the requirements of installed distributions, and the versions of Python that they support.

The checks belong to the family resolution. A finding is one problem or difference that a check reports.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from envparity.judge.findings import Finding
from envparity.judge.graph import Graph, holds, parsed
from envparity.judge.integrity.records import METADATA_BROKEN
from envparity.judge.rules import Rules, Severity
from envparity.judge.subject import Subject
from envparity.snapshot.types import Distribution
from envparity.text import some

RULES = Rules("resolution")
REQUIREMENT_UNMET = RULES.error(
    "requirement-unmet",
    title="a requirement that is not met",
    meaning="An installed distribution requires another distribution that is missing or has the wrong version. The "
    "finding is a note in two cases. In the first case, the lock pins both distributions in their installed versions, "
    "so the lock made this choice. In the second case, the distribution with the requirement is only in the base "
    "Python, from which the environment was made.",
    fix="Install a version that every requirement allows, for example `pip install 'NAME>=2,<4'`, or uninstall the "
    "distribution with the requirement. `envparity why NAME` shows which requirements brought in NAME.",
)
PYTHON_UNMET = RULES.error(
    "python-unmet",
    title="not made for this Python",
    meaning="The distribution excludes this interpreter: its metadata field Requires-Python allows only other "
    "versions of Python.",
    fix="Install a release of the distribution that supports this Python.",
)


@dataclass(frozen=True)
class _Asked:
    """A requirement of the distribution `one` that is not met.

    `extra` is the text that `_asking` returns: it names the extra that has the requirement; empty if no extra has it.
    """

    one: Distribution
    extra: str
    requirement: Requirement


def check(subject: Subject) -> Iterator[Finding]:
    """Yield the problems that `pip check` finds, and also the unmet requirements of requested extras.

    An unmet requirement is a note if the lock pins both distributions in their installed versions. One note has all
    problems of the distributions that the environment has only through its base Python.
    """
    graph = Graph(subject.snapshot)
    installed = subject.snapshot.by_name
    of_base: list[Finding] = []
    unmet: dict[tuple[str, bool], list[_Asked]] = defaultdict(list)
    unmet_in_base: dict[str, list[_Asked]] = defaultdict(list)
    for name, one in sorted(installed.items()):
        in_base = subject.is_of_base(one.metadata) and name not in subject.pins
        for problem in _problems(subject, graph, name, one):
            if not isinstance(problem, _Asked):
                if in_base:
                    of_base.append(problem)
                else:
                    yield problem
                continue
            wanted = canonicalize_name(problem.requirement.name)
            if in_base:
                unmet_in_base[wanted].append(problem)
            else:
                unmet[wanted, _is_locked(subject, name, wanted)].append(problem)
    for (missing, locked), asked in sorted(unmet.items()):
        yield _unmet(subject, missing, asked, Severity.NOTE if locked else Severity.ERROR)
    of_base += [_unmet(subject, missing, asked, Severity.NOTE) for missing, asked in sorted(unmet_in_base.items())]
    if of_base:
        lines = [one.message for one in of_base]
        yield subject.finding(
            REQUIREMENT_UNMET,
            f"in the base Python {some(lines, most=1)}",
            paths=sorted({path for one in of_base for path in one.paths}),
            distributions=list(dict.fromkeys(name for one in of_base for name in one.distributions)),
            details=lines if len(lines) > 1 else [],
            severity=Severity.NOTE,
        )


def _is_locked(subject: Subject, *names: str) -> bool:
    """Return whether the lock pins each of these distributions in its installed version."""
    installed = subject.snapshot.by_name
    return all(
        (pin := subject.pins.get(name)) is not None
        and (one := installed.get(name)) is not None
        and pin.version is not None
        and pin.allows(one.version)
        for name in names
    )


def _problems(subject: Subject, graph: Graph[Distribution], name: str, one: Distribution) -> Iterator[Finding | _Asked]:
    """Yield the problems of one distribution: findings, and each requirement that is not met."""
    environment = subject.snapshot.marker_environment
    installed = subject.snapshot.by_name
    python = subject.snapshot.interpreter.version
    if one.requires_python and not _contains(one.requires_python, python):
        message = f"{one.label} requires Python {one.requires_python}, found Python {python}"
        yield subject.finding(PYTHON_UNMET, message, of=one)
    extras = ["", *graph.extras_of(name)]
    for text in one.requires:
        requirement = parsed(text)
        asked = {extra: holds(requirement.marker, environment | {"extra": extra}) for extra in extras if requirement}
        if requirement is None or None in asked.values():
            message = f"{one.label} requires {text!r}, which is not a valid requirement"
            metadata = subject.snapshot.files.get(f"{one.metadata}/METADATA")
            as_built = metadata is not None and metadata.claims.get(one.id) == "match"
            yield subject.finding(
                METADATA_BROKEN,
                f"{message}; its wheel was built so, and pip from 24.1 on refuses it" if as_built else message,
                of=one,
                severity=Severity.NOTE if as_built else None,
            )
            continue
        extra = next((extra for extra, applies in asked.items() if applies), None)
        other = installed.get(canonicalize_name(requirement.name))
        if extra is None or (
            other is not None and (other.version is None or _contains(str(requirement.specifier), other.version))
        ):
            continue
        yield _Asked(one, _asking(graph, name, extra), requirement)


def _unmet(subject: Subject, wanted: str, asked: Sequence[_Asked], severity: Severity) -> Finding:
    """Return one finding about the requirements in `asked`: each is unmet, and requires the distribution `wanted`."""
    other = subject.snapshot.by_name.get(wanted)
    there = f"found {other.label}" if other else "which is not installed"
    texts: dict[str, dict[str, None]] = defaultdict(dict)  # metadata may repeat a requirement with another marker
    for each in asked:
        texts[f"{each.one.label}{each.extra}"][f"{each.requirement.name}{each.requirement.specifier}"] = None
    lines = [f"{label} requires {' and '.join(said)}" for label, said in texts.items()]
    return subject.finding(
        REQUIREMENT_UNMET,
        f"{some(lines)}, {there}",
        paths=sorted({each.one.metadata for each in asked}),
        distributions=[*dict.fromkeys(canonicalize_name(each.one.name) for each in asked), wanted],
        details=lines if len(lines) > 1 else [],
        severity=severity,
    )


def _asking(graph: Graph[Distribution], name: str, extra: str) -> str:
    """Return a part of a message, such as ` with its extra ws, for which app asks,`; an empty text without an extra.

    `name` is the distribution that has the extra.
    """
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
