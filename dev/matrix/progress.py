"""The output of a command: a progress bar while it runs, and a console for wide tables at its end."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track

_T = TypeVar("_T")


def with_progress(items: Iterable[_T], doing: str, total: int | None = None, *, hidden: bool = False) -> Iterator[_T]:
    """Yield `items`. If standard error is a terminal, a bar shows how many of `total` items are done.

    `doing` is the text before the bar. If `hidden`, no bar appears.
    """
    console = Console(stderr=True)
    hidden = hidden or not sys.stderr.isatty()
    yield from track(items, doing, total, console=console, transient=True, disable=hidden)


def wide_console() -> Console:
    """Return a console for standard output. In a pipe it has 160 columns, so that no heading or figure is wrapped."""
    return Console(width=None if sys.stdout.isatty() else 160)
