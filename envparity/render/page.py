"""A report as one HTML page that needs no other file and no network, so that people can mail or archive it.

The page is complete without scripts. Its own script only filters the findings of a long report.
"""

import base64
import hashlib
from pathlib import Path

from markupsafe import Markup

from envparity.judge.report import Report
from envparity.render.drawing import drawn
from envparity.render.facts import facts_of, grouped
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

# A finding is one problem or difference, and its code names its rule. The page shows the first _OPEN findings of each
# code and folds the others. The page has only the first _LINES lines of each finding. The JSON report has every line.
# The facts about a finding name its first _PATHS files. A page with more findings than _OPEN has links to each code and
# the fields of a filter.
_OPEN = 8
_PATHS = 3
_LINES = 400


def as_html(report: Report) -> str:
    """Return the page as HTML."""
    report = printable(report)
    found = sections(report)
    facts = facts_of(report, found)
    script = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
    listed = list(grouped(found))
    return template("page.html.j2").render(
        report=report,
        outcome=outcome(report),
        counted=counted(report),
        where=where(report),
        proved=proved(report),
        found=found,
        facts_of=facts,
        id=id,
        listed=listed,
        codes=sorted({group.rule.code for _, group in listed}),
        names=sorted({name for one in report.findings for name in one.distributions}),
        kinds=list(dict.fromkeys(kind for kind, _ in listed)),
        script=Markup(script),  # noqa: S704 - a file of this package
        # The page's security policy lets only the script with this digest run, even if a report contains a script.
        digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
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
        most_paths=_PATHS,
    )
