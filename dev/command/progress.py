"""Show that long work still runs: without a terminal, a line every ten seconds.

`envparity/cli/output.py` has a loop like this one. It cannot be shared, because the image has `dev/command` and not
envparity.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

EVERY = 10.0  # seconds between two lines


@contextmanager
def long_work(what: str, every: float = EVERY) -> Iterator[None]:
    """Print a line on standard error every `every` seconds during the block, for example in the log of a CI job.

    On a terminal print nothing, because the programs that do the work show their own progress there.
    """
    if sys.stderr.isatty():
        yield
        return
    ended = threading.Event()
    began = time.monotonic()

    def tell() -> None:
        while not ended.wait(every):
            print(f"{what}: {time.monotonic() - began:.0f} s so far", file=sys.stderr, flush=True)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        ended.set()
        teller.join()
