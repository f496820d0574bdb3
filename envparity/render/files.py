"""Functions that write any kind of result to a terminal, a pipe or a file."""

from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import TextIO

from rich.console import Console

from envparity.errors import EnvparityError


def printed(show: Callable[[Console], None], stream: TextIO | None, columns: int) -> str:
    """Return the text that `show` prints.

    If `stream` is a terminal, the text has the terminal's width and colours. Otherwise it is plain text, `columns` wide
    and without spaces at the ends of lines.
    """
    terminal = stream is not None and stream.isatty()
    text = StringIO()
    show(Console(file=text, force_terminal=terminal, width=None if terminal else columns))
    return text.getvalue() if terminal else "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def form_of(name: str, endings: Mapping[str, str]) -> str:
    """Return the format for a file with this name; raise EnvparityError if `endings` does not have its ending."""
    form = endings.get(Path(name).suffix)
    if form is None:
        raise EnvparityError(f"--report: expected a file ending in {', '.join(endings)}, found {name!r}")
    return form
