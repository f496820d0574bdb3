"""A report as JSON; `envparity/schema/report.schema.json` describes it."""

import msgspec

from envparity.judge.report import Report
from envparity.render.words import printable


def as_json(report: Report) -> str:
    """The report, indented, one line at the end."""
    return msgspec.json.format(msgspec.json.encode(printable(report)), indent=2).decode() + "\n"
