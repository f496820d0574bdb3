"""A report as Markdown, for a comment on a pull request.

A door is a way to reach an environment. A finding is one problem or difference in a report. A requirement path is a
chain of requirements that shows why a distribution is installed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from envparity.judge.report import Report, path_text
from envparity.render.trust import trust_lines
from envparity.render.words import (
    Group,
    alike,
    baseline_lines,
    counted,
    differing,
    fix_lines,
    further_lines,
    not_read,
    number,
    outcome,
    printable,
    proved,
    sections,
    where,
)

# GitHub allows 65,536 characters in a comment. The end of the page gives the number of lines that were left out.
_ROOM = 60_000
_CELL = 600  # the most characters of one cell
_LINES = 6  # the most further lines of one finding
# These characters have a meaning in Markdown, in its tables or in HTML. As entities, these characters are shown
# unchanged.
_ENTITIES = {mark: f"&#{ord(mark)};" for mark in "\\`*_[]|~#!$"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKS = re.compile("[" + re.escape("".join(_ENTITIES)) + r"]|@|:(?=//)|(?<=www)\.", re.IGNORECASE)


def as_markdown(report: Report) -> str:
    """Return the outcome, findings, doors, differences and requirement paths as Markdown that fits into one comment."""
    report = printable(report)
    found = sections(report)
    page = Page()
    page.add([f"## envparity: {outcome(report)}", "", f"{counted(report)} {cell(where(report))}", ""])
    page.add(
        [*(f"- {cell(line)}" for line in proved(report)), *(f"- {word}: {cell(line)}" for word, line in found.folded())]
    )
    page.add([""])
    several = len(report.doors) > 1
    told = (row for word, group in found.groups() for row in _rows(word, group, named=several))
    page.table(["", "finding", "doors", "what"], told)
    for group in found.errors:
        page.add([f"- {_code(group.rule.code)}: {group.rule.fix}"])
    page.add([""])
    columns = ["door", "python", "platform", "distributions", "files", "MB", "lock", "level"]
    page.table(
        columns,
        (
            [
                d.name,
                d.python,
                d.platform,
                str(d.distributions),
                f"{d.files:,}",
                _mb(d.bytes),
                d.lock or "no lock",
                d.level,
            ]
            for d in report.doors
        ),
    )
    if lines := [*not_read(report), *baseline_lines(report)]:
        page.add([*(f"- {cell(line)}" for line in lines), ""])
    page.add([*(f"- {cell(line)}" for line in trust_lines(report)), ""])
    compared = [(one.name, one.lock, one.compared) for one in report.doors if one.compared is not None]
    page.table(["door", "compared with", "facts"], ([name, lock or "", facts or ""] for name, lock, facts in compared))
    page.table(["not compared", "why"], ([name, reason] for name, reason in report.closed))
    doors = [door.name for door in report.doors]
    for what, rows in (("distribution", report.rows), ("tool", report.tools)):
        apart = differing(rows)
        page.table([what, *doors], ([name, *(version or "none" for version in row)] for name, row in apart.items()))
        if len(doors) > 1 and rows:
            page.add([f"The same version in each door: {number(len(alike(rows)), what)}.", ""])
    for why in report.why:
        page.add([f"**Why {cell(why.distribution)} is installed** ({cell(why.door)}):", ""])
        page.add([*(f"- {_code(path_text(path))}" for path in why.paths), ""])
    return page.text()


def cell(text: str) -> str:
    """Escape text for a table cell or a sentence, so that Markdown shows it unchanged; cut a text that is too long."""
    short = text if len(text) <= _CELL else f"{text[:_CELL]}…"
    return _MARKS.sub(lambda mark: _escaped(mark[0]), " ".join(short.split()))


def _escaped(mark: str) -> str:
    # Without an HTML comment after the @, the @ and the next word would mention a user, and GitHub would notify this
    # user.
    return "@<!-- -->" if mark == "@" else _ENTITIES.get(mark, f"&#{ord(mark)};")


def _code(text: str) -> str:
    return f"<code>{cell(text)}</code>"


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f}"


def _rows(word: str, group: Group, *, named: bool) -> Iterator[list[str]]:
    for one in group.findings:
        accepted = [f"accepted: {one.accepted}"] if one.accepted else []
        lines = [one.message, *further_lines(one, _LINES), *accepted, *fix_lines(one.fixes, named=named)]
        yield [word, group.rule.code, ", ".join(one.doors), *lines]


class Page:
    """A Markdown page that collects as many lines as fit into one comment."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._left = _ROOM
        self._dropped = 0

    def add(self, lines: Iterable[str]) -> None:
        """Add each line that fits, and count the lines that do not fit."""
        for line in lines:
            if self._fits(line):
                self._lines.append(line)
            else:
                self._dropped += 1

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Add a table if it has a row that fits; extra cells of a row become further lines in its last cell."""
        width = len(headings)
        head = [_row(headings), _row(["---"] * width, raw=True)]
        begun = False
        for row in rows:
            line = _row(row[:width], row[width:])
            if not self._fits(line, *(() if begun else head)):
                self._dropped += 1
                continue
            self._lines += [line] if begun else [*head, line]
            begun = True
        if begun:
            self.add([""])

    def text(self) -> str:
        """Return the page. If some lines did not fit, the last line of the page gives their number."""
        end = (
            ["", f"{number(self._dropped, 'further line')} left out, because the page would be too long."]
            if self._dropped
            else []
        )
        return "\n".join([*self._lines, *end]).rstrip("\n") + "\n"

    def _fits(self, *lines: str) -> bool:
        size = sum(len(line) + 1 for line in lines)
        if size > self._left:
            return False
        self._left -= size
        return True


def _row(cells: Sequence[str], further: Sequence[str] = (), *, raw: bool = False) -> str:
    escaped = list(cells) if raw else [cell(one) for one in cells]
    if further:
        escaped[-1] += "".join(f"<br>{cell(line)}" for line in further)
    return f"| {' | '.join(escaped)} |"
