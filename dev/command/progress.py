"""Show that long work still runs: without a terminal, a line every ten seconds."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from envparity.cli.output import EVERY, repeated_lines


@contextmanager
def long_work(what: str, every: float = EVERY) -> Iterator[None]:
    """Print a line on standard error every `every` seconds during the block, for example in the log of a CI job.

    On a terminal print nothing, because the programs that do the work show their own progress there.
    """
    if sys.stderr.isatty():
        yield
        return
    with repeated_lines(what, every):
        yield
