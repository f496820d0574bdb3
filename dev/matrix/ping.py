"""The command `scripts/ping`: one ping between a dialer and a listener on this machine, or one for each combination.

The dialer and the listener run py-libp2p. A combination is a transport, a secure channel and a muxer.
"""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence

from rich.console import Console

from dev.command.command import Command, positive
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import this_project
from dev.matrix.plan import every_test
from dev.matrix.progress import with_progress
from dev.matrix.run import Result, run_test
from dev.matrix.show import as_data, as_table
from pingtest.settings import Muxer, SecureChannel, Transport


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit status."""
    return COMMAND.main(arguments)


def _ping(options: Namespace) -> int:
    project = this_project()
    listener = options.listener_track or options.track
    maker = EnvironmentMaker(project)
    pythons = {track: maker.track(track, maker.source) for track in {options.track, listener}}

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
    pinging = with_progress(wanted, "pinging", hidden=len(wanted) == 1)
    results = [run_test(test, pythons, options.timeout) for test in pinging]
    if os.environ.get("DEBUG", "").lower() == "true":
        sys.stderr.write("".join(result.log for result in results))
    _show(results, options.format or ("table" if sys.stdout.isatty() else "yaml"), many=options.all)
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


def _options(parser: ArgumentParser) -> None:
    project = this_project()
    tracks, default = project.tracks, project.default_track
    add = parser.add_argument
    add("--track", choices=tracks, default=default, help=f"the track of both nodes (default: {default})")
    add("--listener-track", choices=tracks, help="the track of the listener (default: the track that --track names)")
    every = "with --all: every"
    add(
        "--transport", choices=[one.value for one in Transport], help=f"the transport (default: tcp; {every} transport)"
    )
    secure = f"the secure channel (default: noise; {every} secure channel)"
    add("--secure-channel", choices=[one.value for one in SecureChannel], help=secure)
    add("--muxer", choices=[one.value for one in Muxer], help=f"the muxer (default: yamux; {every} muxer)")
    add("--all", action="store_true", help="test every combination that fits the options that you give")
    add("--count", type=positive, default=1, metavar="N", help="run each test N times (default: 1)")
    add("--timeout", type=positive, default=30, metavar="S", help="stop a test after S seconds (default: 30)")
    form = "the format of standard output (default: table on a terminal, yaml in a pipe)"
    add("--format", choices=["table", "yaml", "json"], help=form)


COMMAND = Command(
    name="ping",
    does="Ping between two libp2p nodes on this machine. Each node is a process, and the nodes need no Redis.",
    statuses={
        0: "every ping came back (with --all, a test may fail because of a known limit of a library)",
        1: "a ping did not come back, or a test passed although a library has a known limit",
        3: "an environment could not be made",
    },
    run=_ping,
    add=_options,
    more="LIBP2P_SOURCE=git+https://HOST/REPOSITORY@COMMIT or LIBP2P_SOURCE=PATH replaces the track's library. "
    "DEBUG=true prints the logs of both nodes.",
)
