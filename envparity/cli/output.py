"""Prints the result of a command on standard output, and its progress on standard error if that is a terminal."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from envparity.errors import EnvparityError

Found = TypeVar("Found")
Tell = Callable[[str], None]


def say(text: str | bytes) -> None:
    """Write to standard output; raise EnvparityError if that fails.

    It is no error if the program that reads the output stops early, as `head` does.
    """
    with standard_output():
        sys.stdout.flush()
        sys.stdout.buffer.write(text if isinstance(text, bytes) else text.encode())
        sys.stdout.buffer.flush()


@contextmanager
def standard_output() -> Iterator[None]:
    """Turn an OSError in the `with` block into an EnvparityError about standard output.

    Ignore a BrokenPipeError, because it only means that the program that reads the output has ended.
    """
    try:
        yield
    except OSError as error:
        # Python writes the rest of its buffer when it ends. This would fail again, so the rest goes to the null device.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise EnvparityError(f"standard output: expected to write the result, found: {error.strerror}") from error


def progress(beginning: str, work: "Callable[[Tell | None], Found]") -> "Found":
    """Call `work` and return its result; on a terminal, a line of text shows the progress.

    The line first shows the text `beginning`. `work` gets a function that replaces this text, or None if standard error
    is not a terminal.
    """
    if not sys.stderr.isatty():
        return work(None)
    from rich.console import Console
    from rich.markup import escape

    terminal = Console(stderr=True)
    with terminal.status(beginning, spinner="line") as status:
        return work((lambda text: status.update(escape(text))) if terminal.is_terminal else None)
