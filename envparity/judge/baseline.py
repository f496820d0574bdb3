"""Marks the errors that an earlier report already has, so that only new errors change the exit status.

The earlier report is the baseline: the JSON report of an earlier run. A door is a way to reach an environment. A track
is one variant of the project, such as `v0.4`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec

from envparity import LARGEST_SNAPSHOT
from envparity.errors import EnvparityError
from envparity.files import read_whole
from envparity.judge.findings import Finding
from envparity.judge.registry import known_rules
from envparity.judge.rules import Severity
from envparity.judge.subject import Subject
from envparity.snapshot.types import doc
from envparity.text import listed, visible

if TYPE_CHECKING:
    from envparity.judge.report import Report

# A SHA-256 in hex, or its first 12 digits, which messages show.
_HASH = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{12})\b")
_AGAIN = "write it again with --report FILE.json"


@dataclass(frozen=True)
class BaselineFacts:
    """The baseline of a run, and the errors of the baseline that the run no longer found."""

    name: Annotated[str, doc("The file of the baseline, as the user named it.")]
    gone: Annotated[
        tuple[tuple[str, str], ...],
        doc("The errors of the baseline that were not found: the code, and the path or distribution."),
    ] = ()


@dataclass(frozen=True)
class Baseline:
    """The errors of an earlier report. `name` is the file of that report, for messages and reports."""

    name: str
    track: str | None
    doors: tuple[str, ...]
    errors: tuple[Finding, ...]

    def refuse_other(self, track: str | None, doors: Sequence[str]) -> None:
        """Raise EnvparityError if the baseline is about another track, or about other doors."""
        if self.track != track:
            raise EnvparityError(
                f"--baseline: {self.name}: expected a report about {_track(track)}, found a report about "
                f"{_track(self.track)}; {_AGAIN}"
            )
        if sorted(self.doors) != sorted(doors):
            raise EnvparityError(
                f"--baseline: {self.name}: expected a report about {listed(doors)}, found a report about "
                f"{listed(self.doors) or 'no environment'}; {_AGAIN}"
            )

    def mark(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings, with `known` set for each error that the baseline has.

        An error is known if, for each of its paths or distributions, the baseline has an error with the same code about
        that path or distribution. The message may differ, for example in the version that the lock expects. But if an
        error shows the hash of a file, the baseline must show this hash too.
        """
        return [replace(one, known=True) if one.fails and self._has(one) else one for one in findings]

    def _has(self, one: Finding) -> bool:
        covering = [[old for old in self.errors if _covers(old, one, subject)] for subject in one.subjects]
        hashes = {found for several in covering for old in several for found in _hashes(old)}
        return all(covering) and _hashes(one) <= hashes

    def facts(self, subjects: Sequence[Subject], findings: Sequence[Finding]) -> BaselineFacts:
        """Return the name of the baseline, and its errors that are not among `findings`.

        Leave out an error that this run over `subjects` could not find, for example an error that only --artefacts
        finds.
        """
        there = {(one.code, subject) for one in findings for subject in one.subjects}
        gone = dict.fromkeys(
            (old.code, subject)
            for old in self.errors
            if old.code in known_rules() and known_rules()[old.code].can_be_found(subjects)
            for subject in old.subjects
            if (old.code, subject) not in there
        )
        return BaselineFacts(self.name, tuple(gone))


def _covers(old: Finding, new: Finding, subject: str) -> bool:
    """Return whether `old` is the same problem as `new` at `subject`, a path or a distribution.

    `old` may name more distributions than `new`. If `new` names only one door, `old` may also name more doors.
    """
    doors = set(new.doors)
    same_doors = doors <= set(old.doors) if len(doors) == 1 else doors == set(old.doors)
    return (
        old.code == new.code
        and subject in old.subjects
        and same_doors
        and set(new.distributions) <= set(old.distributions)
    )


def _hashes(one: Finding) -> set[str]:
    """Return the hashes of files that a finding shows.

    If a file changes again after the baseline was written, its error shows a new hash. So the error counts as new.
    """
    return {found for text in (one.message, *one.details) for found in _HASH.findall(text)}


def _track(track: str | None) -> str:
    return "no track" if track is None else f"the track {visible(track)}"


class _Head(msgspec.Struct):
    schema: str


def read_report(path: Path, name: str) -> "Report":
    """Return the report in a JSON file; raise EnvparityError if the file cannot be read or is no report.

    `name` names the file in error messages.
    """
    from envparity.judge.report import SCHEMA, Report  # not at the top: report.py imports this module

    data = read_whole(path, "a report in JSON", f"; {_AGAIN}", name=name, most=LARGEST_SNAPSHOT)
    try:
        found = msgspec.json.decode(data, type=_Head).schema
        if found == SCHEMA:
            return msgspec.json.decode(data, type=Report)
        said = f"the format {visible(found)[:100]}"
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        said = visible(str(error))[:300]
    raise EnvparityError(f"{name}: expected a report in JSON ({SCHEMA}), found: {said}; {_AGAIN}")


def read_baseline(path: Path, name: str) -> Baseline:
    """Return the baseline in the JSON report `path`; raise EnvparityError if the file cannot be read or is no report.

    `name` is the file as the user named it.
    """
    report = read_report(path, f"--baseline: {visible(name)}")
    errors = tuple(one for one in report.findings if one.severity is Severity.ERROR and one.accepted is None)
    return Baseline(visible(name), report.track, tuple(door.name for door in report.doors), errors)
