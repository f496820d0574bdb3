"""The output of a command: a progress bar while it runs, and a console for wide tables at its end."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import track

from dev.command.progress import EVERY

_T = TypeVar("_T")


def with_progress(items: Iterable[_T], doing: str, total: int | None = None, *, hidden: bool = False) -> Iterator[_T]:
    """Yield `items`, and show on standard error how many of `total` items are done.

    A terminal shows a bar. In a pipe, a line appears about every ten seconds. `doing` is the text before the bar or in
    the line. If `hidden`, nothing appears.
    """
    if hidden or sys.stderr.isatty():
        yield from track(items, doing, total, console=Console(stderr=True), transient=True, disable=hidden)
        return
    of = f" of {total:,}" if total is not None else ""
    began = told = time.monotonic()
    for done, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - told >= EVERY:
            told = now
            print(f"{doing}: {done:,}{of} done, {now - began:.0f} s so far", file=sys.stderr, flush=True)


def wide_console() -> Console:
    """Return a console for standard output. In a pipe it has 160 columns, so that no heading or figure is wrapped."""
    return Console(width=None if sys.stdout.isatty() else 160)
