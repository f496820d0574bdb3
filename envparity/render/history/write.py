"""Chooses the renderer of a history for a format, and writes histories to files.

A history has the versions that requirements resolved to in a past period, and an event for each change.
"""

from collections.abc import Sequence
from functools import partial
from typing import TextIO

import msgspec

from envparity.files import write_whole
from envparity.history.bisect import Bisection
from envparity.history.record import History
from envparity.render import files
from envparity.render.files import printed
from envparity.render.history.page import as_html
from envparity.render.history.prose import as_markdown
from envparity.render.history.terminal import show
from envparity.render.history.timeline import as_svg
from envparity.render.words import printable

_ENDINGS = {".html": "html", ".json": "json", ".md": "markdown", ".svg": "svg", ".txt": "terminal"}


def as_json(told: History | Bisection) -> str:
    """Return a history or a bisection as indented JSON that ends with a newline."""
    return msgspec.json.format(msgspec.json.encode(printable(told)), indent=1).decode() + "\n"


def render(history: History, form: str, *, everything: bool, stream: TextIO | None = None) -> str:
    """Return the history in the format `form`: json, markdown, html or svg; any other text means text for a person.

    With `everything`, Markdown and text also list the events that change no watched distribution. If `stream` is a
    terminal, the text for a person has the terminal's width and colours.
    """
    if form == "json":
        return as_json(history)
    if form == "markdown":
        return as_markdown(history, everything=everything)
    if form == "html":
        return as_html(history)
    if form == "svg":
        return as_svg(history)
    return printed(partial(show, history, everything=everything), stream, 140)


def form_of(name: str) -> str:
    """Return the format for a file with this name; raise EnvparityError if no format has the ending of the name."""
    return files.form_of(name, _ENDINGS)


def write_reports(history: History, names: Sequence[str], *, everything: bool) -> None:
    """Write the history to each file in `names`, in the format of the file's ending; replace each file in one step.

    `everything` is as in `render`. Raise EnvparityError, before anything is written, if no format has the ending of a
    name. Raise EnvparityError, too, if a file cannot be written.
    """
    for name, form in [(name, form_of(name)) for name in names]:
        write_whole("--report", name, render(history, form, everything=everything).encode())
