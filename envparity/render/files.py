"""What every kind of result has in common on its way to a terminal, a pipe or a file."""

from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import TextIO

from rich.console import Console

from envparity.errors import EnvparityError


def printed(show: Callable[[Console], None], stream: TextIO | None, columns: int) -> str:
    """What is shown to a console: as wide and as coloured as a terminal's, else plain and so many columns wide."""
    terminal = stream is not None and stream.isatty()
    text = StringIO()
    show(Console(file=text, force_terminal=terminal, width=None if terminal else columns))
    return text.getvalue() if terminal else "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def form_of(name: str, endings: Mapping[str, str]) -> str:
    """The format that a file's ending asks for; EnvparityError where it asks for none."""
    form = endings.get(Path(name).suffix)
    if form is None:
        raise EnvparityError(f"--report: expected a file ending in {', '.join(endings)}, found {name!r}")
    return form
