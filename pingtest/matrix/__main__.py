"""`scripts/ping`: a dialer and a listener on this machine.

Exit status: 0 the pings came back (with --all, known limits of the libraries aside); 1 one did not;
2 the command line is wrong; 3 an environment could not be made; 130, 143 stopped by SIGINT, SIGTERM.
"""

import os
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable, Sequence
from typing import NoReturn

from rich.console import Console
from rich.progress import track as progress

from lockenv.__main__ import track_python
from lockenv.errors import LockenvError
from lockenv.project import this_project
from pingtest.matrix.plan import every_test
from pingtest.matrix.run import Result, run_test
from pingtest.matrix.show import as_data, as_table
from pingtest.settings import Muxer, SecureChannel, Transport


def main(arguments: Sequence[str]) -> int:
    """Run what the command line asks for and show it; the exit status."""
    project = this_project()
    options = _parser(project.tracks, project.default_track).parse_args(arguments)
    listener = options.listener_track or options.track
    try:
        pythons = {track: track_python(project, track) for track in {options.track, listener}}
    except LockenvError as error:
        print(f"scripts/ping: {error}", file=sys.stderr)
        return 3

    def chosen(word: str | None, every: Iterable[str], default: str) -> list[str]:
        return [word] if word else list(every) if options.all else [default]

    tests = every_test(
        options.track,
        listener,
        chosen(options.transport, Transport, "tcp"),
        chosen(options.secure_channel, SecureChannel, "noise"),
        chosen(options.muxer, Muxer, "yamux"),
    )
    wanted = [test for test in tests for _ in range(options.count)]
    hidden = len(wanted) == 1 or not sys.stderr.isatty()
    shown = progress(wanted, "pinging", console=Console(stderr=True), transient=True, disable=hidden)
    results = [run_test(test, pythons, options.timeout) for test in shown]
    if os.environ.get("DEBUG", "").lower() == "true":
        sys.stderr.write("".join(result.log for result in results))
    try:
        _show(results, options.format or ("table" if sys.stdout.isatty() else "yaml"), many=options.all)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has had enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"scripts/ping: standard output: expected it to take the result, found: {error}", file=sys.stderr)
        return 1
    fine = {"pass", "limit"} if options.all else {"pass"}
    return 0 if all(result.status in fine for result in results) else 1


def _show(results: Sequence[Result], form: str, *, many: bool) -> None:
    if form == "table":
        as_table(results, Console(), os.environ.get("LIBP2P_SOURCE"))
    elif many or len(results) > 1 or results[0].latency:
        sys.stdout.write(as_data(results, form, many=many))
    else:
        limit = results[0].test.limit
        print(results[0].error, *([f"(a known limit: {limit.cause})"] if limit else []), file=sys.stderr)


def _parser(tracks: Sequence[str], default: str) -> ArgumentParser:
    parser = ArgumentParser(
        "scripts/ping",
        allow_abbrev=False,
        description="A ping between two libp2p nodes on this machine: two processes, no Redis.",
        epilog="LIBP2P_SOURCE=git+https://HOST/REPOSITORY@COMMIT or =PATH swaps the track's library; DEBUG=true shows"
        " what both nodes log. Exit status: 0 the pings came back (with --all, known limits of the libraries aside);"
        " 1 one did not; 2 the command line is wrong; 3 an environment could not be made; 130, 143 stopped.",
    )
    add = parser.add_argument
    add("--track", choices=tracks, default=default, help=f"of the dialer and the listener ({default})")
    add("--listener-track", choices=tracks, help="another track for the listener")
    add("--transport", choices=[one.value for one in Transport], help="(tcp)")
    add("--secure-channel", choices=[one.value for one in SecureChannel], help="(noise)")
    add("--muxer", choices=[one.value for one in Muxer], help="(yamux)")
    add("--all", action="store_true", help="every combination (of those chosen), in one table")
    add("--count", type=positive, default=1, metavar="N", help="run each test N times (1)")
    add("--timeout", type=positive, default=30, metavar="S", help="seconds that a test may take (30)")
    add("--format", choices=["table", "yaml", "json"], help="table on a terminal, yaml in a pipe")
    return parser


def positive(text: str) -> int:
    """A whole number of the command line, from 1 on."""
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 1_000_000:
        raise ArgumentTypeError(f"expected a whole number from 1 to 999999, found {text[:20]!r}")
    return int(text)


def _stop(number: int, _frame: object) -> NoReturn:
    # As Ctrl-C does, so that on the way out each process that was started is ended.
    raise KeyboardInterrupt(number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGHUP, _stop)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt as stopped:
        sys.exit(128 + (stopped.args[0] if stopped.args else signal.SIGINT))
