"""A report as Markdown, for a comment on a pull request."""

import re
from collections.abc import Iterable, Iterator, Sequence

from envparity.judge.findings import Finding
from envparity.judge.report import Report, path_text
from envparity.render.words import Group, alike, counted, differing, judged, lines_of, number, outcome, sections, shown

# A comment holds 65,536 characters; what there is no room for is counted, never silently dropped.
_ROOM = 60_000
_CELL = 600  # characters of one cell
_LINES = 6  # further lines of one finding
# What Markdown, a table, HTML or the page's links to people could read something into, as itself.
_ENTITIES = {mark: f"&#{ord(mark)};" for mark in "\\`*_[]|~#!$"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKS = re.compile("[" + re.escape("".join(_ENTITIES)) + r"]|@|:(?=//)|(?<=www)\.", re.IGNORECASE)


def as_markdown(report: Report) -> str:
    """Verdict, findings, doors, what differs, and how what errors name came in; at most one comment's length."""
    report = shown(report)
    found = sections(report)
    page = Page()
    page.add([f"## envparity: {outcome(report)}", "", f"{counted(report)} {cell(judged(report))}", ""])
    words = [("error", group) for group in found.errors]
    words += [("note", group) for groups in found.notes.values() for group in groups]
    words += [("accepted", group) for group in found.accepted]
    page.table(["", "finding", "doors", "what"], (row for word, group in words for row in _rows(word, group)))
    for group in found.errors:
        page.add([f"- {_code(group.rule.code)}: {group.rule.fix}"])
    page.add([""])
    columns = ["door", "python", "platform", "distributions", "files", "MB", "held against"]
    page.table(
        columns,
        (
            [d.name, d.python, d.platform, str(d.distributions), f"{d.files:,}", _mb(d.bytes), d.lock or "no lock"]
            for d in report.doors
        ),
    )
    page.table(["not compared", "why"], ([name, reason] for name, reason in report.closed))
    doors = [door.name for door in report.doors]
    for what, rows in (("distribution", report.rows), ("tool", report.tools)):
        apart = differing(rows)
        page.table([what, *doors], ([name, *(version or "none" for version in row)] for name, row in apart.items()))
        if len(doors) > 1 and rows:
            page.add([f"{number(len(alike(rows)), what)} of one version in each door.", ""])
    for why in report.why:
        page.add([f"**How {cell(why.distribution)} came in** ({cell(why.door)}):", ""])
        page.add([*(f"- {_code(path_text(path))}" for path in why.paths), ""])
    return page.text()


def cell(text: str) -> str:
    """Text that Markdown shows as it is, in a table's cell or a sentence, cut where it is too long for one."""
    short = text if len(text) <= _CELL else f"{text[:_CELL]}…"
    return _MARKS.sub(lambda mark: _escaped(mark[0]), " ".join(short.split()))


def _escaped(mark: str) -> str:
    # The comment keeps what follows from being read as somebody's name, who would be told of it.
    return "@<!-- -->" if mark == "@" else _ENTITIES.get(mark, f"&#{ord(mark)};")


def _code(text: str) -> str:
    return f"<code>{cell(text)}</code>"


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f}"


def _rows(word: str, group: Group) -> Iterator[list[str]]:
    for one in group.findings:
        yield [word, group.rule.code, ", ".join(one.doors), *_said(one)]


def _said(one: Finding) -> list[str]:
    lines = lines_of(one)
    more = [f"and {len(lines) - _LINES:,} more"] if len(lines) > _LINES else []
    because = [f"follows from {one.because}"] if one.because else []
    accepted = [f"accepted: {one.accepted}"] if one.accepted else []
    return [one.message, *lines[:_LINES], *more, *because, *accepted]


class Page:
    """Lines, as many as there is room for."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._left = _ROOM
        self._dropped = 0

    def add(self, lines: Iterable[str]) -> None:
        """Add lines, each whole or not at all."""
        for line in lines:
            if self._fits(line):
                self._lines.append(line)
            else:
                self._dropped += 1

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table, unless it has no row; what a row has beyond the columns are further lines of its last cell."""
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
        """The page."""
        end = ["", f"{number(self._dropped, 'further line')} left out for length."] if self._dropped else []
        return "\n".join([*self._lines, *end]).rstrip("\n") + "\n"

    def _fits(self, *lines: str) -> bool:
        size = sum(len(line) + 1 for line in lines)
        if size > self._left:
            return False
        self._left -= size
        return True


def _row(cells: Sequence[str], further: Sequence[str] = (), *, raw: bool = False) -> str:
    shown_cells = list(cells) if raw else [cell(one) for one in cells]
    if further:
        shown_cells[-1] += "".join(f"<br>{cell(line)}" for line in further)
    return f"| {' | '.join(shown_cells)} |"
