"""The program `envparity`: the command line of `envparity.cli`, as a process that signals can stop."""

import signal
import sys
from typing import NoReturn

from envparity.cli.main import main


def _stop(number: int, _frame: object) -> NoReturn:
    # As Ctrl-C does, so that on the way out each process that was started is ended.
    raise KeyboardInterrupt(number)


def run() -> NoReturn:
    """Run the command line; 130 and 143 are the exit statuses after SIGINT and SIGTERM."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt as stopped:
        sys.exit(128 + (stopped.args[0] if stopped.args else signal.SIGINT))


if __name__ == "__main__":
    run()
