"""The jinja2 configuration of every page that `scripts/docs` writes."""

from pathlib import Path

from envparity.render.history.words import day, minute
from envparity.render.prose import cell
from envparity.render.templates import templates_in
from envparity.text import listed


def code(text: object) -> str:
    """Return Markdown that shows `text` as inline code."""
    return f"`{text}`"


# The pages are Markdown from our own data, so jinja2 escapes nothing. The filter `cell` escapes text for a table cell.
_TEMPLATES = templates_in(Path(__file__).parent, escaped=False)
_TEMPLATES.filters |= {"cell": cell, "code": code, "day": day, "listed": listed, "minute": minute}


def render_template(name: str, **values: object) -> str:
    """Return the text of the template `name`, a file in this folder, with `values`.

    Raises jinja2.UndefinedError if a value is missing.
    """
    return _TEMPLATES.get_template(name).render(values)
