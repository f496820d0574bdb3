"""Chooses the renderer for a format, and writes reports to files.

Each renderer is imported only when it is used, because the libraries of all renderers take long to import.
"""

from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import TextIO

from envparity.files import write_whole
from envparity.judge.report import Report
from envparity.render import files

# For each format, the module of its renderer; the function has the name `as_FORMAT`.
_RENDERERS = {
    "json": "data",
    "markdown": "prose",
    "sarif": "sarif",
    "html": "page",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
}
# A longer ending comes before the shorter ending that it contains.
ENDINGS = {
    ".gitlab.json": "gitlab",
    ".html": "html",
    ".json": "json",
    ".md": "markdown",
    ".sarif": "sarif",
    ".txt": "terminal",
    ".xml": "junit",
}
"""The endings of report files, each with its format."""


def render(report: Report, form: str, stream: TextIO | None = None) -> str:
    """Return the report in the format `form`, such as json or sarif; `terminal` is the text for a person.

    If `stream` is a terminal, the text for a person has the terminal's width and colours.
    """
    if form in _RENDERERS:
        return str(getattr(import_module(f"envparity.render.{_RENDERERS[form]}"), f"as_{form}")(report))
    from envparity.render.terminal import show

    return files.printed(partial(show, report), stream, 120)


def form_of(name: str) -> str:
    """Return the format for a file with this name; raise EnvparityError if no format has the ending of the name."""
    return files.form_of(name, ENDINGS)


def write_reports(report: Report, names: Sequence[str]) -> None:
    """Write the report to each file in `names`, in the format of the file's ending; replace each file in one step.

    Raise EnvparityError, before a file is written, if no format has the ending of a name. Raise EnvparityError, too, if
    a file cannot be written.
    """
    for name, form in [(name, form_of(name)) for name in names]:
        write_whole("--report", name, render(report, form).encode())
