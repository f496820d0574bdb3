"""The words that every renderer uses, and the order in which every renderer lists findings.

A finding is one problem or difference in a report. A door is a way to reach an environment.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from envparity.fix.fix import Fix
from envparity.judge.findings import Finding
from envparity.judge.further import further_families
from envparity.judge.registry import FAMILIES, known_rules
from envparity.judge.report import Report
from envparity.judge.rules import Rule
from envparity.text import listed, visible

T = TypeVar("T")
_GONE = 8  # the most errors of the baseline that one line names


@dataclass(frozen=True)
class Group:
    """The findings of one code, and the rule that describes the code."""

    rule: Rule
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Sections:
    """All findings, each once, in sections.

    `notes` maps each family, which is a set of related rules, to the groups of its notes. `explained` are the
    differences with a known cause that changes no program's behaviour (the family transform). `declared` are the
    differences that the toolchain file allows, and differences that follow from them. `known` are the errors that the
    baseline, an earlier report, already has. `accepted` are the findings that the project accepts.
    """

    errors: tuple[Group, ...]
    notes: dict[str, tuple[Group, ...]]
    explained: tuple[Group, ...]
    declared: tuple[Group, ...]
    known: tuple[Group, ...]
    accepted: tuple[Group, ...]

    def groups(self) -> Iterator[tuple[str, Group]]:
        """Yield the groups to show with all details, each with the word for its section.

        The order is `error`, `note`, `known`, `accepted`. `folded` yields one line about each of the other sections.
        """
        yield from (("error", group) for group in self.errors)
        yield from (("note", group) for groups in self.notes.values() for group in groups)
        yield from (("known", group) for group in self.known)
        yield from (("accepted", group) for group in self.accepted)

    def folded(self) -> Iterator[tuple[str, str]]:
        """Yield a line about each section that `groups` leaves out, with the word for the section."""
        if self.explained:
            said = ", ".join(f"{_count(group):,} {group.rule.code}" for group in self.explained)
            yield "explained", f"{number(_sum(self.explained), 'path')} whose difference changes nothing: {said}"
        if self.declared:
            names = {name for group in self.declared for one in group.findings for name in one.distributions}
            said = ", ".join(sorted(names) or [group.rule.code for group in self.declared])
            count = sum(len(group.findings) for group in self.declared)
            yield "declared", f"{number(count, 'difference')} that the toolchain file allows: {said}"


def _count(group: Group) -> int:
    """Return the number of different paths that the findings of a group name."""
    return len({path for one in group.findings for path in one.paths})


def _sum(groups: Iterable[Group]) -> int:
    return sum(map(_count, groups))


def printable(value: T) -> T:
    """Return a copy of a report, or of another result, in which every text is safe to print.

    In the copy, escapes such as `\\x1b` replace control characters, characters that change the direction of writing,
    and lone surrogates. The texts of findings are safe already, but the name of a door, a version or a requirement may
    hold any characters.
    """
    return msgspec.convert(_printable(msgspec.to_builtins(value, builtin_types=(datetime,))), type(value))


def short(text: str, columns: int) -> str:
    """Return a text, or only its beginning and its end if the text is wider than `columns` columns of a terminal."""
    from rich.cells import cell_len  # here, because a format for machines needs no rich

    if cell_len(text) <= columns:
        return text
    half = columns // 2 - 1
    # A wide character takes two columns. So a text with wide characters is cut to half as many characters.
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
    notes = _groups(one for one in report.findings if is_note(one))
    names = [family.rules.family for family in (*FAMILIES, *further_families())]
    families = {name: tuple(group for group in notes if group.rule.family == name) for name in names}
    return Sections(
        errors=_groups(report.errors),
        notes={name: groups for name, groups in families.items() if groups},
        explained=_groups(one for one in report.findings if is_explained(one)),
        declared=_groups(one for one in report.findings if _is_declared(one)),
        known=_groups(one for one in report.findings if one.known),
        accepted=_groups(one for one in report.findings if one.accepted is not None),
    )


def is_explained(one: Finding) -> bool:
    """Return whether a finding is a difference whose known cause changes no program's behaviour."""
    return one.accepted is None and not (one.fails or one.known) and known_rules()[one.code].family == "transform"


def _is_declared(one: Finding) -> bool:
    return one.accepted is None and not (one.fails or one.known or is_explained(one)) and one.declared is not None


def is_note(one: Finding) -> bool:
    """Return whether a finding is in the section `notes`: no error, not accepted, not declared and not explained."""
    return one.accepted is None and not (one.fails or one.known or is_explained(one) or _is_declared(one))


def _groups(findings: Iterable[Finding]) -> tuple[Group, ...]:
    groups: dict[str, list[Finding]] = {}
    for one in findings:
        groups.setdefault(one.code, []).append(one)
    return tuple(Group(known_rules()[code], tuple(found)) for code, found in groups.items())


def outcome(report: Report) -> str:
    """Return `pass` for a report without errors (the exit status is 0), otherwise `fail` (the exit status is 1)."""
    return "fail" if report.errors else "pass"


def counted(report: Report) -> str:
    """Return the numbers of findings: `1 error, 3 notes, 7 declared, 4 known, 2 accepted`."""
    found = sections(report)
    notes = sum(len(group.findings) for groups in found.notes.values() for group in groups)
    said = [number(len(report.errors), "error"), number(notes, "note")]
    for word, groups in (("declared", found.declared), ("known", found.known), ("accepted", found.accepted)):
        if groups:
            said.append(f"{sum(len(group.findings) for group in groups):,} {word}")
    return ", ".join(said)


def not_read(report: Report) -> list[str]:
    """Return one line for each door whose image has further environments, which were not checked."""
    return [
        f"{door.name} also has {'environments' if len(door.others) > 1 else 'an environment'} in "
        f"{listed(door.others, 5)}, not checked; check all with --all, or choose with --prefix"
        for door in report.doors
        if door.others
    ]


def baseline_lines(report: Report) -> list[str]:
    """Return lines about the baseline: its name, the number of known errors, and its errors that were not found."""
    if report.baseline is None:
        return []
    known = sum(one.known for one in report.findings)
    gone = [f"{code} {subject}" if subject != code else code for code, subject in report.baseline.gone]
    lines = [f"baseline {report.baseline.name}: {number(known, 'known error')}"]
    if gone:
        lines.append(
            f"baseline {report.baseline.name}: {number(len(gone), 'error')} no longer found: {listed(gone, _GONE)}; "
            "write the baseline again with --report FILE.json"
        )
    return lines


def number(count: int, word: str) -> str:
    """Return a count and its noun, in the plural if needed: `1 file`, `1,200 files`."""
    return f"{count:,} {word}{'s' * (count != 1)}"


def where(report: Report) -> str:
    """Return a text with the doors that were compared, and the other doors: `in venv and x (docker not compared)`."""
    said = f"in {listed(door.name for door in report.doors)}" if report.doors else "in no environment"
    closed = listed(name for name, _ in report.closed)
    return f"{said} ({closed} not compared)" if closed else said


def lines_of(one: Finding) -> tuple[str, ...]:
    """Return the further lines of a finding: the details that are not in its message.

    If the finding has no details, return its paths, but only if there are several and the message lacks one of them.
    """
    if one.details:
        return tuple(line for line in one.details if line not in one.message)
    # A single path, such as the path of a package, adds nothing to the code and the message.
    return one.paths if len(one.paths) > 1 and any(path not in one.message for path in one.paths) else ()


def further_lines(one: Finding, most: int) -> list[str]:
    """Return at most `most` lines of `lines_of`, a line with the number of further lines, and a line with the cause.

    The cause is another finding, or a difference of build settings, from which this finding follows.
    """
    lines = lines_of(one)
    more = [f"and {len(lines) - most:,} more"] if len(lines) > most else []
    return [*lines[:most], *more, *cause_lines(one)]


def cause_lines(one: Finding) -> list[str]:
    """Return a line with the cause of a finding (another finding, or build settings that differ), or no line."""
    if one.because is None:
        return []
    if one.because in known_rules():
        return [f"follows from the finding {one.because}"]
    return [f"the settings of the builds differ: {one.because}"]


def proved_between(report: Report) -> list[str]:
    """Return a line about how much is equal in all doors of a comparison; an empty list for one door."""
    equal = report.proof.equal
    if equal is None:
        return []
    return [
        f"the same in each door: the versions of {number(equal.distributions, 'distribution')}, and every byte of "
        f"{number(equal.files, 'file')} ({equal.bytes / 1e6:.1f} MB)"
    ]


def proved(report: Report) -> list[str]:
    """Return lines about how much is equal and how much matches the lock and RECORD, to show before any finding."""
    lines = proved_between(report)
    alike: dict[str, list[str]] = {}
    for door, one in zip(report.doors, report.proof.doors, strict=False):
        pinned = f"{number(one.pinned, 'distribution')} as {door.lock} pins {'it' if one.pinned == 1 else 'them'}, and "
        said = (
            f"{pinned if door.lock else ''}{number(one.files, 'file')} ({one.bytes / 1e6:.1f} MB) with the bytes that "
            f"{'its' if one.files == 1 else 'their'} RECORD describes"
        )
        alike.setdefault(said, []).append(door.name)
    lines += [f"{listed(doors)}: {said}" for said, doors in alike.items()]
    return lines


def fix_steps(fixes: Iterable[Fix]) -> list[tuple[tuple[str, ...], str, tuple[str, ...]]]:
    """Return the doors, the sentence and the commands of each fix. Doors with the same commands share one entry."""
    alike: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for fix in fixes:
        alike.setdefault((fix.says, fix.commands), []).append(fix.door)
    return [(tuple(doors), says, commands) for (says, commands), doors in alike.items()]


def shared_fixes(findings: Iterable[Finding]) -> tuple[Fix, ...]:
    """Return the fixes of the first finding if every finding has the same fixes, otherwise an empty tuple.

    For example, one command that recreates the environment from its lock fixes every finding.
    """
    every = [one.fixes for one in findings]
    alike = len({tuple(fix_steps(fixes)) for fixes in every}) == 1
    return every[0] if alike else ()


def fix_lines(fixes: Iterable[Fix], *, named: bool) -> list[str]:
    """Return the lines of fixes: for each fix its sentence, then its commands with an indent.

    If `named` is True, the names of the doors, in square brackets, come before each sentence.
    """
    return [
        line
        for doors, says, commands in fix_steps(fixes)
        for line in (f"{_in(doors) if named else ''}to fix it: {says}", *(f"    {one}" for one in commands))
    ]


def _in(doors: Iterable[str]) -> str:
    return f"[{', '.join(doors)}] "


def differing(rows: dict[str, tuple[str | None, ...]]) -> dict[str, tuple[str | None, ...]]:
    """Return the rows that do not have the same version in every door.

    `rows` maps each distribution or tool to its version in each door; None means that the door lacks it.
    """
    return {name: row for name, row in rows.items() if len(set(row)) > 1}


def alike(rows: dict[str, tuple[str | None, ...]]) -> dict[str, tuple[str | None, ...]]:
    """Return the rows that have the same version in every door; `rows` is as in `differing`."""
    return {name: row for name, row in rows.items() if len(set(row)) <= 1}
