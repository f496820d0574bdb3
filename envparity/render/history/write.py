"""Which renderer of a history makes what, and histories as files."""

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
    """Return a history or a bisection as JSON, indented, one line at the end."""
    return msgspec.json.format(msgspec.json.encode(printable(told)), indent=1).decode() + "\n"


def render(history: History, form: str, *, everything: bool, stream: TextIO | None = None) -> str:
    """The history in one format; `everything` tells of events that change nothing that is watched, too."""
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
    """The format that a file's ending asks for; EnvparityError where it asks for none."""
    return files.form_of(name, _ENDINGS)


def write_reports(history: History, names: Sequence[str], *, everything: bool) -> None:
    """Write each file in the format of its ending, whole or not at all; none where one has no format."""
    for name, form in [(name, form_of(name)) for name in names]:
        write_whole("--report", name, render(history, form, everything=everything).encode())
