"""The commands that ask about the releases of distributions: why, history and bisect."""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from envparity.cli.command import ANSWERED, BISECTED, Command
from envparity.cli.options import (
    BISECTION_FORMATS,
    HISTORY_FORMATS,
    add_format,
    add_reports,
    add_timeout,
    add_track,
    door_of,
    times,
)
from envparity.cli.output import Tell, progress, say
from envparity.project.config import Config

if TYPE_CHECKING:  # not at run time: commands that need no package index start faster
    from envparity.history.run import Asked
    from envparity.history.why import Answer


def _add_why(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a distribution, an import name, or a file of the environment")
    parser.add_argument(
        "--door",
        metavar="DOOR",
        help="look in the environment behind this door (default: as for envparity check)",
    )
    add_track(parser)
    parser.add_argument(
        "--offline",
        action="store_true",
        help="use only the answers in the cache; do not ask the package index",
    )


def _why(config: Config, options: Namespace) -> int:
    from envparity.history.why import answer
    from envparity.render.why import render

    door = door_of(config, options)[0]

    def find(tell: Tell) -> "Answer":
        def asking(text: str) -> None:
            tell(f"asking {text}")

        return answer(config, options.name, door, options.track, offline=options.offline, tell=asking)

    say(render(progress("looking", find), sys.stdout))
    return 0


def _add_question(parser: ArgumentParser) -> None:
    parser.add_argument(
        "requirements", nargs="*", metavar="REQUIREMENT", help="a requirement as for pip, for example 'libp2p==0.4.0'"
    )
    parser.add_argument("--track", metavar="TRACK", help="add the requirements of this track")
    parser.add_argument(
        "--python",
        metavar="3.N",
        help="the minor version of Python to install for, for example 3.11 (default: the version of the Python that "
        "runs envparity)",
    )
    parser.add_argument(
        "--cache",
        metavar="FOLDER",
        help="keep the answers of the package index in FOLDER (default: .cache/envparity/history in the project; "
        "outside a project, the user's cache folder)",
    )


def _asked(options: Namespace, since: str | None, until: str | None, watch: list[str]) -> "Asked":
    from envparity.history.run import Asked

    return Asked(tuple(options.requirements), options.track, options.python, since, until, tuple(watch), options.cache)


def _add_history(parser: ArgumentParser) -> None:
    _add_question(parser)
    parser.add_argument(
        "--since",
        metavar="D",
        help="begin at this date or moment, in UTC (default: when the requirements could first be installed)",
    )
    parser.add_argument("--until", metavar="D", help="end at the end of this date, or at this moment (default: now)")
    parser.add_argument(
        "--watch",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME",
        help="report only the changes of these distributions",
    )
    add_format(parser, HISTORY_FORMATS)
    add_reports(parser, ".html, .svg (a picture), .json, .md or .txt")


def _history(config: Config, options: Namespace) -> int:
    from envparity.history.run import history
    from envparity.render.history.write import form_of, render, write_reports

    for name in options.report:
        form_of(name)
    asked = _asked(options, options.since, options.until, options.watch)
    found = progress("resolving", lambda tell: history(config, asked, tell))
    everything = not options.watch
    write_reports(found, options.report, everything=everything)
    say(render(found, options.format, everything=everything, stream=sys.stdout))
    return 0


def _add_bisect(parser: ArgumentParser) -> None:
    _add_question(parser)
    parser.add_argument(
        "--good",
        required=True,
        metavar="D",
        help="a date or moment at which the command passes, for example 2025-10-20 or 2025-10-20T14:00Z",
    )
    parser.add_argument("--bad", required=True, metavar="D", help="a later date or moment at which the command fails")
    parser.add_argument(
        "--installer",
        choices=("pip", "uv"),
        default="pip",
        help="make the environments with this program (default: pip)",
    )
    parser.add_argument(
        "--again",
        type=times,
        default=2,
        metavar="N",
        help="run the command N more times with the releases from just before the change that broke the command, and N "
        "more times with the releases from just after the change (default: 2)",
    )
    add_timeout(parser, "the time limit for one run of the command, in seconds (default: 900)")
    add_format(parser, BISECTION_FORMATS)


def _bisect(config: Config, options: Namespace) -> int:
    from envparity.history.bisect import bisect
    from envparity.render.bisection import render

    asked = _asked(options, options.good, options.bad, [])
    found = progress(
        "resolving",
        lambda tell: bisect(
            config,
            asked,
            options.command_line,
            installer=options.installer,
            again=options.again,
            timeout=options.timeout,
            tell=tell,
        ),
    )
    say(render(found, options.format, sys.stdout))
    return 0 if found.found else 1


WHY = Command(
    "why",
    "report which distribution provides a name or a file, and which requirements brought in that distribution",
    ANSWERED,
    _add_why,
    _why,
)
HISTORY = Command(
    "history",
    "report which releases changed the versions that your requirements install, and when",
    ANSWERED,
    _add_history,
    _history,
)
BISECT = Command(
    "bisect",
    "find the release that broke a command",
    BISECTED,
    _add_bisect,
    _bisect,
    "%(prog)s [-h] [OPTION ...] --good D --bad D [REQUIREMENT ...] -- COMMAND ...",
)
