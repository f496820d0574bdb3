"""The program `envparity`, which runs the command line of `envparity.cli`. SIGINT and SIGTERM end the program."""

import signal
import sys
from typing import NoReturn


def _stop(number: int, _frame: object) -> NoReturn:
    # SIGTERM raises the same error as Ctrl-C, so that envparity ends the processes that it started.
    raise KeyboardInterrupt(number)


def run() -> NoReturn:
    """Run the command line and exit with its status, or with 130 after SIGINT and 143 after SIGTERM.

    On a system that envparity does not support, such as Windows, print a message and exit with 2.
    """
    if sys.platform in ("win32", "cygwin", "emscripten"):
        sys.stderr.write(
            f"envparity: expected Linux or macOS, found {sys.platform}; run envparity on Linux, for example in WSL, "
            "and read the folder of the environment with --no-run\n"
        )
        sys.exit(2)
    signal.signal(signal.SIGTERM, _stop)
    try:
        from envparity.cli.main import main  # only here: on Windows, which has no os.fork, this import fails

        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt as stopped:
        sys.exit(128 + (stopped.args[0] if stopped.args else signal.SIGINT))


if __name__ == "__main__":
    run()
