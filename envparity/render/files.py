"""Functions that every kind of result needs: the text for a terminal or a pipe, and the format of a file."""

from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from envparity.errors import EnvparityError

if TYPE_CHECKING:  # not at run time: a format without text for a person needs no rich
    from rich.console import Console


def printed(show: "Callable[[Console], None]", stream: TextIO | None, columns: int) -> str:
    """Return the text that `show` prints.

    If `stream` is a terminal, the text has the terminal's width and colours. Otherwise it is plain text, `columns` wide
    and without spaces at the ends of lines.
    """
    from rich.console import Console

    terminal = stream is not None and stream.isatty()
    text = StringIO()
    show(Console(file=text, force_terminal=terminal, width=None if terminal else columns))
    return text.getvalue() if terminal else "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def form_of(name: str, endings: Mapping[str, str]) -> str:
    """Return the format for a file with this name; `endings` maps each known ending, such as `.html`, to a format.

    Raise EnvparityError if `endings` does not have the ending of the name.
    """
    base = Path(name).name
    form = next((form for ending, form in endings.items() if base.endswith(ending) and base not in endings), None)
    if form is None:
        raise EnvparityError(f"--report: expected a file ending in {', '.join(endings)}, found {name!r}")
    return form
