"""A report as one HTML page that asks for nothing: no script, no font, no request; it can be mailed or archived."""

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from envparity.judge.report import Report
from envparity.render.drawing import drawn
from envparity.render.words import (
    alike,
    counted,
    differing,
    judged,
    lines_of,
    number,
    outcome,
    path_text,
    sections,
    shown,
)

# What is shown of one code before the rest is folded, and of one finding at all: the JSON report has every line.
_OPEN = 8
_LINES = 400


def as_html(report: Report) -> str:
    """The page."""
    report = shown(report)
    return template("page.html.j2").render(
        report=report,
        outcome=outcome(report),
        counted=counted(report),
        judged=judged(report),
        found=sections(report),
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


@cache
def template(name: str) -> Template:
    """A template of this folder, by its path below it."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"ticked": _ticked, "lines_of": lines_of, "path_text": path_text}
    environment.globals["number"] = number
    return environment.get_template(name)


def _ticked(text: str) -> Markup:
    """Our own words, with what is between backticks as code."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just here
