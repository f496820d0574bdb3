"""`scripts/bench network`: measures a ping over a simulated network, between two simulated hosts on this machine.

A track is one pinned version of libp2p, such as v0.8. The benchmark measures pings from a track to the same track. With
`--peers`, it measures pings between the tracks and other implementations, in both directions. It uses three networks:
without delay, with a delay of 50 ms each way, and with this delay and a loss of 1 % of the packets.

For each network and test, it prints the median, the minimum and the maximum. For the two networks without loss, it also
prints the round trip of the network: the time until a TCP connection to a closed port is refused.
"""

import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median

from meeting import dial, latency, listening, mailboxes
from pairings import PEERS, TRACKS, passing, programs
from rolekit import Ended
from steadily import steadily
from twohosts import RELAY, Network, first_in_line, network

from dev.command.command import Command, positive
from dev.command.errors import CommandError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import this_project
from dev.matrix.plan import Test, every_test
from pingtest.report import Latency
from pingtest.settings import Muxer, SecureChannel

NETWORKS = {"no delay": (0.0, 0.0), "50 ms each way": (0.05, 0.0), "50 ms each way, 1 % loss": (0.05, 0.01)}
"""A dict from the name of a network to its delay each way in seconds and its share of lost packets (0.01 is 1 %)."""


def _bench(options: Namespace) -> int:
    maker = EnvironmentMaker(this_project())
    for track in TRACKS:
        maker.track(track)
    _require(options.peers)
    tests = list(_tests(options.track, options.peers))
    if not options.all:
        plain = ((None, None), (SecureChannel.NOISE, Muxer.YAMUX))
        tests = [test for test in tests if (test.secure_channel, test.muxer) in plain]
    players = programs()
    failed = 0
    for name, (delay, loss) in NETWORKS.items():
        with first_in_line(), network(delay=delay, loss=loss) as net, mailboxes(net, _playing(tests, players)):
            round_trip = "" if loss else f": the round trip of the network is {median(net.round_trips(20)):.2f} ms"
            print(f"{name}{round_trip}", flush=True)
            for test in tests:
                failed += _show(test, list(_runs(net, test, players, options.runs)))
    print(f"{len(tests)} tests on {len(NETWORKS)} networks, {options.runs} runs each: {failed} runs failed")
    return 1 if failed else 0


def _require(peers: bool) -> None:
    """Raise CommandError if this machine cannot make the network, or if `peers` is set and a peer is not built.

    A peer is a program for the ping test in Go, Rust or JavaScript.
    """
    able = subprocess.run([sys.executable, RELAY, "--check"], capture_output=True, text=True, check=False)
    if able.returncode != 0:
        raise CommandError(able.stderr.strip().removeprefix("netrelay: "))
    missing = [peer for peer in PEERS if peers and peer not in programs()]
    if missing:
        build = "scripts/matrix --build"
        raise CommandError(f"expected the peers to be built, found no {' and no '.join(missing)}; build with: {build}")


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    track = f"measure only this track (default: v0.8; with --peers: {' and '.join(TRACKS)})"
    add("--track", choices=TRACKS, help=track)
    add("--peers", action="store_true", help="measure pings to and from the peers, which are other implementations")
    add("--all", action="store_true", help="measure every secure channel and muxer, not only noise with yamux")
    runs = "ping N times for each combination and each network (default: 10)"
    add("--runs", type=positive, default=10, metavar="N", help=runs)


def _tests(track: str | None, peers: bool) -> Iterable[Test]:
    if peers:
        return passing([track] if track else TRACKS)
    own = track or "v0.8"
    return (test for test in every_test(own, own) if test.limit is None)


def _playing(tests: Iterable[Test], players: dict[str, Path]) -> Iterator[Path]:
    return (players[name] for test in tests for name in (test.dialer, test.listener))


def _runs(net: Network, test: Test, players: dict[str, Path], runs: int) -> Iterator[Ended]:
    with listening(net, test, players[test.listener]) as listener:
        for _ in range(runs):
            yield steadily(test, lambda: dial(net, test, players[test.dialer], listener.address))


def _show(test: Test, runs: list[Ended]) -> int:
    """Print the row of a test and the error output of each failed run; return the number of failed runs."""
    measured = [latency(run) for run in runs if run.status == 0]
    print(f"  {test.name:44} {'  '.join(_cells(measured))}", flush=True)
    failed = [run for run in runs if run.status != 0]
    for run in failed:
        print(f"    failed: {run.stderr.strip()}", flush=True)
    return len(failed)


def _cells(measured: list[Latency]) -> Iterator[str]:
    for figure in ("handshake_plus_one_rtt", "ping_rtt") if measured else ():
        figures = sorted(getattr(one, figure) for one in measured)
        yield f"{figure} {median(figures):8.2f} ms ({figures[0]:.2f} to {figures[-1]:.2f})"


COMMAND = Command(
    name="bench network",
    does="Measure a ping over simulated networks, between two simulated hosts on this machine. The command needs root "
    "and network namespaces.",
    statuses={0: "every run was measured", 1: "a run failed", 3: "this machine cannot simulate the network"},
    run=_bench,
    add=_options,
)
