"""The words that every renderer uses, and the order in which every renderer lists findings.

A finding is one problem or difference in a report. Doors are the environments that the report is about.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from rich.cells import cell_len

from envparity.judge.findings import Finding
from envparity.judge.registry import EVERY_RULE, FAMILIES
from envparity.judge.report import Report
from envparity.judge.rules import Rule, Severity
from envparity.text import visible

T = TypeVar("T")


@dataclass(frozen=True)
class Group:
    """The findings of one code, and the rule that describes the code."""

    rule: Rule
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Sections:
    """All findings, each once: errors, notes, and the findings that the project accepts.

    `notes` maps each family, which is a set of related rules, to the groups of its notes.
    """

    errors: tuple[Group, ...]
    notes: dict[str, tuple[Group, ...]]
    accepted: tuple[Group, ...]

    def groups(self) -> Iterator[tuple[str, Group]]:
        """Yield every group with the word for its section: first `error`, then `note`, then `accepted`."""
        yield from (("error", group) for group in self.errors)
        yield from (("note", group) for groups in self.notes.values() for group in groups)
        yield from (("accepted", group) for group in self.accepted)


def printable(value: T) -> T:
    """Return a copy of a report, or of another result, in which every text is safe to print.

    Control characters, direction characters and lone surrogates are spelled out. The texts of findings are safe
    already, but the name of a door, a version or a requirement may hold any characters.
    """
    return msgspec.convert(_printable(msgspec.to_builtins(value, builtin_types=(datetime,))), type(value))


def short(text: str, columns: int) -> str:
    """Return a text, or only its beginning and its end if the text is wider than `columns` columns of a terminal."""
    if cell_len(text) <= columns:
        return text
    half = columns // 2 - 1
    # A wide character takes two columns, so half as many characters of a text with wide characters are kept.
    half = half if cell_len(text) == len(text) else half // 2
    return f"{text[:half]}…{text[-half:]}"


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {visible(key): _printable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(one) for one in value]
    return value


def sections(report: Report) -> Sections:
    """Return the findings of a report, sorted into sections."""
    notes = _groups(one for one in report.findings if one.severity is Severity.NOTE and one.accepted is None)
    names = [family.rules.family for family in FAMILIES]
    families = {name: tuple(group for group in notes if group.rule.family == name) for name in names}
    return Sections(
        errors=_groups(report.errors),
        notes={name: groups for name, groups in families.items() if groups},
        accepted=_groups(one for one in report.findings if one.accepted is not None),
    )


def _groups(findings: Iterable[Finding]) -> tuple[Group, ...]:
    groups: dict[str, list[Finding]] = {}
    for one in findings:
        groups.setdefault(one.code, []).append(one)
    return tuple(Group(EVERY_RULE[code], tuple(found)) for code, found in groups.items())


def outcome(report: Report) -> str:
    """Return `pass` for a report without errors (the exit status is 0), otherwise `fail` (the exit status is 1)."""
    return "fail" if report.errors else "pass"


def counted(report: Report) -> str:
    """Return the numbers of findings: `1 error, 6 notes, 2 accepted`."""
    errors = len(report.errors)
    accepted = sum(one.accepted is not None for one in report.findings)
    notes = len(report.findings) - errors - accepted
    said = f"{number(errors, 'error')}, {number(notes, 'note')}"
    return f"{said}, {accepted} accepted" if accepted else said


def not_read(report: Report) -> list[str]:
    """Return one line for each door whose image has further environments, which were not checked."""
    return [
        f"{door.name} also has {'environments' if len(door.others) > 1 else 'an environment'} in "
        f"{listed(door.others)}, not checked; check all with --all, or choose with --prefix"
        for door in report.doors
        if door.others
    ]


def number(count: int, word: str) -> str:
    """Return a count and its noun, in the plural if needed: `1 file`, `1,200 files`."""
    return f"{count:,} {word}{'s' * (count != 1)}"


def listed(names: Iterable[str]) -> str:
    """Return names joined as in a sentence: `a, b and c`."""
    *most, last = [*names] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def where(report: Report) -> str:
    """Return a text with the doors that were compared, and the other doors: `in venv and x (docker not compared)`."""
    said = f"in {listed(door.name for door in report.doors)}" if report.doors else "in no environment"
    closed = listed(name for name, _ in report.closed)
    return f"{said} ({closed} not compared)" if closed else said


def lines_of(one: Finding) -> tuple[str, ...]:
    """Return the further lines of a finding: its details that the message lacks, or its paths if it has no details."""
    if one.details:
        return tuple(line for line in one.details if line not in one.message)
    # A single path, such as that of a metadata folder or a package, adds nothing to the code and the message.
    return one.paths if len(one.paths) > 1 and any(path not in one.message for path in one.paths) else ()


def further_lines(one: Finding, most: int) -> list[str]:
    """Return at most `most` lines of `lines_of`, a line with the number of the others, and a line with the cause.

    The cause is another finding, or a difference of build settings, from which this finding follows.
    """
    lines = lines_of(one)
    more = [f"and {len(lines) - most:,} more"] if len(lines) > most else []
    because = [f"follows from {one.because}"] if one.because else []
    return [*lines[:most], *more, *because]


def differing(rows: dict[str, tuple[str | None, ...]]) -> dict[str, tuple[str | None, ...]]:
    """Return the rows that do not have the same version in every door.

    `rows` maps each distribution or tool to its version in each door; None means that the door lacks it.
    """
    return {name: row for name, row in rows.items() if len(set(row)) > 1}


def alike(rows: dict[str, tuple[str | None, ...]]) -> dict[str, tuple[str | None, ...]]:
    """Return the rows that have the same version in every door; `rows` is as in `differing`."""
    return {name: row for name, row in rows.items() if len(set(row)) <= 1}
