"""The one set-up of jinja2 for every page that envparity writes."""

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from envparity.render.words import lines_of, number, path_text


@cache
def template(name: str) -> Template:
    """Return the template at `name`, a path below this folder."""
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
    """Escape `text`, and show what is between backticks as code."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just here
