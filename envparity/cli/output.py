"""Prints the result of a command on standard output, and the progress of long work on standard error."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from envparity.errors import EnvparityError

Found = TypeVar("Found")
Tell = Callable[[str], None]
_EVERY = 10.0  # The seconds between two lines of progress where standard error is no terminal.


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
        # When Python ends, it writes the bytes that are still in its buffer. This write would fail, too, so the null
        # device takes these bytes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise EnvparityError(f"standard output: expected to write the result, found: {error.strerror}") from error


def progress(beginning: str, work: "Callable[[Tell], Found]", every: float = _EVERY) -> "Found":
    """Call `work` and return its result; show the progress of long work on standard error.

    On a terminal, one line always shows the newest text. Otherwise, for example in the log of a CI job, a further line
    appears every `every` seconds. The first text is `beginning`, and `work` gets a function that replaces the text.
    """
    if not sys.stderr.isatty():
        with _lines(beginning, every) as tell:
            return work(tell)
    from rich.console import Console
    from rich.markup import escape

    terminal = Console(stderr=True)
    with terminal.status(beginning, spinner="line") as status:
        return work(lambda text: status.update(escape(text)))


@contextmanager
def _lines(text: str, every: float) -> Iterator[Tell]:
    """Print the newest text every `every` seconds during the `with` block; yield a function that replaces the text."""
    ended = threading.Event()
    began = time.monotonic()
    newest = text

    def tell(text: str) -> None:
        nonlocal newest
        newest = text

    def repeat() -> None:
        with suppress(OSError, ValueError):  # Standard error may be closed.
            while not ended.wait(every):
                sys.stderr.write(f"envparity: {newest}: {time.monotonic() - began:.0f} s so far\n")
                sys.stderr.flush()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield tell
    finally:
        ended.set()
        thread.join()
