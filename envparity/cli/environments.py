"""The commands that look at environments: snapshot, probe, check, compare and doors.

A door is a way to reach an environment: any command that starts its Python.
"""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from envparity.cli.command import ANSWERED, JUDGED, Command
from envparity.cli.options import (
    FORMATS,
    add_artefacts,
    add_baseline,
    add_choice,
    add_door,
    add_format,
    add_lock,
    add_look,
    add_reports,
    add_track,
    choice_of,
    door_of,
    look_of,
    named,
    refuse_choice,
    tracing_of,
    with_baseline,
)
from envparity.cli.output import progress, say
from envparity.files import write_whole
from envparity.probe.assembly import probe_text
from envparity.project.config import Config
from envparity.snapshot.doors import find_door, snapshot_bytes

if TYPE_CHECKING:  # not at run time: commands without a report start faster
    from envparity.judge.report import Report
    from envparity.judge.session import Tracing


def _add_snapshot(parser: ArgumentParser) -> None:
    add_door(parser, "the folder of an environment, a Python, an archive of an image, or image:NAME")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write the snapshot to FILE (default: to standard output)"
    )
    add_look(parser)


def _snapshot(config: Config, options: Namespace) -> int:
    track, config = config.check_track(options.track), config.with_outside(dict(options.outside))
    look = look_of(options)
    data = snapshot_bytes(find_door(door_of(config, options)[0], config, track, look.outside), config, track, look)
    if options.output is None:
        say(data)
    else:
        write_whole("--output", options.output, data)
    return 0


def _probe(_config: Config, _options: Namespace) -> int:
    say(probe_text())
    return 0


def _add_judged(parser: ArgumentParser) -> None:
    add_look(parser)
    add_lock(parser)
    add_choice(parser)
    add_artefacts(parser)
    add_baseline(parser)
    add_format(parser, FORMATS)
    add_reports(parser, ".gitlab.json, .html, .json, .md, .sarif, .txt or .xml (JUnit)")


def _add_check(parser: ArgumentParser) -> None:
    add_door(parser, "the folder of an environment, a Python, a saved snapshot, an archive of an image, or image:NAME")
    _add_judged(parser)


def _check(config: Config, options: Namespace) -> int:
    return _report(options, check_of(with_baseline(config, options), options, tracing_of(options)))


def check_of(config: Config, options: Namespace, tracing: "Tracing | None" = None) -> "Callable[[], Report]":
    """Return a function that checks the environment that the options name, and returns the report.

    Raise EnvparityError for the same reasons as `settings_of`.
    """
    from envparity.judge.session import check_door

    door, config, chosen = settings_of(config, options)
    look, locked = look_of(options), not options.no_lock
    return lambda: check_door(config, door, options.track, look, locked=locked, tracing=tracing, chosen=chosen)


def settings_of(config: Config, options: Namespace) -> tuple[str, Config, str | None]:
    """Return the door, the settings with the lock to compare with, and a text about the chosen environment and lock.

    The text is None if the command line or pyproject.toml names the door. Raise EnvparityError if envparity finds
    neither a door nor an environment, if it cannot choose or read the lock, or if the options choose groups or extras
    but there is no lock to compare with.
    """
    from envparity.project.chosen import with_lock

    door, found = door_of(config, options)
    no_lock = "no lock, because of --no-lock" if options.no_lock else None
    config, chosen = with_lock(_locked(config, options), found, no_lock)
    refuse_choice(config, options)
    return door, config, chosen


def _add_compare(parser: ArgumentParser) -> None:
    parser.add_argument(
        "doors",
        nargs="*",
        metavar="DOOR",
        help="a door, as for envparity check; if you write NAME=DOOR, the report calls the door NAME (default: every "
        "door of pyproject.toml that this machine can open)",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="if you name no DOOR: fail if any door of pyproject.toml does not open",
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        type=named,
        metavar="NAME=REASON",
        help="if you name no DOOR: leave out the door NAME, and show REASON in the report; may be repeated",
    )
    _add_judged(parser)


def _compare(config: Config, options: Namespace) -> int:
    from envparity.judge.session import compare_doors

    tracing, config = tracing_of(options), _locked(with_baseline(config, options), options)
    refuse_choice(config, options)
    return _report(
        options,
        lambda: compare_doors(
            config,
            options.doors,
            options.track,
            look_of(options),
            locked=not options.no_lock,
            without=dict(options.without),
            strict=options.strict,
            tracing=tracing,
        ),
    )


def _doors(config: Config, options: Namespace) -> int:
    from envparity.judge.session import list_doors

    say(list_doors(config, config.check_track(options.track)))
    return 0


def _report(options: Namespace, make: "Callable[[], Report]") -> int:
    """Call `make`, write its report to the --report files, print the report, and return the exit status.

    If a --report file has an unknown ending, raise EnvparityError before any door opens.
    """
    from envparity.render.write import form_of, render, write_reports

    for name in options.report:
        form_of(name)
    report = progress("reading the environments", lambda _: make())
    write_reports(report, options.report)
    say(render(report, options.format, sys.stdout))
    return int(report.status)


def _locked(config: Config, options: Namespace) -> Config:
    # Like every path on the command line, this path is relative to the current folder, not to the project's folder.
    config = replace(config, choice=choice_of(options)).with_outside(dict(options.outside))
    return config if options.lock is None else config.with_lock(Path(options.lock).absolute())


SNAPSHOT = Command("snapshot", "print what is installed in an environment, as JSON", ANSWERED, _add_snapshot, _snapshot)
PROBE = Command(
    "probe",
    "print the program that `envparity snapshot` runs in the Python behind a door, so that you can run it yourself",
    ANSWERED,
    lambda _parser: None,
    _probe,
)
CHECK = Command("check", "check one environment, and compare it with the lock", JUDGED, _add_check, _check)
COMPARE = Command(
    "compare",
    "check several environments, and compare them with each other and with the lock",
    JUDGED,
    _add_compare,
    _compare,
)
DOORS = Command(
    "doors",
    "list the doors of pyproject.toml; for each door, show whether this machine has the program that opens it",
    ANSWERED,
    add_track,
    _doors,
)
