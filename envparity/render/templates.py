"""The set-up of jinja2, for the pages that envparity writes and for the pages of this repository."""

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from envparity.judge.report import path_text
from envparity.render.words import cause_lines, fix_steps, lines_of, number, shared_fixes


def templates_in(folder: Path, *, escaped: bool = True) -> Environment:
    """Return jinja2's environment of the templates in `folder`. A missing value raises jinja2.UndefinedError.

    With `escaped`, values are escaped for HTML. Pass False only for Markdown that is made from our own data.
    """
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=escaped,  # noqa: S701 - the caller decides: Markdown has no HTML to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def template(name: str) -> Template:
    """Return the template at `name`, a path relative to this folder."""
    environment = templates_in(Path(__file__).parent)
    environment.filters |= {"ticked": _ticked, "lines_of": lines_of, "cause_lines": cause_lines, "path_text": path_text}
    environment.globals |= {"number": number, "fix_steps": fix_steps, "shared_fixes": shared_fixes}
    return environment.get_template(name)


def _ticked(text: str) -> Markup:
    """Return `text` escaped for HTML, with the parts between backticks as code."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just here
