"""How a command of the project starts and ends, where it may be stopped half way."""

import signal
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn


def run_command(main: Callable[[Sequence[str]], int]) -> NoReturn:
    """Run a command's `main` and end with its status; 130 or 143 where SIGINT or SIGTERM stopped it."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt as stopped:
        sys.exit(128 + (stopped.args[0] if stopped.args else signal.SIGINT))


def _stop(number: int, _frame: object) -> NoReturn:
    # As Ctrl-C does, so that temporary folders go on the way out.
    raise KeyboardInterrupt(number)
