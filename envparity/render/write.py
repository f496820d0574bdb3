"""Choose the renderer for a format, and write reports to files."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TextIO

from envparity.files import write_whole
from envparity.judge.report import Report
from envparity.render import files
from envparity.render.data import as_json
from envparity.render.files import printed
from envparity.render.page import as_html
from envparity.render.prose import as_markdown
from envparity.render.sarif import as_sarif
from envparity.render.terminal import show

_RENDERERS: dict[str, Callable[[Report], str]] = {
    "json": as_json,
    "markdown": as_markdown,
    "sarif": as_sarif,
    "html": as_html,
}
_ENDINGS = {".html": "html", ".json": "json", ".md": "markdown", ".sarif": "sarif", ".txt": "terminal"}


def render(report: Report, form: str, stream: TextIO | None = None) -> str:
    """Return the report in the format `form`: json, markdown, sarif or html; any other text means text for a person.

    If `stream` is a terminal, the text for a person has the terminal's width and colours.
    """
    if form in _RENDERERS:
        return _RENDERERS[form](report)
    return printed(partial(show, report), stream, 120)


def form_of(name: str) -> str:
    """Return the format for a file with this name; raise EnvparityError if no format has the ending of the name."""
    return files.form_of(name, _ENDINGS)


def write_reports(report: Report, names: Sequence[str]) -> None:
    """Write the report to each file in `names`, in the format of the file's ending; write a file whole or not at all.

    Raise EnvparityError, before anything is written, if no format has the ending of a name. Raise EnvparityError, too,
    if a file cannot be written.
    """
    for name, form in [(name, form_of(name)) for name in names]:
        write_whole("--report", name, render(report, form).encode())
