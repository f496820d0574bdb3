"""What is installed here, whose is it, and is it what the lock says?

Exit status: 0 no error was found; 1 errors were found, or `bisect` has no one release to blame; 2 it could not be told,
or the command line is wrong; 130, 143 stopped by SIGINT, SIGTERM.
"""

import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

from envparity.cli.options import Run, make_parser, parse
from envparity.errors import EnvparityError
from envparity.files import write_whole
from envparity.project.config import Config, find_config
from envparity.snapshot.doors import Look, find_door, snapshot_bytes

if TYPE_CHECKING:  # what reads no report starts faster without
    from envparity.judge.report import Report

Found = TypeVar("Found")
Tell = Callable[[str], None]


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
            # What `bisect` runs is behind a --, and has options of its own.
            cut = list(arguments).index("--") if "--" in arguments else len(arguments)
            cut = cut if "bisect" in arguments[:cut] else len(arguments)
            parser = make_parser(_RUNS, (__doc__ or "").partition("\n")[0])
            options = parse(parser, arguments[:cut], Namespace(command_line=arguments[cut + 1 :]))
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


def _probe(_config: Config, _options: Namespace) -> int:
    from envparity.probe.assembly import probe_text

    _say(probe_text().encode())
    return 0


def _check(config: Config, options: Namespace) -> int:
    from envparity.judge.session import check_door

    door, look, config = options.door or _first(config), _look(options), _locked(config, options)
    return _report(options, lambda: check_door(config, door, options.track, look, locked=not options.no_lock))


def _compare(config: Config, options: Namespace) -> int:
    from envparity.judge.session import compare_doors

    return _report(
        options,
        lambda: compare_doors(
            _locked(config, options),
            options.doors,
            options.track,
            _look(options),
            locked=not options.no_lock,
            without=dict(options.without),
            strict=options.strict,
        ),
    )


def _why(config: Config, options: Namespace) -> int:
    from envparity.history.why import Answer, answer
    from envparity.render.why import render

    door = options.door or _first(config)

    def find(tell: "Tell | None") -> "Answer":
        asking = (lambda text: tell(f"asking {text}")) if tell else None
        return answer(config, options.name, door, options.track, offline=options.offline, tell=asking)

    found = _told("looking", find)
    _say(render(found, sys.stdout).encode())
    return 0


def _history(config: Config, options: Namespace) -> int:
    from envparity.history.run import Asked, history
    from envparity.render.history.write import form_of, render, write_reports

    for name in options.report:
        form_of(name)
    asked = Asked(
        tuple(options.requirements),
        options.track,
        options.python,
        options.since,
        options.until,
        tuple(options.watch),
        options.cache,
    )
    found = _told("resolving", lambda tell: history(config, asked, tell))
    everything = not options.watch
    write_reports(found, options.report, everything=everything)
    _say(render(found, options.format, everything=everything, stream=sys.stdout).encode())
    return 0


def _bisect(config: Config, options: Namespace) -> int:
    from envparity.history.bisect import bisect
    from envparity.history.run import Asked
    from envparity.render.bisection import render

    asked = Asked(
        tuple(options.requirements), options.track, options.python, options.good, options.bad, (), options.cache
    )
    found = _told(
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
    _say(render(found, options.format, sys.stdout).encode())
    return 0 if found.found else 1


def _explain(_config: Config, options: Namespace) -> int:
    from envparity.cli.explain import explain

    _say(explain(options.code).encode())
    return 0


def _doors(config: Config, options: Namespace) -> int:
    from envparity.judge.session import list_doors

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


def _told(beginning: str, work: "Callable[[Tell | None], Found]") -> "Found":
    """Do some long work; on a terminal a line tells how far it is."""
    from rich.console import Console
    from rich.markup import escape

    terminal = Console(stderr=True)
    with terminal.status(beginning, spinner="line") as status:
        return work((lambda text: status.update(escape(text))) if terminal.is_terminal else None)


def _first(config: Config) -> str:
    if not config.doors:
        raise EnvparityError(
            "door: expected one, for no pyproject.toml here has [tool.envparity.doors]: name an environment's folder"
        )
    return next(iter(config.doors))


def _locked(config: Config, options: Namespace) -> Config:
    # From the folder that one is in, as every path of the command line.
    return config if options.lock is None else config.with_lock(Path(options.lock).absolute())


def _look(options: Namespace) -> Look:
    return Look(behaviour=not options.no_behaviour, bytecode=options.bytecode, timeout=options.timeout)


_RUNS: dict[str, Run] = {
    "snapshot": _snapshot,
    "probe": _probe,
    "check": _check,
    "compare": _compare,
    "why": _why,
    "history": _history,
    "bisect": _bisect,
    "explain": _explain,
    "doors": _doors,
}


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
