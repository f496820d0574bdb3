"""Options that several commands share, and the functions that read their values.

A door is a way to reach an environment: any command that starts its Python. A track is a set of the project's
requirements with its own lock, such as `v0.4`.
"""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from envparity.errors import EnvparityError
from envparity.project.config import Config
from envparity.snapshot.doors import Look
from envparity.text import visible

if TYPE_CHECKING:  # not at run time: commands without a report start faster
    from envparity.judge.session import Tracing

FORMATS = ("terminal", "json", "markdown", "sarif", "html")
HISTORY_FORMATS = ("terminal", "json", "markdown", "html", "svg")
BISECTION_FORMATS = ("terminal", "json")


def add_door(parser: ArgumentParser, also: str) -> None:
    """Add the argument DOOR, which `door_of` reads; `also` describes what it may be besides a door of the project."""
    parser.add_argument(
        "door",
        nargs="?",
        metavar="DOOR",
        help=f"a door of pyproject.toml, {also} (default: the first door of pyproject.toml)",
    )


def add_track(parser: ArgumentParser) -> None:
    """Add the option --track."""
    parser.add_argument(
        "--track",
        metavar="TRACK",
        help="use the environment and the lock of this track (default: the default track of the project)",
    )


def add_look(parser: ArgumentParser) -> None:
    """Add --track and the options that say how closely to look at an environment; `look_of` reads these options."""
    add_track(parser)
    parser.add_argument("--no-behaviour", action="store_true", help="do not run the project's own behaviour checks")
    parser.add_argument(
        "--bytecode",
        action="store_true",
        help="compile every source again, and compare the result with the bytecode that is installed",
    )
    add_timeout(parser, "the time limit for opening and reading a door, in seconds (default: 900)")


def add_artefacts(parser: ArgumentParser) -> None:
    """Add the options that compare files with the wheels that a lock names; `tracing_of` reads these options."""
    parser.add_argument(
        "--artefacts",
        action="store_true",
        help="fetch the wheels that the lock names, with pip as you configured it, and compare every installed file "
        "with the bytes in them; this finds a file that somebody changed together with its RECORD",
    )
    parser.add_argument(
        "--artefacts-from",
        metavar="FOLDER",
        help="as --artefacts; for distributions that are built from source, use the wheels in FOLDER, which you built "
        "again",
    )
    parser.add_argument(
        "--cache",
        metavar="FOLDER",
        help="with --artefacts: keep the file hashes of wheels in FOLDER (default: .cache/envparity/artefacts in the "
        "project; outside a project, the user's cache folder)",
    )


def tracing_of(options: Namespace) -> "Tracing | None":
    """Return how to compare files with wheels, from the options of `add_artefacts`; None without these options.

    Raise EnvparityError if --artefacts-from does not name a folder.
    """
    from envparity.judge.session import Tracing

    # Like every path on the command line, these paths are relative to the current folder, not to the project's folder.
    built = Path(options.artefacts_from).absolute() if options.artefacts_from is not None else None
    if built is not None and not built.is_dir():
        raise EnvparityError(f"--artefacts-from: expected a folder, found none: {visible(options.artefacts_from)}")
    if built is None and not options.artefacts:
        return None
    return Tracing(built, Path(options.cache).absolute() if options.cache else None)


def add_timeout(parser: ArgumentParser, says: str) -> None:
    """Add the option --timeout, in seconds; `says` is its help text."""
    parser.add_argument("--timeout", type=seconds, default=900, metavar="S", help=says)


def add_format(parser: ArgumentParser, formats: Sequence[str]) -> None:
    """Add the option --format, the format of standard output; `formats` are the allowed values."""
    parser.add_argument(
        "--format", choices=formats, default="terminal", help="the format of standard output (default: terminal)"
    )


def add_reports(parser: ArgumentParser, endings: str) -> None:
    """Add the option --report, which names a file to write; `endings` lists the allowed endings for the help."""
    says = f"also write the result to FILE, whose ending chooses the format: {endings}; may be repeated"
    parser.add_argument("--report", action="append", default=[], metavar="FILE", help=says)


def look_of(options: Namespace) -> Look:
    """Return how closely to look, from the options of `add_look`."""
    return Look(behaviour=not options.no_behaviour, bytecode=options.bytecode, timeout=options.timeout)


def door_of(config: Config, options: Namespace) -> str:
    """Return the door on the command line, or else the project's first door; raise EnvparityError if neither exists."""
    if options.door:
        return str(options.door)
    if not config.doors:
        raise EnvparityError(
            "door: expected a DOOR, found none, and no pyproject.toml here has [tool.envparity.doors]; "
            "name the folder of an environment"
        )
    return next(iter(config.doors))


def seconds(text: str) -> float:
    """Return a number of seconds above 0 and below a million; raise ArgumentTypeError for any other text."""
    try:
        found = float(text)
    except ValueError:
        found = 0
    if not 0 < found < 1e6:
        raise ArgumentTypeError(f"expected a number of seconds, found {text[:20]!r}")
    return found


def named(text: str) -> tuple[str, str]:
    """Return NAME and REASON of the text NAME=REASON; raise ArgumentTypeError for any other text."""
    name, equals, reason = text.partition("=")
    if not (name and equals and reason):
        raise ArgumentTypeError(f"expected NAME=REASON, found {text[:80]!r}")
    return name, reason


def times(text: str) -> int:
    """Return a whole number from 0 to 100; raise ArgumentTypeError for any other text."""
    if not (text.isascii() and text.isdecimal() and int(text) <= 100):
        raise ArgumentTypeError(f"expected a whole number from 0 to 100, found {text[:20]!r}")
    return int(text)
