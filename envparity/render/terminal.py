"""A report for a person at a terminal, or for a log.

A door is a way to reach an environment. A finding is one problem or difference in a report. A requirement path is a
chain of requirements that shows why a distribution is installed. This module prints every text from an environment as a
`Text` of rich, because rich would read a word in brackets in a plain string as markup.
"""

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from envparity.judge.findings import Finding
from envparity.judge.report import Report, Why, path_text
from envparity.render.trust import door_lines, plugin_lines
from envparity.render.words import (
    Group,
    baseline_lines,
    cause_lines,
    counted,
    fix_lines,
    lines_of,
    not_read,
    outcome,
    printable,
    proved_between,
    sections,
    shared_fixes,
    where,
)

_STYLES = {"error": "bold red", "note": "yellow", "known": "cyan", "accepted": "cyan"}
# The most errors and the most notes of one code, and the most lines of one finding. The other formats show more.
_ERRORS = 20
_NOTES = 8
_LINES = 6


def show(report: Report, console: Console) -> None:
    """Print the report to `console`.

    The order is: the environment and the lock, if envparity chose them; the doors; lines that say what is equal and how
    files were judged; the doors that were not compared; errors, notes, known and accepted findings, grouped by code;
    requirement paths; a line about the explained differences; a line about the declared differences; the outcome.
    """
    report = printable(report)
    if report.chosen is not None:
        _line(console, 0, Text(f"checking {report.chosen}"))
    console.print(_doors(report))
    for line in (*proved_between(report), *door_lines(report)):
        _line(console, 0, Text.assemble(("equal  ", "green"), line))
    for line in (*not_read(report), *plugin_lines(report), *baseline_lines(report)):
        _line(console, 0, Text(line, "dim"))
    for name, reason in report.closed:
        _line(console, 0, Text.assemble(("not compared  ", "yellow"), f"{name}: {reason}"))
    found = sections(report)
    named = len(report.doors) > 1
    for word, group in found.groups():
        _group(group, word, named, console)
    for why in report.why:
        _why(why, console)
    console.print()
    for word, line in found.folded():
        _line(console, 0, Text.assemble((f"{word}  ", "cyan"), line))
    if found.errors:
        _line(console, 0, Text("`envparity explain CODE` explains what a code means and how to fix it", "dim"))
    word = outcome(report)
    style = "bold red" if word == "fail" else "bold green"
    _line(console, 0, Text.assemble((word, style), f": {counted(report)} {where(report)}"))


def _doors(report: Report) -> Table:
    title = Text(f"track {report.track}") if report.track else None
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("door", "python", "distributions", "files", "MB", "lock", "level"):
        right = heading in ("distributions", "files", "MB")
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    for door in report.doors:
        numbers = (str(door.distributions), f"{door.files:,}", f"{door.bytes / 1e6:.1f}")
        table.add_row(*map(Text, (door.name, door.python, *numbers, door.lock or "no lock", door.level)))
    return table


def _group(group: Group, word: str, named: bool, console: Console) -> None:
    count = f"  {len(group.findings)}" if len(group.findings) > 1 else ""
    console.print()
    head = Text.assemble((word, _STYLES[word]), " ", (group.rule.code, "bold"), f": {group.rule.title}", (count, "dim"))
    _line(console, 0, head)
    most = _ERRORS if word == "error" else _NOTES
    shared = shared_fixes(group.findings)
    for one in group.findings[:most]:
        _finding(one, named, console)
        if not shared:
            _lines(console, 6, fix_lines(one.fixes, named=named))
    _more(console, 2, len(group.findings) - most)
    _lines(console, 2 if len(group.findings) > 1 else 6, fix_lines(shared, named=named))


def _finding(one: Finding, named: bool, console: Console) -> None:
    where = f"[{', '.join(one.doors)}] " if named and one.doors else ""
    _line(console, 2, Text.assemble((where, "dim"), one.message))
    lines = lines_of(one)
    _lines(console, 6, lines[:_LINES])
    _more(console, 6, len(lines) - _LINES)
    _lines(console, 6, cause_lines(one))
    _lines(console, 6, [f"accepted: {one.accepted}"] if one.accepted else [])


def _why(why: Why, console: Console) -> None:
    console.print()
    _line(console, 0, Text(f"why {why.distribution} is installed ({why.door})", "bold"))
    for path in why.paths:
        _line(console, 2, Text(path_text(path)))


def _lines(console: Console, indent: int, lines: Iterable[str]) -> None:
    for line in lines:
        _line(console, indent, Text(line, "dim"))


def _more(console: Console, indent: int, count: int) -> None:
    if count > 0:
        _lines(console, indent, [f"and {count:,} more; see all with --format html, json or sarif"])


def _line(console: Console, indent: int, text: Text) -> None:
    """Print a line with an indent.

    On a terminal, wrap a long line, and indent each of its parts. In a log or a pipe, do not wrap the line, so that a
    search with grep finds the whole line.
    """
    if console.is_terminal:
        text.overflow = "fold"
        console.print(Padding(text, (0, 0, 0, indent), expand=False))
    else:
        console.print(Text.assemble(" " * indent, text), soft_wrap=True)
