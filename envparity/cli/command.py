"""Defines the class `Command`, and makes the parser of the command line."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from envparity import __version__
from envparity.project.config import Config
from envparity.text import visible

_SUMMARY = (
    "Show and check what is installed in Python environments. envparity compares each installed file with the RECORD "
    "of its distribution, each environment with its lock, and the environments with each other. Without COMMAND, it "
    "runs `check`. A door is a way to reach an environment, for example its folder, its Python or a command."
)

# The meaning of each exit status is written only here, and `--help` shows these texts.
_ALWAYS = "2 envparity could not finish its work, or the command line is wrong; 130 stopped by SIGINT, 143 by SIGTERM"
STATUSES = f"Exit status: 0 no errors were found; 1 errors were found, or bisect found no single cause; {_ALWAYS}."
JUDGED = f"Exit status: 0 no errors were found; 1 errors were found; {_ALWAYS}."
ANSWERED = f"Exit status: 0 done; {_ALWAYS}."
VERIFIED = (
    f"Exit status: 0 everything was verified; 1 the signature or the statement is not the expected one; {_ALWAYS}."
)
BISECTED = (
    "Exit status: 0 bisect found the one change of the installed releases that broke the command; 1 bisect found no "
    f"single cause; {_ALWAYS}."
)


@dataclass(frozen=True)
class Command:
    """One command.

    `does` is the line about the command in `--help`, and `statuses` is the text that explains its exit statuses. `add`
    adds the command's options to its parser. `run` does the work and returns the exit status. `usage` is the usage
    line; None lets argparse make this line.
    """

    name: str
    does: str
    statuses: str
    add: Callable[[ArgumentParser], None]
    run: Callable[[Config, Namespace], int]
    usage: str | None = None


class _Parser(ArgumentParser):
    """A parser whose error messages contain no secrets, although they quote the command line."""

    def error(self, message: str) -> NoReturn:
        super().error(visible(message))


def make_parser(commands: Iterable[Command], called: Mapping[str, str] | None = None) -> ArgumentParser:
    """Return the parser of all commands. In the parsed options, `run` is the function of the chosen command.

    Another program may run a command of envparity under another name, as `scripts/parity` runs `compare`. `called` maps
    the name of the command to this other name, which the usage line then shows.
    """
    parser = _Parser("envparity", allow_abbrev=False, description=_SUMMARY, epilog=STATUSES)
    parser.add_argument("--version", action="version", version=f"envparity {__version__}")
    parser.add_argument(
        "--project",
        metavar="FOLDER",
        help="use the doors and the locks of the project in FOLDER (default: the current folder)",
    )
    added = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for one in commands:
        text = f"{one.does[0].upper()}{one.does[1:]}."
        own = added.add_parser(
            one.name, allow_abbrev=False, help=one.does, description=text, epilog=one.statuses, usage=one.usage
        )
        own.prog = (called or {}).get(one.name, own.prog)
        own.set_defaults(run=one.run, parser=own)
        one.add(own)
    return parser


def parse(parser: ArgumentParser, arguments: Sequence[str], options: Namespace | None = None) -> Namespace:
    """Add the options of a command line to the namespace `options`, or to a new namespace, and return this namespace.

    If the command line is wrong, show the usage of the chosen command and raise SystemExit. To make this possible, each
    command's parser stores itself in the parsed options, as `parser`.
    """
    found, unknown = parser.parse_known_args(arguments, options)
    if unknown:
        found.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return found
