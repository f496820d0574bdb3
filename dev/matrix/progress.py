"""What a command prints while it runs and when it ends: a progress bar, and a console for wide tables."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track

_T = TypeVar("_T")


def with_progress(items: Iterable[_T], doing: str, total: int | None = None, *, hidden: bool = False) -> Iterator[_T]:
    """Yield `items`; where standard error is a terminal, a bar shows how many of `total` are done."""
    console = Console(stderr=True)
    hidden = hidden or not sys.stderr.isatty()
    yield from track(items, doing, total, console=console, transient=True, disable=hidden)


def wide_console() -> Console:
    """Return a console for standard output, with 160 columns in a pipe: no heading or figure of a table is folded."""
    return Console(width=None if sys.stdout.isatty() else 160)
