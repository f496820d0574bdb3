"""How a command starts and ends that is not described as a `Command` yet."""

import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from dev.command.command import run_until_stopped


def run_command(main: Callable[[Sequence[str]], int]) -> NoReturn:
    """Run a command's `main` and end with its status."""
    run_until_stopped(lambda: main(sys.argv[1:]))
