"""The jinja2 configuration of every page that `scripts/docs` writes."""

from pathlib import Path

from envparity.render.history.words import day, minute
from envparity.render.prose import cell
from envparity.render.templates import templates_in
from envparity.render.words import listed


def code(text: object) -> str:
    """Return Markdown that shows `text` as inline code."""
    return f"`{text}`"


# The pages are Markdown from our own data, so nothing is escaped; the filter `cell` escapes the cell of a table.
_TEMPLATES = templates_in(Path(__file__).parent, escaped=False)
_TEMPLATES.filters |= {"cell": cell, "code": code, "day": day, "listed": listed, "minute": minute}


def render_template(name: str, **values: object) -> str:
    """Return the text of the template `name` in this folder; jinja2 raises UndefinedError if a value is missing."""
    return _TEMPLATES.get_template(name).render(values)
