"""`scripts/bench network`: what a network costs a ping, between two hosts of this machine.

Of a track with itself: medians (least to most) over a bare network, with 50 ms each way, and with 1 % lost as well.
Beside them the router's own round trips, those of a TCP connection to a closed port until it is refused.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from statistics import median

from meeting import dial, latency, listening
from steadily import steadily
from twohosts import RELAY, Network, first_in_line, network

from lockenv.project import this_project
from pingtest.matrix.plan import Test, every_test
from pingtest.report import Latency

NETWORKS = {"bare": (0.0, 0.0), "50 ms each way": (0.05, 0.0), "and 1 % lost": (0.05, 0.01)}
"""The delay of each in seconds, and the share that is lost."""
_DOES = "What a network costs a ping, between two hosts of this machine; takes root and network namespaces."
STATUSES = "Exit status: 0 measured; 1 a run failed; 2 the command line is wrong; 3 this machine cannot."


def main() -> int:
    """Measure and print; the exit status: 0, or 3 where this machine cannot."""
    parser = argparse.ArgumentParser("scripts/bench network", description=_DOES, epilog=STATUSES)
    parser.add_argument("--track", choices=("v0.4", "v0.8"), default="v0.8", help="of both sides (v0.8)")
    parser.add_argument("--all", action="store_true", help="every combination, not noise and yamux alone")
    parser.add_argument("--runs", type=int, default=10, metavar="N", help="of each combination on each network (10)")
    options = parser.parse_args()
    able = subprocess.run([sys.executable, RELAY, "--check"], capture_output=True, text=True, check=False)
    if able.returncode != 0:
        print(f"scripts/bench: {able.stderr.strip().removeprefix('netrelay: ')}", file=sys.stderr)
        return 3
    python = this_project().environment(options.track) / "bin" / "python"
    chosen: dict[str, list[str]] = {} if options.all else {"channels": ["noise"], "muxers": ["yamux"]}
    tests = [test for test in every_test(options.track, options.track, **chosen) if test.limit is None]
    for name, (delay, loss) in NETWORKS.items():
        with first_in_line(), network(delay=delay, loss=loss) as net:
            round_trip = "" if loss else f": the router's round trip {median(net.round_trips(20)):.2f} ms"
            print(f"{name}{round_trip}")
            for test in tests:
                _show(test, _runs(net, test, python, options.runs))
    return 0


def _runs(net: Network, test: Test, python: Path, runs: int) -> list[Latency]:
    with listening(net, test, python) as listener:

        def once() -> Latency:
            return latency(steadily(test, lambda: dial(net, test, python, listener.address)))

        return [once() for _ in range(runs)]


def _show(test: Test, measured: list[Latency]) -> None:
    cells = []
    for figure in ("handshake_plus_one_rtt", "ping_rtt"):
        figures = sorted(getattr(one, figure) for one in measured)
        cells.append(f"{figure} {median(figures):8.2f} ms ({figures[0]:.2f} to {figures[-1]:.2f})")
    print(f"  {test.name:44} {'  '.join(cells)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
