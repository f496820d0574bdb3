"""A report as JSON; `envparity/schema/report.schema.json` describes the format."""

import msgspec

from envparity.judge.report import Report
from envparity.render.words import printable


def as_json(report: Report) -> str:
    """Return the report as indented JSON that ends with a newline."""
    return msgspec.json.format(msgspec.json.encode(printable(report)), indent=2).decode() + "\n"
