"""The command line of `envparity`: its commands and their options."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Mapping, Sequence

from envparity.project.config import Config

Run = Callable[[Config, Namespace], int]

_WRONG = "2 it could not be told, or the command line is wrong; 130, 143 stopped."
STATUSES = f"Exit status: 0 no error was found; 1 errors were found, or no one release is to blame; {_WRONG}"
_JUDGED = f"Exit status: 0 no error was found; 1 errors were found; {_WRONG}"
_TOLD = f"Exit status: 0 it was told; {_WRONG}"
_BISECTED = f"Exit status: 0 one event broke the command; 1 no one event is to blame; {_WRONG}"
FORMATS = ("terminal", "json", "markdown", "sarif", "html")
HISTORY_FORMATS = ("terminal", "json", "markdown", "html", "svg")
BISECTION_FORMATS = ("terminal", "json")


def parse(parser: ArgumentParser, arguments: Sequence[str], options: Namespace | None = None) -> Namespace:
    """The options of a command line; what is wrong is said with the usage of the command that was given.

    Each command's own parser has itself as the default of `parser`.
    """
    found, unknown = parser.parse_known_args(arguments, options)
    if unknown:
        found.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return found


def make_parser(runs: Mapping[str, Run], summary: str, compare_as: str | None = None) -> ArgumentParser:
    """The parser; `runs` has for each command what it does, which is in the parsed options as `run`.

    What a program calls `compare` by, where it is another's command line as well, is `compare_as`.
    """
    parser = ArgumentParser("envparity", allow_abbrev=False, description=summary, epilog=STATUSES)
    parser.add_argument(
        "--project", metavar="FOLDER", help="whose doors and locks (those of the folder that one is in)"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, does: str, statuses: str, prog: str | None = None) -> ArgumentParser:
        said = f"{does[0].upper()}{does[1:]}."
        added = commands.add_parser(name, allow_abbrev=False, help=does, description=said, epilog=statuses)
        added.prog = prog or added.prog
        added.set_defaults(run=runs[name], parser=added)
        return added

    def looks(added: ArgumentParser) -> None:
        added.add_argument(
            "--track", metavar="TRACK", help="the track that the doors should be (the project's default)"
        )
        added.add_argument("--no-behaviour", action="store_true", help="leave out the project's own checks")
        added.add_argument("--bytecode", action="store_true", help="compile every source again, to judge its bytecode")
        added.add_argument(
            "--timeout", type=seconds, default=900, metavar="S", help="seconds that a door may take (900)"
        )

    def reports(added: ArgumentParser) -> None:
        lock = added.add_mutually_exclusive_group()
        lock.add_argument("--lock", metavar="FILE", help="hold it against this lock (the project's, of the track)")
        lock.add_argument("--no-lock", action="store_true", help="judge without the track's lock")
        added.add_argument("--format", choices=FORMATS, default="terminal", help="of standard output (terminal)")
        added.add_argument(
            "--report",
            action="append",
            default=[],
            metavar="FILE",
            help="write it to a file as well: .html, .json, .md, .sarif or .txt; may be given again",
        )

    def questions(added: ArgumentParser) -> None:
        added.add_argument("requirements", nargs="*", metavar="REQUIREMENT", help="as pip takes them: 'libp2p==0.4.0'")
        added.add_argument("--track", metavar="TRACK", help="the requirements of a track, beside those given")
        added.add_argument("--python", metavar="3.N", help="the series of Python that it is for (this one's)")
        added.add_argument("--cache", metavar="FOLDER", help="where answers are kept (the project's .cache)")

    snapshot = command("snapshot", "print what is installed behind a door, as JSON", _TOLD)
    snapshot.add_argument(
        "door",
        nargs="?",
        metavar="DOOR",
        help="a door of pyproject.toml (its first), an environment's folder or a Python",
    )
    snapshot.add_argument("-o", "--output", metavar="FILE", help="write it to a file, not to standard output")
    looks(snapshot)
    command("probe", "print the program that `snapshot` feeds to a door's Python, for you to feed it by hand", _TOLD)
    check = command("check", "hold one environment against its track's lock", _JUDGED)
    check.add_argument(
        "door",
        nargs="?",
        metavar="DOOR",
        help="a door of pyproject.toml (its first), a folder, a Python or a saved snapshot",
    )
    looks(check)
    reports(check)
    compare = command(
        "compare", "compare doors or saved snapshots, each held against the lock as well", _JUDGED, compare_as
    )
    compare.add_argument(
        "doors", nargs="*", metavar="DOOR", help="as for check, or NAME=ANY OF THEM; none: every door of this machine"
    )
    compare.add_argument("--strict", action="store_true", help="without a DOOR: each of pyproject.toml's must open")
    compare.add_argument(
        "--without",
        action="append",
        default=[],
        type=named,
        metavar="NAME=REASON",
        help="without a DOOR: leave this one out, and tell why; may be given again",
    )
    looks(compare)
    reports(compare)
    why = command("why", "tell who provides a distribution or an import name, and what brought it in", _TOLD)
    why.add_argument("name", metavar="NAME", help="a distribution or an import name")
    why.add_argument("--door", metavar="DOOR", help="where to look (the first of pyproject.toml)")
    why.add_argument("--track", metavar="TRACK", help="the track that the door should be (the project's default)")
    why.add_argument("--offline", action="store_true", help="do not ask which release introduced a requirement")
    past = command("history", "tell which release changed what requirements stand for, and when", _TOLD)
    questions(past)
    past.add_argument("--since", metavar="D", help="a date or an instant, UTC (the first resolution that there was)")
    past.add_argument("--until", metavar="D", help="a date, its day included, or an instant (now)")
    past.add_argument(
        "--watch", nargs="+", action="extend", default=[], metavar="NAME", help="tell of these distributions alone"
    )
    past.add_argument("--format", choices=HISTORY_FORMATS, default="terminal", help="of standard output (terminal)")
    past.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="FILE",
        help="write it to a file as well: .html, .svg (the picture), .json, .md or .txt; may be given again",
    )
    search = command("bisect", "find the release that broke a command", _BISECTED)
    search.usage = "%(prog)s [-h] [OPTION ...] --good D --bad D [REQUIREMENT ...] -- COMMAND ..."
    questions(search)
    search.add_argument("--good", required=True, metavar="D", help="a date or an instant as of which it passes")
    search.add_argument("--bad", required=True, metavar="D", help="a later one as of which it fails")
    search.add_argument("--installer", choices=("pip", "uv"), default="pip", help="what makes environments (pip)")
    search.add_argument(
        "--again", type=times, default=2, metavar="N", help="how often either side of it is tried once more (2)"
    )
    search.add_argument(
        "--timeout", type=seconds, default=900, metavar="S", help="seconds that the command may take (900)"
    )
    search.add_argument("--format", choices=BISECTION_FORMATS, default="terminal", help="of standard output (terminal)")
    explain = command("explain", "tell what a finding's code means and how to mend it", _TOLD)
    explain.add_argument("code", nargs="?", metavar="CODE", help="a code of a finding; none: all of them, a line each")
    doors = command("doors", "list the doors of pyproject.toml, and whose program this machine has", _TOLD)
    doors.add_argument("--track", metavar="TRACK", help="the track that the doors should be (the project's default)")
    return parser


def seconds(text: str) -> float:
    """A positive number of the command line."""
    try:
        found = float(text)
    except ValueError:
        found = 0
    if not 0 < found < 1e6:
        raise ArgumentTypeError(f"expected a number of seconds, found {text[:20]!r}")
    return found


def named(text: str) -> tuple[str, str]:
    """A name and what is said of it."""
    name, equals, said = text.partition("=")
    if not (name and equals and said):
        raise ArgumentTypeError(f"expected NAME=REASON, found {text[:80]!r}")
    return name, said


def times(text: str) -> int:
    """A small count of the command line."""
    if not (text.isascii() and text.isdecimal() and int(text) <= 100):
        raise ArgumentTypeError(f"expected a whole number from 0 to 100, found {text[:20]!r}")
    return int(text)
