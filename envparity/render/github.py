"""A report as commands for the runner of GitHub's workflows, which shows each finding as an annotation.

An annotation is a message at a line of a file, here the line of the lock. A finding is one problem or difference in a
report.
"""

from collections.abc import Sequence

from envparity.judge.findings import Finding
from envparity.judge.report import Report
from envparity.render.identity import line_of, to_show
from envparity.render.words import (
    baseline_lines,
    counted,
    fix_lines,
    further_lines,
    number,
    outcome,
    printable,
    where,
)

# GitHub shows at most 10 errors and 10 notices of one step. If a report has more, the tenth annotation gives the number
# of the findings that have no annotation.
_MOST = 10
_LINES = 10  # further lines of one message
_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY = (*_DATA, (":", "%3A"), (",", "%2C"))


def as_github(report: Report) -> str:
    """Return a command for each new error and each note, and the outcome as an ordinary line of the log.

    If there are more than _MOST errors or notes, the last command of that kind gives the number of those left out.
    """
    report = printable(report)
    shown = [one for one in to_show(report) if not one.known]
    errors, notes = [one for one in shown if one.fails], [one for one in shown if not one.fails]
    lines = [*_commands(report, "error", errors), *_commands(report, "notice", notes)]
    said = [*baseline_lines(report), f"{outcome(report)}: {counted(report)} {where(report)}"]
    # The runner also obeys commands of an older form, which may begin in the middle of a line.
    lines += [f"envparity: {line.replace('##[', '## [')}" for line in said]
    return "\n".join(lines) + "\n"


def _commands(report: Report, command: str, findings: Sequence[Finding]) -> list[str]:
    cut = len(findings) > _MOST
    lines = [_command(report, command, one) for one in findings[: _MOST - 1 if cut else _MOST]]
    if cut:
        rest = findings[_MOST - 1 :]
        codes = ", ".join(dict.fromkeys(one.code for one in rest))
        said = f"and {number(len(rest), 'more finding')} ({codes}), because GitHub shows {_MOST} annotations of a kind"
        at = f"file={_escaped(report.lock.path, _PROPERTY)},line=1," if report.lock else ""
        lines.append(f"::{command} {at}title=envparity::{_escaped(said, _DATA)}")
    return lines


def _command(report: Report, command: str, one: Finding) -> str:
    place = line_of(report, one)
    at = f"file={_escaped(place.path, _PROPERTY)},line={place.line}," if place else ""
    doors = f"[{', '.join(one.doors)}] " if len(report.doors) > 1 and one.doors else ""
    fixes = fix_lines(one.fixes, named=len(one.doors) > 1)
    message = "\n".join([f"{doors}{one.message}", *further_lines(one, _LINES), *fixes])
    return f"::{command} {at}title={_escaped(f'envparity {one.code}', _PROPERTY)}::{_escaped(message, _DATA)}"


def _escaped(text: str, escapes: Sequence[tuple[str, str]]) -> str:
    for mark, escape in escapes:
        text = text.replace(mark, escape)
    return text
