"""Print a line every ten seconds while long work runs, unless standard error is a terminal.

`envparity/cli/output.py` has a similar function. The two cannot share code, because an image build uses `dev/command`
and has no envparity.
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

    The line contains the text `what` and the seconds since the start. If standard error is a terminal, this function
    prints nothing, because the programs that do the work show their own progress there.
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
