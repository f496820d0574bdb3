"""Which renderer makes what, and reports as files."""

from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import TextIO

from rich.console import Console

from envparity.errors import EnvparityError
from envparity.output import write_whole
from envparity.render.data import as_json
from envparity.render.page import as_html
from envparity.render.prose import as_markdown
from envparity.render.sarif import as_sarif
from envparity.render.terminal import show
from envparity.report import Report

_RENDERERS: dict[str, Callable[[Report], str]] = {
    "json": as_json,
    "markdown": as_markdown,
    "sarif": as_sarif,
    "html": as_html,
}
_ENDINGS = {".html": "html", ".json": "json", ".md": "markdown", ".sarif": "sarif", ".txt": "terminal"}


def render(report: Report, form: str, stream: TextIO | None = None) -> str:
    """The report in one format; `stream` decides width and colour of the terminal's."""
    if form in _RENDERERS:
        return _RENDERERS[form](report)
    terminal = stream is not None and stream.isatty()
    text = StringIO()
    show(report, Console(file=text, force_terminal=terminal, width=None if terminal else 120))
    return text.getvalue() if terminal else "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def form_of(name: str) -> str:
    """The format that a file's ending asks for; EnvparityError where it asks for none."""
    form = _ENDINGS.get(Path(name).suffix)
    if form is None:
        raise EnvparityError(f"--report: expected a file ending in {', '.join(_ENDINGS)}, found {name!r}")
    return form


def write_reports(report: Report, names: Sequence[str]) -> None:
    """Write each file in the format of its ending, whole or not at all; none where one has no format."""
    for name, form in [(name, form_of(name)) for name in names]:
        write_whole("--report", name, render(report, form).encode())
