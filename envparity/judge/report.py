"""The report of one run: the environments, and the findings about them.

A door is a way to reach an environment, and a finding is one problem or difference. A track is one variant of
the project, such as `v0.4`. A requirement path is a chain of requirements: for example, libp2p requires multiaddr, and
multiaddr requires varint. Renderers turn a report into pages. They make no decisions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Annotated, Literal

from packaging.utils import canonicalize_name

from envparity.installed_plugins import used_plugins
from envparity.judge.baseline import BaselineFacts
from envparity.judge.digests import Digests, digests_of
from envparity.judge.findings import Finding
from envparity.judge.graph import Graph, Node, RequirementPath
from envparity.judge.lock_lines import LockLine, first_line, lines_of_pins
from envparity.judge.proof import NOTHING, Proof, proof_of
from envparity.judge.registry import known_rules
from envparity.judge.source import compared_facts
from envparity.judge.subject import Subject
from envparity.judge.trust import Trust, trust_in
from envparity.snapshot.types import doc
from envparity.text import visible

SCHEMA: Literal["envparity-report-1"] = "envparity-report-1"
_DRAWN = 12  # the most distributions whose requirement paths a report holds
_PATHS = 3  # the most requirement paths for each of these distributions, the shortest first


class Status(IntEnum):
    """The exit status of a command that made a report."""

    SAME = 0
    ERRORS = 1


@dataclass(frozen=True)
class DoorFacts:
    """One door: its Python, its lock, and how many distributions, files and bytes it has."""

    name: Annotated[str, doc("The name of the door, from the command line or pyproject.toml.")]
    python: Annotated[str, doc("The implementation and version of Python.")]
    platform: Annotated[str, doc("The value of sysconfig.get_platform(), for example linux-x86_64.")]
    distributions: Annotated[int, doc("The number of installed distributions.")]
    files: Annotated[int, doc("The number of paths in the environment.")]
    bytes: Annotated[int, doc("The sum of the file sizes, in bytes.")]
    lock: Annotated[str | None, doc("The name of the lock that the environment was compared with; null: no lock.")]
    level: Annotated[
        Literal["inside", "outside"],
        doc(
            "inside: the environment's Python ran and read the files; outside: envparity read the files and started no "
            "program of the environment."
        ),
    ] = "inside"
    others: Annotated[tuple[str, ...], doc("The folders of environments in the same image that were not checked.")] = ()
    trust: Annotated[Trust, doc("How the files were judged, and how many files were not judged.")] = field(
        default_factory=Trust
    )
    compared: Annotated[
        str | None,
        doc("A text that says how many distributions were compared with the lock, and by which facts; null: no lock."),
    ] = None
    digests: Annotated[
        Digests | None,
        doc(
            "The SHA-256 of the environment, the lock and the image; null: an earlier version of envparity made the "
            "report."
        ),
    ] = None


@dataclass(frozen=True)
class Step:
    """One step of a requirement path: `source` requires `target`, which is installed in `version`."""

    source: Annotated[str, doc("The distribution that requires the target, or the start of the path.")]
    requirement: Annotated[str, doc("The text of the requirement.")]
    target: Annotated[str, doc("The distribution that is required.")]
    version: Annotated[str | None, doc("The installed version of the target; null: not installed.")]


@dataclass(frozen=True)
class Why:
    """The reason why a distribution that an error names is installed: the requirement paths to it."""

    door: Annotated[str, doc("The door in which envparity found the paths.")]
    distribution: Annotated[str, doc("The distribution that the paths lead to.")]
    paths: Annotated[
        tuple[tuple[Step, ...], ...], doc("The requirement paths, the shortest first; each begins at a root.")
    ]


@dataclass(frozen=True)
class Report:
    """The result of one run. `rows` maps each distribution, and `tools` each tool, to its version in each door."""

    schema: Annotated[Literal["envparity-report-1"], doc("The name and version of this format.")]
    command: Annotated[str, doc("The command: check for one environment, compare for several.")]
    track: Annotated[str | None, doc("The track that the environments were compared with; null: no track.")]
    doors: Annotated[tuple[DoorFacts, ...], doc("The doors that were opened.")]
    closed: Annotated[tuple[tuple[str, str], ...], doc("The doors that were not opened, each with the reason.")]
    findings: Annotated[tuple[Finding, ...], doc("The findings: errors first, then by family and code.")]
    rows: Annotated[
        dict[str, tuple[str | None, ...]],
        doc("The version of each distribution in each door, in the order of `doors`; null: not installed."),
    ]
    tools: Annotated[
        dict[str, tuple[str | None, ...]],
        doc("The version of each tool in each door; null: missing; unknown: no program of the door was started."),
    ]
    chosen: Annotated[
        str | None,
        doc("The environment and the lock that envparity chose, with the reasons; null: the user named them."),
    ]
    why: Annotated[tuple[Why, ...], doc("Why the distributions that errors name are installed.")]
    proof: Annotated[Proof, doc("How many distributions and files the run found to be as expected.")] = NOTHING
    lock: Annotated[LockLine | None, doc("The first line of the lock; null: no lock.")] = None
    lines: Annotated[
        dict[str, LockLine],
        doc("The line of the lock for each distribution that a finding names and that the lock names too."),
    ] = field(default_factory=dict)
    baseline: Annotated[BaselineFacts | None, doc("The earlier report that says which errors are known.")] = None
    plugins: Annotated[
        tuple[str, ...], doc("The distributions, with their versions, that added lock formats or checks to envparity.")
    ] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Return the findings that make the exit status 1."""
        return tuple(one for one in self.findings if one.fails)

    @property
    def status(self) -> Status:
        """Return `Status.ERRORS` (1) if the report has errors, otherwise `Status.SAME` (0)."""
        return Status.ERRORS if self.errors else Status.SAME


def make_report(
    command: str,
    track: str | None,
    subjects: Sequence[Subject],
    findings: Sequence[Finding],
    closed: Sequence[tuple[str, str]] = (),
    *,
    chosen: str | None = None,
) -> Report:
    """Return the report on `subjects`. `closed` has each door that was not compared, with the reason.

    `chosen` says how envparity chose the environment and the lock; None if the user named them.
    """
    baseline = subjects[0].config.baseline if subjects else None
    return Report(
        schema=SCHEMA,
        command=command,
        track=track,
        doors=tuple(_facts(subject) for subject in subjects),
        closed=tuple((visible(name), visible(reason)) for name, reason in closed),
        findings=tuple(findings),
        rows=_side_by_side([_versions(subject) for subject in subjects]),
        tools=_tools(subjects),
        chosen=chosen,
        why=tuple(_whys(subjects, findings)),
        proof=proof_of(subjects, findings),
        lock=first_line(subjects),
        lines=lines_of_pins(subjects, findings),
        baseline=baseline.facts(subjects, findings) if baseline else None,
        plugins=used_plugins(),
    )


def _versions(subject: Subject) -> dict[str, str | None]:
    """Return a dict from distribution to version; of several copies, the first copy on sys.path counts."""
    return {name: one.version for name, one in subject.snapshot.by_name.items()}


def _tools(subjects: Sequence[Subject]) -> dict[str, tuple[str | None, ...]]:
    """Return the version of each tool in each door; `unknown` for a door whose Python did not run."""
    names = {name for subject in subjects for name in subject.snapshot.toolchain}
    unknown = dict.fromkeys(names, "unknown")
    return _side_by_side(
        [subject.snapshot.toolchain if subject.snapshot.level == "inside" else unknown for subject in subjects]
    )


def _side_by_side(doors: Sequence[Mapping[str, str | None]]) -> dict[str, tuple[str | None, ...]]:
    names = sorted({name for door in doors for name in door})
    return {visible(name): tuple(_visible(door.get(name)) for door in doors) for name in names}


def _visible(text: str | None) -> str | None:
    return visible(text) if text is not None else None


def _facts(subject: Subject) -> DoorFacts:
    python = subject.snapshot.interpreter
    files = [file for file in subject.snapshot.files.values() if file.kind != "missing"]
    return DoorFacts(
        name=subject.door,
        python=visible(f"{python.implementation} {python.version}"),
        platform=visible(python.platform),
        distributions=len(subject.snapshot.distributions),
        files=len(files),
        bytes=sum(file.size for file in files),
        lock=subject.lock.origin.rpartition("/")[2] if subject.lock else None,
        level=subject.snapshot.level,
        others=tuple(map(visible, subject.others)),
        trust=trust_in(subject),
        compared=compared_facts(subject),
        digests=digests_of(subject),
    )


def roots_of(subject: Subject) -> tuple[tuple[str, ...], str]:
    """Return the requirements that the environment was made from, and a name for them; both are empty if unknown."""
    track = subject.track
    if track is None or subject.lock is None:  # without a lock, the environment may have nothing to do with the track
        return (), ""
    return subject.config.groups.get(track, ()), f"the track {track}"


def _whys(subjects: Sequence[Subject], findings: Sequence[Finding]) -> list[Why]:
    """Return the requirement paths to the distributions that errors name: at most _DRAWN distributions.

    The paths to a distribution are those in the first door that has the distribution.
    """
    failing = [one for one in findings if one.fails]
    # Collisions between two distributions come first, because readers ask which requirement brought in each of them.
    failing.sort(key=lambda one: known_rules()[one.code].family != "ownership")
    wanted = list(dict.fromkeys(name for one in failing for name in one.distributions))
    graphs = [Graph(subject.snapshot, *roots_of(subject)) for subject in subjects] if wanted else []
    found: list[Why] = []
    for name in wanted:
        asked = canonicalize_name(name.partition("@")[0])  # the id of a second copy is `name@path`
        for subject, graph in zip(subjects, graphs, strict=True):
            if len(found) == _DRAWN:
                return found
            if asked in graph.installed and (paths := graph.paths_to(asked, _PATHS)):
                found.append(Why(subject.door, name, tuple(steps(graph, path) for path in paths)))
                break
    return found


def steps(graph: Graph[Node], path: RequirementPath) -> tuple[Step, ...]:
    """Return the steps of a requirement path, each with the installed version of its target."""
    return tuple(
        Step(
            visible(edge.source),
            visible(edge.requirement),
            visible(edge.target),
            _visible(there.version if there else None),
        )
        for edge in path
        for there in [graph.installed.get(edge.target)]
    )


def path_text(path: Iterable[Step]) -> str:
    """Return a requirement path in one line: `libp2p -> multiaddr>=0.0.11 (0.1.0) -> …`."""
    steps = list(path)
    words = [f"{step.requirement} ({step.version or 'not installed'})" for step in steps]
    return " -> ".join([steps[0].source, *words]) if steps else ""
