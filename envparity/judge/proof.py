"""The `Proof` class: the numbers of distributions and files that a run found to be as expected.

A report shows the proof before the findings.

A door is a way to reach an environment. A finding is one problem or difference.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from envparity.judge.findings import Finding
from envparity.judge.subject import Subject
from envparity.snapshot.types import File, doc


@dataclass(frozen=True)
class DoorProof:
    """How many distributions of one environment match its lock, and how many files match a RECORD."""

    door: Annotated[str, doc("The name of the door.")]
    pinned: Annotated[int, doc("The number of distributions that are installed as the lock pins them.")]
    files: Annotated[int, doc("The number of files whose bytes match a RECORD.")]
    bytes: Annotated[int, doc("The sum of the sizes of these files, in bytes.")]


@dataclass(frozen=True)
class Equal:
    """How many distributions and files are the same in all environments of a comparison."""

    distributions: Annotated[int, doc("The number of distributions with the same version in each door.")]
    files: Annotated[int, doc("The number of files with the same bytes in each door.")]
    bytes: Annotated[int, doc("The sum of the sizes of these files in one door, in bytes.")]


@dataclass(frozen=True)
class Proof:
    """How many distributions and files are as expected: in each environment, and between the environments."""

    doors: Annotated[
        tuple[DoorProof, ...], doc("For each environment, how much matches its lock and its RECORDs.")
    ] = ()
    equal: Annotated[Equal | None, doc("How much is the same in all environments; null: only one environment.")] = None


NOTHING = Proof()


def proof_of(subjects: Sequence[Subject], findings: Iterable[Finding]) -> Proof:
    """Return the proof of a run: `subjects` are its environments, and `findings` all its findings."""
    found = list(findings)
    return Proof(
        tuple(_of_door(subject, found) for subject in subjects), _equal(subjects) if len(subjects) > 1 else None
    )


def _of_door(subject: Subject, findings: Sequence[Finding]) -> DoorProof:
    wrong = {
        name
        for one in findings
        if one.code.startswith("lock-") and subject.door in one.doors
        for name in one.distributions
    }
    files = [file for file in subject.snapshot.files.values() if _is_recorded(file)]
    pinned = (subject.pins.keys() & subject.snapshot.by_name.keys()) - wrong
    return DoorProof(subject.door, len(pinned), len(files), sum(file.size for file in files))


def _is_recorded(file: File) -> bool:
    return "match" in file.claims.values() and file.kind in ("file", "link")


def _equal(subjects: Sequence[Subject]) -> Equal:
    first, *others = (subject.snapshot for subject in subjects)
    versions = [
        name
        for name, one in first.by_name.items()
        if all(name in other.by_name and other.by_name[name].version == one.version for other in others)
    ]
    sizes = [
        file.size
        for path, file in first.files.items()
        if file.sha256 is not None
        and all((there := other.files.get(path)) is not None and there.sha256 == file.sha256 for other in others)
    ]
    return Equal(len(versions), len(sizes), sum(sizes))
