"""Options that several commands share, and the functions that read their values.

A door is a way to reach an environment: any command that starts its Python. A track is one variant
of the project, such as `v0.4`.
"""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from envparity.errors import EnvparityError
from envparity.project.config import Config
from envparity.snapshot.doors import Look
from envparity.snapshot.outside import Outside
from envparity.text import visible

if TYPE_CHECKING:  # not at run time: commands that judge nothing start faster without these modules
    from envparity.judge.session import Tracing
    from envparity.project.discovery import Found
    from envparity.project.locks.lock import Choice

FORMATS = ("terminal", "json", "markdown", "sarif", "html", "github", "gitlab", "junit")
HISTORY_FORMATS = ("terminal", "json", "markdown", "html", "svg")
BISECTION_FORMATS = ("terminal", "json")
# The options of `add_choice`, as attributes of the parsed command line.
_CHOICES = (
    *("group", "no_group", "only_group", "extra", "package", "no_default_groups", "all_groups", "all_extras"),
    *("all_packages", "no_install_project", "no_install_workspace"),
)


def add_door(parser: ArgumentParser, also: str) -> None:
    """Add the argument DOOR, which `door_of` reads; `also` lists further values of DOOR for the help."""
    parser.add_argument(
        "door",
        nargs="?",
        metavar="DOOR",
        help=f"a door of pyproject.toml, {also} (default: the first door of pyproject.toml, else the active "
        "environment, else the nearest environment of the project)",
    )


def add_track(parser: ArgumentParser) -> None:
    """Add the option --track."""
    parser.add_argument(
        "--track",
        metavar="TRACK",
        help="use the environment and the lock of this track (default: the default track of the project)",
    )


def add_look(parser: ArgumentParser) -> None:
    """Add --track and the options about reading an environment, such as --bytecode; `look_of` reads these options."""
    add_track(parser)
    parser.add_argument("--no-behaviour", action="store_true", help="do not run the project's own behaviour checks")
    parser.add_argument(
        "--bytecode",
        action="store_true",
        help="compile every source again, and compare the result with the bytecode that is installed",
    )
    add_outside(parser)
    add_timeout(parser, "the time limit for opening and reading a door, in seconds (default: 900)")


def add_lock(parser: ArgumentParser) -> None:
    """Add --lock and --no-lock."""
    lock = parser.add_mutually_exclusive_group()
    lock.add_argument("--lock", metavar="FILE", help="compare with the lock FILE (default: the lock of the track)")
    lock.add_argument("--no-lock", action="store_true", help="do not compare with a lock")


def add_choice(parser: ArgumentParser) -> None:
    """Add the options that choose groups and extras of a lock; `choice_of` reads these options."""
    usual = "(default: the groups that an install command such as `uv sync` installs)"
    for option, says in (
        ("--group", f"expect the distributions in the group NAME of the lock, too {usual}"),
        ("--no-group", "do not expect the group NAME"),
        ("--only-group", "expect only the group NAME; with poetry.lock, expect the project, too"),
        ("--extra", "expect the extra NAME of the project, too"),
        ("--package", "expect the member NAME of the workspace instead of the project"),
    ):
        parser.add_argument(option, action="append", default=[], metavar="NAME", help=f"{says}; may be repeated")
    parser.add_argument(
        "--no-default-groups",
        action="store_true",
        help="do not expect the groups that an install command installs without options, as after `uv sync --no-dev`",
    )
    parser.add_argument("--all-groups", action="store_true", help="expect every group of the lock")
    parser.add_argument("--all-extras", action="store_true", help="expect every extra of the project")
    parser.add_argument("--all-packages", action="store_true", help="expect every member of the workspace")
    parser.add_argument(
        "--no-install-project",
        action="store_true",
        help="expect only the requirements of the project, and not the project itself",
    )
    parser.add_argument(
        "--no-install-workspace",
        action="store_true",
        help="expect only the requirements of the workspace's members, and no member itself",
    )


def choice_of(options: Namespace) -> "Choice":
    """Return the groups and extras that the options of `add_choice` name."""
    from envparity.project.locks.lock import Choice

    return Choice(
        groups=tuple(options.group),
        no_groups=tuple(options.no_group),
        no_default_groups=options.no_default_groups,
        only_groups=tuple(options.only_group),
        extras=tuple(options.extra),
        all_extras=options.all_extras,
        all_groups=options.all_groups,
        folder=Path.cwd().resolve(),
        no_project=options.no_install_project,
        no_workspace=options.no_install_workspace,
        packages=tuple(options.package),
        all_packages=options.all_packages,
    )


def refuse_choice(config: Config, options: Namespace) -> None:
    """Raise EnvparityError if the options choose groups or extras, but there is no lock to compare with."""
    if config.locks is not None and not options.no_lock:
        return
    chosen = next((name for name in _CHOICES if getattr(options, name)), None)
    if chosen is None:
        return
    found = "--no-lock" if options.no_lock else "no lock; name it with --lock FILE"
    raise EnvparityError(f"--{chosen.replace('_', '-')}: expected a lock with groups and extras, found {found}")


def add_outside(parser: ArgumentParser) -> None:
    """Add the options for reading from outside, without starting a program; `outside_of` reads these options."""
    group = parser.add_argument_group("reading from outside, without starting a program of the environment")
    group.add_argument(
        "--no-run", action="store_true", help="read every door from outside, even the folder of an environment"
    )
    group.add_argument(
        "--outside",
        action="append",
        default=[],
        type=named,
        metavar="NAME=PLACE",
        help="with --no-run: read the door NAME of pyproject.toml at PLACE, for example image:app:1 or a folder; may "
        "be repeated (default: the place in [tool.envparity.outside])",
    )
    which = group.add_mutually_exclusive_group()
    which.add_argument(
        "--prefix",
        metavar="FOLDER",
        help="the environment in an image, for example /app/.venv (default: the environment of the image's "
        "VIRTUAL_ENV or PATH; if they name no Python, all environments)",
    )
    which.add_argument("--all", action="store_true", help="read all environments in an image, and report on each")
    group.add_argument(
        "--python",
        metavar="VERSION",
        help="the version of Python, for example 3.12, for a folder without an interpreter, such as a folder that `pip "
        "install --target` made",
    )
    group.add_argument("--image", metavar="NAME", help="the tag or the digest of the image, if an archive has several")
    group.add_argument(
        "--platform",
        metavar="OS/ARCH",
        help="the platform, for example linux/arm64, if an archive has images for several (default: this machine's)",
    )


def add_artefacts(parser: ArgumentParser) -> None:
    """Add the options that compare files with the wheels that a lock names; `tracing_of` reads these options."""
    parser.add_argument(
        "--artefacts",
        action="store_true",
        help="fetch the wheels that the lock names, with pip as you configured it, and compare every installed file "
        "with the bytes in these wheels; this finds a file that somebody changed together with its RECORD",
    )
    parser.add_argument(
        "--artefacts-from",
        metavar="FOLDER",
        help="like --artefacts, and also compare distributions that were built from source with the wheels in FOLDER; "
        "first build these wheels again",
    )
    parser.add_argument(
        "--cache",
        metavar="FOLDER",
        help="with --artefacts: keep the file hashes of wheels in FOLDER (default: .cache/envparity/artefacts in the "
        "project; outside a project, the user's cache folder)",
    )


def tracing_of(options: Namespace) -> "Tracing | None":
    """Return the settings for comparing files with wheels, from the options of `add_artefacts`.

    Return None without --artefacts and --artefacts-from. Raise EnvparityError if --artefacts-from names no folder.
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


def add_baseline(parser: ArgumentParser) -> None:
    """Add the option --baseline, which `with_baseline` reads."""
    parser.add_argument(
        "--baseline",
        metavar="REPORT",
        help="a JSON report of an earlier run, made with --report FILE.json; an error that this report already has is "
        "shown as known and does not change the exit status",
    )


def with_baseline(config: Config, options: Namespace) -> Config:
    """Return the settings with the report that --baseline names; raise EnvparityError if its file cannot be read."""
    if options.baseline is None:
        return config
    from envparity.judge.baseline import read_baseline

    return replace(config, baseline=read_baseline(Path(options.baseline), options.baseline))


def look_of(options: Namespace) -> Look:
    """Return how to read an environment, from the options of `add_look`."""
    return Look(not options.no_behaviour, options.bytecode, options.timeout, outside_of(options))


def outside_of(options: Namespace) -> Outside:
    """Return how to read doors from outside, from the options of `add_outside`."""
    return Outside(options.no_run, options.prefix, options.all, options.python, options.image, options.platform)


def door_of(config: Config, options: Namespace) -> "tuple[str, Found | None]":
    """Return the door that the command line names, or else the door that envparity chooses.

    The second value says how envparity found the environment of the project; None if the command line or pyproject.toml
    names the door. Raise EnvparityError if there is no door and no environment.
    """
    from envparity.project.chosen import chosen_door

    return chosen_door(config, options.door)


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
    """Return NAME and VALUE of the text NAME=VALUE; raise ArgumentTypeError for any other text."""
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise ArgumentTypeError(f"expected NAME=VALUE, found {text[:80]!r}")
    return name, value


def times(text: str) -> int:
    """Return a whole number from 0 to 100; raise ArgumentTypeError for any other text."""
    if not (text.isascii() and text.isdecimal() and int(text) <= 100):
        raise ArgumentTypeError(f"expected a whole number from 0 to 100, found {text[:20]!r}")
    return int(text)
