"""`scripts/ping`: a dialer and a listener on this machine.

Exit status: 0 the pings came back (with --all, known limits of the libraries aside); 1 one did not;
2 the command line is wrong; 3 an environment could not be made; 130 interrupted.
"""

import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence

from rich.console import Console
from rich.progress import track as progress

from lockenv.__main__ import track_python
from lockenv.errors import LockenvError
from lockenv.project import this_project
from pingtest.matrix.plan import Test, every_test
from pingtest.matrix.run import run_test
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
    tests = list(every_test(options.track, listener))
    if not options.all:
        transport = Transport(options.transport)
        channel = None if transport.standalone else SecureChannel(options.secure_channel)
        tests = [Test(options.track, listener, transport, channel, Muxer(options.muxer) if channel else None)]
    wanted = [test for test in tests for _ in range(options.count)]
    hidden = len(wanted) == 1 or not sys.stderr.isatty()
    shown = progress(wanted, "pinging", console=Console(stderr=True), transient=True, disable=hidden)
    results = [run_test(test, pythons, options.timeout) for test in shown]
    form = options.format or ("table" if sys.stdout.isatty() else "yaml")
    if form == "table":
        as_table(results, Console())
    elif len(results) > 1 or results[0].latency:
        sys.stdout.write(as_data(results, form))
    else:
        print(results[0].error, file=sys.stderr)
    fine = {"pass", "limit"} if options.all else {"pass"}
    return 0 if all(result.status in fine for result in results) else 1


def _parser(tracks: Sequence[str], default: str) -> ArgumentParser:
    swap = "LIBP2P_SOURCE=git+https://HOST/REPOSITORY@COMMIT or =PATH swaps the track's library"
    parser = ArgumentParser("scripts/ping", description="A ping between two libp2p nodes here, no Redis.", epilog=swap)
    add = parser.add_argument
    add("--track", choices=tracks, default=default, help=f"of the dialer and the listener ({default})")
    add("--listener-track", choices=tracks, help="another track for the listener")
    add("--transport", choices=list(Transport), default="tcp", help="(tcp)")
    add("--secure-channel", choices=list(SecureChannel), default="noise", help="(noise)")
    add("--muxer", choices=list(Muxer), default="yamux", help="(yamux)")
    add("--all", action="store_true", help="every combination, in one table")
    add("--count", type=_positive, default=1, metavar="N", help="run each test N times (1)")
    add("--timeout", type=_positive, default=30, metavar="S", help="seconds that a test may take (30)")
    add("--format", choices=["table", "yaml", "json"], help="table on a terminal, yaml in a pipe")
    return parser


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 1_000_000:
        raise ArgumentTypeError(f"expected a whole number from 1 to 999999, found {text[:20]!r}")
    return int(text)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
