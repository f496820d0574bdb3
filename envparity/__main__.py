"""`envparity`: what is installed here, whose is it, and is it what the lock says?

Exit status: 0 no error was found; 1 errors were found; 2 the comparison could not be made, or the command line is
wrong; 130, 143 stopped by SIGINT, SIGTERM.
"""

import os
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from envparity.config import Config, find_config
from envparity.doors import Look, find_door, snapshot_bytes
from envparity.errors import EnvparityError
from envparity.output import write_whole

if TYPE_CHECKING:  # what reads no report starts faster without
    from envparity.report import Report

STATUSES = (
    "Exit status: 0 no error was found; 1 errors were found; 2 the comparison could not be made, or the command line "
    "is wrong; 130, 143 stopped."
)
FORMATS = ("terminal", "json", "markdown", "sarif", "html")


def main(arguments: Sequence[str]) -> int:
    """Run one command; what keeps it from running becomes one line on standard error."""
    try:
        options = _options(arguments)
        status: int = options if isinstance(options, int) else options.run(_config(options.project), options)
        _say(b"")
    except EnvparityError as error:
        with suppress(OSError):
            print(f"envparity: {error}", file=sys.stderr, flush=True)
        return 2
    return status


def _options(arguments: Sequence[str]) -> Namespace | int:
    """The command line, or the status where argparse has said all: --help, or what is wrong."""
    options: Namespace | int = 0  # where nobody read the help
    try:
        with _output():
            options = _parser().parse_args(arguments)
    except SystemExit as ended:
        options = int(ended.code or 0)
    return options


def _config(folder: str | None) -> Config:
    try:
        return find_config(Path(folder).resolve(strict=True) if folder else Path.cwd())
    except OSError as error:
        raise EnvparityError(f"expected to read the project of this folder, found: {error}") from error


def _say(data: bytes) -> None:
    """Write to standard output; a reader that has had enough, as `head` has, changes no exit status."""
    with _output():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


@contextmanager
def _output() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # What is still in the buffer would be written, and fail again, as Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise EnvparityError(f"expected to write the result, found: {error.strerror}") from error


def _snapshot(config: Config, options: Namespace) -> int:
    track = config.check_track(options.track)
    data = snapshot_bytes(find_door(options.door or _first(config), config, track), config, track, _look(options))
    if options.output is None:
        _say(data)
    else:
        write_whole("--output", options.output, data)
    return 0


def _check(config: Config, options: Namespace) -> int:
    from envparity.session import check_door

    door, look = options.door or _first(config), _look(options)
    return _report(options, lambda: check_door(config, door, options.track, look, locked=not options.no_lock))


def _compare(config: Config, options: Namespace) -> int:
    from envparity.session import compare_doors

    doors, look = options.doors, _look(options)
    return _report(options, lambda: compare_doors(config, doors, options.track, look, locked=not options.no_lock))


def _why(config: Config, options: Namespace) -> int:
    from rich.console import Console

    from envparity.why import answer, show

    door = options.door or _first(config)
    terminal = Console(stderr=True)
    with terminal.status("looking", spinner="line") as status:
        tell = (lambda text: status.update(f"asking {text}")) if terminal.is_terminal else None
        found = answer(config, options.name, door, options.track, offline=options.offline, tell=tell)
    with _output():
        show(found)
    return 0


def _explain(_config: Config, options: Namespace) -> int:
    from envparity.explain import explain

    _say(explain(options.code).encode())
    return 0


def _doors(config: Config, options: Namespace) -> int:
    from envparity.session import list_doors

    _say(list_doors(config, config.check_track(options.track)).encode())
    return 0


def _report(options: Namespace, make: "Callable[[], Report]") -> int:
    """Make a report and show it; a file that could not be one is said before any door is opened."""
    from rich.console import Console

    from envparity.render.write import form_of, render, write_reports

    for name in options.report:
        form_of(name)
    with Console(stderr=True).status("looking behind the doors", spinner="line"):  # on a terminal only
        report = make()
    write_reports(report, options.report)
    _say(render(report, options.format, sys.stdout).encode())
    return int(report.status)


def _first(config: Config) -> str:
    if not config.doors:
        raise EnvparityError(
            "door: expected one, for no pyproject.toml here has [tool.envparity.doors]: name an environment's folder"
        )
    return next(iter(config.doors))


def _look(options: Namespace) -> Look:
    return Look(behaviour=not options.no_behaviour, bytecode=options.bytecode, timeout=options.timeout)


def _parser() -> ArgumentParser:
    parser = ArgumentParser("envparity", description=(__doc__ or "").partition("\n")[0], epilog=STATUSES)
    parser.add_argument(
        "--project", metavar="FOLDER", help="whose doors and locks (those of the folder that one is in)"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[Config, Namespace], int], summary: str) -> ArgumentParser:
        added = commands.add_parser(name, help=summary, description=summary, epilog=STATUSES)
        added.set_defaults(run=run)
        return added

    def looks(added: ArgumentParser) -> None:
        added.add_argument("--track", help="the track that the doors should be (the project's default)")
        added.add_argument("--no-behaviour", action="store_true", help="leave out the project's own checks")
        added.add_argument("--bytecode", action="store_true", help="compile every source again, to judge its bytecode")
        added.add_argument(
            "--timeout", type=seconds, default=900, metavar="S", help="seconds that a door may take (900)"
        )

    def reports(added: ArgumentParser) -> None:
        added.add_argument("--no-lock", action="store_true", help="judge without the track's lock")
        added.add_argument("--format", choices=FORMATS, default="terminal", help="of standard output (terminal)")
        added.add_argument(
            "--report",
            action="append",
            default=[],
            metavar="FILE",
            help="write it to a file as well: .html, .json, .md, .sarif or .txt; may be given again",
        )

    snapshot = command("snapshot", _snapshot, "print what is installed behind a door, as JSON")
    snapshot.add_argument("door", nargs="?", help="a door of pyproject.toml, an environment's folder or a Python")
    snapshot.add_argument("-o", "--output", metavar="FILE", help="write it to a file")
    looks(snapshot)
    check = command("check", _check, "hold one environment against its track's lock")
    check.add_argument("door", nargs="?", help="a door of pyproject.toml, a folder, a Python or a saved snapshot")
    looks(check)
    reports(check)
    compare = command("compare", _compare, "compare doors or saved snapshots, each held against the lock as well")
    compare.add_argument(
        "doors", nargs="*", metavar="DOOR", help="as for check, or NAME=ANY OF THEM; none: every door of this machine"
    )
    looks(compare)
    reports(compare)
    why = command("why", _why, "who provides a distribution or an import name, and what brought it in")
    why.add_argument("name", help="a distribution or an import name")
    why.add_argument("--door", help="where to look (the first of pyproject.toml)")
    why.add_argument("--track", help="the track that the door should be")
    why.add_argument("--offline", action="store_true", help="do not ask which release introduced a requirement")
    explain = command("explain", _explain, "what a finding's code means and how to mend it; without one, all codes")
    explain.add_argument("code", nargs="?")
    doors = command("doors", _doors, "the doors of pyproject.toml, and which of them this machine has")
    doors.add_argument("--track", help="the track that the doors should be")
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


def _stop(number: int, _frame: object) -> NoReturn:
    # As Ctrl-C does, so that on the way out each process that was started is ended.
    raise KeyboardInterrupt(number)


def run() -> NoReturn:
    """The command `envparity`."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt as stopped:
        sys.exit(128 + (stopped.args[0] if stopped.args else signal.SIGINT))


if __name__ == "__main__":
    run()
