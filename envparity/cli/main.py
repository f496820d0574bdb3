"""Runs one command of the command line."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import suppress

from envparity.cli.command import ANSWERED, Command, make_parser, parse
from envparity.cli.environments import CHECK, COMPARE, DOORS, PROBE, SNAPSHOT
from envparity.cli.evidence import ATTEST, VERIFY
from envparity.cli.fix import FIX
from envparity.cli.init import INIT
from envparity.cli.output import say, standard_output
from envparity.cli.releases import BISECT, HISTORY, WHY
from envparity.errors import EnvparityError
from envparity.project.config import Config, find_project
from envparity.text import visible


def _add_explain(parser: ArgumentParser) -> None:
    parser.add_argument("code", nargs="?", metavar="CODE", help="the code of a finding (default: list all codes)")


def _explain(_config: Config, options: Namespace) -> int:
    from envparity.cli.explain import explain

    say(explain(options.code))
    return 0


_EXPLAIN = Command(
    "explain", "explain what the code of a finding means, and how to fix the problem", ANSWERED, _add_explain, _explain
)

COMMANDS = (SNAPSHOT, PROBE, CHECK, COMPARE, FIX, WHY, HISTORY, BISECT, ATTEST, VERIFY, _EXPLAIN, DOORS, INIT)
"""Every command, in the order of `--help`."""


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status.

    If the command raises EnvparityError, print the message as one line on standard error and return 2.
    """
    try:
        options = _options(arguments)
        if isinstance(options, int):
            status = options
        else:
            status = int(options.run(find_project(options.project or None), options))
        say(b"")
    except EnvparityError as error:
        with suppress(OSError):
            sys.stderr.write(f"envparity: {visible(str(error))}\n")
            sys.stderr.flush()
        return 2
    return status


def _options(arguments: Sequence[str]) -> Namespace | int:
    """Return the options, or the exit status if argparse has printed the help or an error message."""
    options: Namespace | int = 0  # stays 0 if the program that reads the help, such as `head`, ends early
    try:
        with standard_output():
            # The command that `bisect` runs follows a -- and has its own options, which this parser must not read.
            cut = list(arguments).index("--") if "--" in arguments else len(arguments)
            cut = cut if "bisect" in arguments[:cut] else len(arguments)
            options = parse(
                make_parser(COMMANDS), with_command(arguments[:cut]), Namespace(command_line=arguments[cut + 1 :])
            )
    except SystemExit as ended:
        options = int(ended.code or 0)
    return options


def with_command(arguments: Sequence[str]) -> list[str]:
    """Return the arguments. If they name no command, add the command `check`, but not before --help or --version."""
    start = 0
    while start < len(arguments) and arguments[start].startswith("--project"):
        start += 1 if "=" in arguments[start] else 2
    rest = list(arguments[start:])
    if rest and (not rest[0].startswith("-") or rest[0] in ("-h", "--help", "--version")):
        return list(arguments)
    return [*arguments[:start], CHECK.name, *rest]
