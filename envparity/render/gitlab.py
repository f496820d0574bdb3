"""A report as GitLab's code quality report, which a merge request shows.

A finding is one problem or difference in a report.
"""

import json
from typing import Any

from envparity.judge.findings import Finding
from envparity.judge.report import Report
from envparity.render.identity import SETTINGS, identified, line_of, to_show
from envparity.render.words import printable


def as_gitlab(report: Report) -> str:
    """Return a JSON list with an entry for each error and each note.

    GitLab compares this list with the list of the target branch. So the list also has the errors of the baseline, with
    the severity `minor`.
    """
    report = printable(report)
    entries = [_entry(report, *one) for one in identified(to_show(report))]
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"


def _entry(report: Report, one: Finding, key: str, number: int) -> dict[str, Any]:
    place = line_of(report, one)
    doors = f"[{', '.join(one.doors)}] " if len(report.doors) > 1 and one.doors else ""
    severity = "major" if one.fails else "minor" if one.known else "info"
    return {
        "description": f"{doors}{one.message}",
        "check_name": one.code,
        "fingerprint": key if number == 1 else f"{key}-{number}",
        "severity": severity,
        "location": {
            "path": place.path if place else SETTINGS,
            "lines": {"begin": place.line if place else 1},
        },
    }
