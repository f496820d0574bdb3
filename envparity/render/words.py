"""What every renderer says in the same words, and findings in the order in which a person reads them."""

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
    """The findings of one code."""

    rule: Rule
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Sections:
    """All findings, each once: what fails, then notes by family, then what the project accepts."""

    errors: tuple[Group, ...]
    notes: dict[str, tuple[Group, ...]]
    accepted: tuple[Group, ...]

    def groups(self) -> Iterator[tuple[str, Group]]:
        """Yield every group in that order, with the word for its section: `error`, `note` or `accepted`."""
        yield from (("error", group) for group in self.errors)
        yield from (("note", group) for groups in self.notes.values() for group in groups)
        yield from (("accepted", group) for group in self.accepted)


def printable(value: T) -> T:
    """Return a report, or another result, with each control and direction character, and lone surrogate, spelled out.

    Findings are made so; a door's name, a version or a requirement is whatever somebody wrote.
    """
    return msgspec.convert(_printable(msgspec.to_builtins(value, builtin_types=(datetime,))), type(value))


def short(text: str, columns: int) -> str:
    """Return the beginning and the end of a text that is wider than some columns."""
    if cell_len(text) <= columns:
        return text
    half = columns // 2 - 1
    # A wide character takes two columns: of text that has them, half as many are kept.
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
    """Sort the findings into sections."""
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
    """Return `pass` or `fail`, as the exit status says."""
    return "fail" if report.errors else "pass"


def counted(report: Report) -> str:
    """Count the findings: `1 error, 6 notes, 2 accepted`."""
    errors = len(report.errors)
    accepted = sum(one.accepted is not None for one in report.findings)
    notes = len(report.findings) - errors - accepted
    said = f"{number(errors, 'error')}, {number(notes, 'note')}"
    return f"{said}, {accepted} accepted" if accepted else said


def number(count: int, word: str) -> str:
    """Return a count and its noun."""
    return f"{count:,} {word}{'s' * (count != 1)}"


def listed(names: Iterable[str]) -> str:
    """Join names as in a sentence: `a, b and c`."""
    *most, last = [*names] or [""]
    return f"{', '.join(most)} and {last}" if most else last


def where(report: Report) -> str:
    """Say which doors were compared, and which were not: `in venv and x (docker not compared)`."""
    said = f"in {listed(door.name for door in report.doors)}" if report.doors else "in no environment"
    closed = listed(name for name, _ in report.closed)
    return f"{said} ({closed} not compared)" if closed else said


def lines_of(one: Finding) -> tuple[str, ...]:
    """Return what a finding says beyond its message: its details, or else its paths."""
    if one.details:
        return tuple(line for line in one.details if line not in one.message)
    # The code and the message say enough about a single path: a metadata folder, a package.
    return one.paths if len(one.paths) > 1 and any(path not in one.message for path in one.paths) else ()


def further_lines(one: Finding, most: int) -> list[str]:
    """Return some of these lines, how many more there are, and which finding it follows from."""
    lines = lines_of(one)
    more = [f"and {len(lines) - most:,} more"] if len(lines) > most else []
    because = [f"follows from {one.because}"] if one.because else []
    return [*lines[:most], *more, *because]


def differing(rows: dict[str, tuple[str | None, ...]]) -> dict[str, tuple[str | None, ...]]:
    """Return the rows that do not hold one version in every door."""
    return {name: row for name, row in rows.items() if len(set(row)) > 1}


def alike(rows: dict[str, tuple[str | None, ...]]) -> dict[str, tuple[str | None, ...]]:
    """Return the other rows."""
    return {name: row for name, row in rows.items() if len(set(row)) <= 1}
