"""A report as one HTML page without scripts, fonts or network requests, so that people can mail or archive the file."""

from envparity.judge.report import Report
from envparity.render.drawing import drawn
from envparity.render.templates import template
from envparity.render.trust import trust_lines
from envparity.render.words import (
    alike,
    baseline_lines,
    counted,
    differing,
    not_read,
    outcome,
    printable,
    proved,
    sections,
    where,
)

# A finding is one problem or difference, and its code names the kind. The page shows the first _OPEN findings of each
# code and folds the others. It has only the first _LINES lines of each finding. The JSON report has every line.
_OPEN = 8
_LINES = 400


def as_html(report: Report) -> str:
    """Return the page as HTML."""
    report = printable(report)
    return template("page.html.j2").render(
        report=report,
        outcome=outcome(report),
        counted=counted(report),
        where=where(report),
        proved=proved(report),
        found=sections(report),
        not_read=[*not_read(report), *baseline_lines(report)],
        trust=trust_lines(report),
        tables=[
            (title, word, differing(rows), alike(rows))
            for title, word, rows in (
                ("Distributions", "distribution", report.rows),
                ("Toolchain", "tool", report.tools),
            )
        ],
        drawings=[(why, drawn(why, number)) for number, why in enumerate(report.why, 1)],
        most_open=_OPEN,
        most_lines=_LINES,
    )
