"""`scripts/bench dial`: measures a ping test with `ping_test.py`, and the same test with other applications.

The other applications are the minimal `reference.py` and, with the option `--against`, one more program. The speed of a
machine changes over time. Therefore the applications take turns, and the result is the ratio of their medians. A track,
such as v0.8, is one pinned version of libp2p.
"""

import os
import secrets
import signal
import subprocess
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import yaml
from rich import box
from rich.table import Table

from dev.command.command import Command, path, positive
from dev.command.errors import FailedError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import this_project
from dev.lockenv.system import require_program
from dev.matrix.plan import plain_test
from dev.matrix.progress import wide_console, with_progress
from dev.matrix.run import APPLICATION, role_environment, role_settings
from dev.matrix.server import redis_server

WORKERS = (1, 2, 4)
"""To measure the tests per minute, the benchmark runs first one test at a time, then two, then four."""
_TURNS = 3
REFERENCE = Path(__file__).with_name("reference.py")


@dataclass(frozen=True)
class Cost:
    """The cost of one test.

    `handshake_plus_one_rtt` and `ping_rtt` are in ms, as the dialer prints them. `wall` is the duration of the test in
    seconds. `cpu` is the CPU time of the dialer and the listener together, in seconds. `memory` is the larger peak
    memory of the two processes, in MB.
    """

    handshake_plus_one_rtt: float
    ping_rtt: float
    wall: float
    cpu: float
    memory: float


ROWS = {
    "handshake_plus_one_rtt": "ms",
    "ping_rtt": "ms",
    "wall": "s",
    "cpu": "s",
    "memory": "MB",
}


def measure(python: Path, application: Path, redis: str, timeout: float = 60.0) -> Cost:
    """Start a dialer and a listener at the same time, as a test harness does, and return the cost of this test.

    `python` runs the program `application` in both roles. The dialer and the listener find each other through `redis`,
    a Redis at HOST:PORT. `timeout` is in seconds. The measured duration ends when the dialer ends. Raises FailedError
    if the dialer does not end with status 0.
    """
    key = secrets.token_hex(4)

    def start(is_dialer: bool) -> subprocess.Popen[str]:
        settings = role_settings(plain_test("", ""), timeout, is_dialer) | {"REDIS_ADDR": redis, "TEST_KEY": key}
        out = subprocess.PIPE if is_dialer else subprocess.DEVNULL
        return subprocess.Popen(
            [python, application],
            env=role_environment(settings | {"DEBUG": "false"}),
            cwd=APPLICATION.parent,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    started = time.monotonic()
    listener, dialer = start(is_dialer=False), start(is_dialer=True)
    assert dialer.stdout is not None
    with dialer.stdout:
        told = dialer.stdout.read()
    _, status, spent = os.wait4(dialer.pid, 0)
    dialer.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - started
    # This process has not waited for the listener yet, so the listener's process ID cannot belong to another process.
    os.kill(listener.pid, signal.SIGTERM)
    _, status, also = os.wait4(listener.pid, 0)
    listener.returncode = os.waitstatus_to_exitcode(status)
    if dialer.returncode != 0:
        raise FailedError(f"{application}: expected the dialer to end with status 0, found {dialer.returncode}")
    figures = yaml.safe_load(told)["latency"]
    return Cost(
        figures["handshake_plus_one_rtt"],
        figures["ping_rtt"],
        wall,
        spent.ru_utime + spent.ru_stime + also.ru_utime + also.ru_stime,
        max(spent.ru_maxrss, also.ru_maxrss) / 1024,
    )


def rate_a_minute(python: Path, application: Path, redis: str, workers: int, tests: int) -> float:
    """Run `tests` tests of an application, `workers` at a time, and return the number of tests per minute.

    The other parameters are the same as for `measure`. Raises FailedError if a test fails.
    """
    started = time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda _: measure(python, application, redis), range(tests)))
    return 60 * tests / (time.monotonic() - started)


def _bench(options: Namespace) -> int:
    project = this_project()
    applications = {"ping_test.py": APPLICATION, "reference": REFERENCE}
    if options.against:
        applications["other"] = options.against
    maker = EnvironmentMaker(project)
    python = maker.track(options.track, maker.source)
    with redis_server(require_program(project.toolchain, "redis", "redis-server")) as redis:
        costs = _in_turns(applications, python, redis, options.runs)
        rates = _rates_in_turns(applications, python, redis, options.runs)
    show(options.track, costs, rates)
    return 0


def _options(parser: ArgumentParser) -> None:
    add = parser.add_argument
    track = "the track of the dialer and the listener (default: v0.8)"
    add("--track", choices=this_project().tracks, default="v0.8", help=track)
    runs = "run each program N times; the programs take turns (default: 15)"
    add("--runs", type=positive, default=15, metavar="N", help=runs)
    against = "also measure the program FILE, which must read the same environment variables as ping_test.py"
    add("--against", type=path, metavar="FILE", help=against)


def _in_turns(applications: Mapping[str, Path], python: Path, redis: str, runs: int) -> dict[str, list[Cost]]:
    for application in applications.values():
        # This first run fills the system's file cache, so that no application has an advantage.
        measure(python, application, redis)
    costs: dict[str, list[Cost]] = {name: [] for name in applications}
    for _ in with_progress(range(runs), "measuring"):
        for name, application in applications.items():
            costs[name].append(measure(python, application, redis))
    return costs


def _rates_in_turns(
    applications: Mapping[str, Path], python: Path, redis: str, runs: int
) -> dict[str, dict[int, list[float]]]:
    """Measure each application `_TURNS` times with each number of workers; return every rate, in tests per minute."""
    rates: dict[str, dict[int, list[float]]] = {name: {one: [] for one in WORKERS} for name in applications}
    for _ in with_progress(range(_TURNS), "measuring the tests per minute"):
        for workers in WORKERS:
            for name, application in applications.items():
                tests = max(workers, 2 * runs // _TURNS)
                rates[name][workers].append(rate_a_minute(python, application, redis, workers, tests))
    return rates


def show(track: str, costs: Mapping[str, list[Cost]], rates: Mapping[str, Mapping[int, list[float]]]) -> None:
    """Print a table with the median of each figure for each application, and the ratios of these medians.

    A figure is a cost of one test, or the tests per minute. For a cost, the table also shows the minimum. A ratio is
    the median of `ping_test.py` divided by the median of another application. `costs` maps the name of an application
    to its costs. `rates` maps the same name to a dict from the number of workers to the measured tests per minute.
    """
    console = wide_console()
    runs = len(costs["ping_test.py"])
    table = Table(title=f"{track}, tcp/noise/yamux on loopback: medians of {runs} (minimum)", box=box.SIMPLE_HEAD)
    table.add_column("figure of one test")
    for name in costs:
        table.add_column(name, justify="right")
    for name in list(costs)[1:]:
        table.add_column(f"ratio to {name}", justify="right")
    for row, unit in ROWS.items():
        figures = {name: [getattr(cost, row) for cost in several] for name, several in costs.items()}
        middle = {name: median(several) for name, several in figures.items()}
        cells = [f"{middle[name]:.2f} ({min(figures[name]):.2f})" for name in costs]
        ratios = [f"{middle['ping_test.py'] / middle[name]:.2f}" for name in list(costs)[1:]]
        table.add_row(f"{row}, {unit}", *cells, *ratios)
    for workers in WORKERS:
        middle = {name: median(rates[name][workers]) for name in costs}
        ratios = [f"{middle['ping_test.py'] / middle[name]:.2f}" for name in list(costs)[1:]]
        table.add_row(f"tests/min, {workers} at once", *(f"{middle[name]:.0f}" for name in costs), *ratios)
    console.print(table)


COMMAND = Command(
    name="bench dial",
    does="Measure a ping test with ping_test.py and with a minimal ping program, over tcp, noise and yamux on "
    "loopback. scripts/bench --help lists the other measurements.",
    statuses={0: "every run was measured", 1: "a run failed"},
    run=_bench,
    add=_options,
)
