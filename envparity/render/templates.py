"""The one set-up of jinja2: for the pages that envparity writes, and for those of this repository."""

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from envparity.judge.report import path_text
from envparity.render.words import lines_of, number


def templates_in(folder: Path, *, escaped: bool = True) -> Environment:
    """Return the templates of `folder`; a value that is missing is an error.

    `escaped` is for HTML. Markdown of our own data is not escaped.
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
    """Return the template at `name`, a path below this folder."""
    environment = templates_in(Path(__file__).parent)
    environment.filters |= {"ticked": _ticked, "lines_of": lines_of, "path_text": path_text}
    environment.globals["number"] = number
    return environment.get_template(name)


def _ticked(text: str) -> Markup:
    """Escape `text`, and show what is between backticks as code."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just here
