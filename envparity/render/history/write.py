"""Choose the renderer of a history for a format, and write histories to files."""

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
    """Return the history in the format `form`.

    With `everything`, it also lists the events that change nothing that is watched. `stream` decides the width and
    colours of the format for a terminal.
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
    """Return the format for a file with this name; raise EnvparityError if no format has its ending."""
    return files.form_of(name, _ENDINGS)


def write_reports(history: History, names: Sequence[str], *, everything: bool) -> None:
    """Write the history to each file in the format of its ending; a file is written whole or not at all.

    Raise EnvparityError, before anything is written, if no format has the ending of one of the files.
    """
    for name, form in [(name, form_of(name)) for name in names]:
        write_whole("--report", name, render(history, form, everything=everything).encode())
