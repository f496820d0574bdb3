"""What a command prints: its result on standard output, and on a terminal how far it is."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from envparity.errors import EnvparityError

Found = TypeVar("Found")
Tell = Callable[[str], None]


def say(text: str | bytes) -> None:
    """Write to standard output; a reader that has had enough, as `head` has, changes no exit status."""
    with standard_output():
        sys.stdout.flush()
        sys.stdout.buffer.write(text if isinstance(text, bytes) else text.encode())
        sys.stdout.buffer.flush()


@contextmanager
def standard_output() -> Iterator[None]:
    """Turn what keeps a text from standard output into an EnvparityError, but that its reader has gone."""
    try:
        yield
    except OSError as error:
        # What is still in the buffer would be written, and fail again, as Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise EnvparityError(f"expected to write the result, found: {error.strerror}") from error


def progress(beginning: str, work: "Callable[[Tell | None], Found]") -> "Found":
    """Do some long work; on a terminal a line says how far it is."""
    from rich.console import Console
    from rich.markup import escape

    terminal = Console(stderr=True)
    with terminal.status(beginning, spinner="line") as status:
        return work((lambda text: status.update(escape(text))) if terminal.is_terminal else None)
