"""The one jinja2 set-up of every page that `scripts/docs` writes."""

from pathlib import Path

from envparity.render.history.words import day, minute
from envparity.render.prose import cell
from envparity.render.templates import templates_in
from envparity.render.words import listed


def code(text: object) -> str:
    """Return Markdown that shows `text` as code."""
    return f"`{text}`"


# Markdown of our own data; the filter `cell` escapes the cell of a table.
_TEMPLATES = templates_in(Path(__file__).parent, escaped=False)
_TEMPLATES.filters |= {"cell": cell, "code": code, "day": day, "listed": listed, "minute": minute}


def render_template(name: str, **values: object) -> str:
    """Return the text of the template `name` of this folder; a value that is missing is an error."""
    return _TEMPLATES.get_template(name).render(values)
