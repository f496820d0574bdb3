"""Measure how long each implementation takes to dial.

An implementation is a track (one pinned version of py-libp2p on one Python) or a peer (another program for the ping
test, such as `peers/go`). In each round, every implementation dials every implementation once.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from statistics import median
from typing import Literal

from dev.command.errors import FailedError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project
from dev.matrix import engines
from dev.matrix.endings import Implementation
from dev.matrix.engines import Stage
from dev.matrix.implementations import Party, find_parties
from dev.matrix.plan import plain_test

SCHEMA: Literal["dialing-1"] = "dialing-1"
FIGURES = ("handshake_plus_one_rtt", "ping_rtt")
AMONG = ("v0.4", "v0.8", "js", "go", "rust")
"""The names of the implementations in docs/reference/performance.md."""
_TIMEOUT = 20  # seconds that a test may take


@dataclass(frozen=True)
class Dials:
    """The dials of one dialer to one listener.

    `handshake_plus_one_rtt` and `ping_rtt` have one figure in ms for each dial that passed. `failed` has one error line
    for each dial that failed. If a library is known to fail this test, there are no dials, and `limit` is the cause.
    """

    dialer: str
    listener: str
    handshake_plus_one_rtt: tuple[float, ...] = ()
    ping_rtt: tuple[float, ...] = ()
    failed: tuple[str, ...] = ()
    limit: str = ""

    def median(self, figure: str) -> float | None:
        """Return the median in ms of `figure`, one of FIGURES; None if no dial passed."""
        return median(figures) if (figures := getattr(self, figure)) else None


@dataclass(frozen=True)
class Dialing:
    """One run of the benchmark: each pair dials `runs` times, over tcp, noise and yamux on loopback.

    Each dial starts two new processes.
    """

    schema: Literal["dialing-1"]
    day: str
    cores: int
    runs: int
    implementations: tuple[Implementation, ...]
    pairs: tuple[Dials, ...] = field(default=())

    def find(self, dialer: str, listener: str) -> Dials:
        """Return the dials of a pair. Raises StopIteration if this run does not have the pair."""
        return next(one for one in self.pairs if (one.dialer, one.listener) == (dialer, listener))

    def ratio(self, dialer: str, other: str, listener: str, figure: str) -> float | None:
        """Return the median of `figure` for `dialer`, divided by the median for `other`, both with the same listener.

        `figure` is one of FIGURES. Return None if one of the two pairs has no dial that passed. Raises RuntimeError if
        this run does not have one of the pairs.
        """
        own, others = (self.find(one, listener).median(figure) for one in (dialer, other))
        return own / others if own and others else None


def dial_all(
    project: Project, among: Sequence[str], runs: int, turns: Callable[[Sequence[int]], Iterator[int]]
) -> Dialing:
    """Let every implementation in `among` dial every implementation in `among`, each `runs` times; return the figures.

    `turns` gets the numbers of the rounds and yields them unchanged, for example to show a progress bar. Raises
    UsageError if a name in `among` is unknown, CommandError if an implementation is missing, and FailedError as
    `measure` does.
    """
    parties = find_parties(project, among)
    maker = EnvironmentMaker(project)
    commands = {
        party.name: [party.program] if party.program else engines.program_of(maker.track(party.name, maker.source))
        for party in parties
    }
    with engines.processes(project, commands, _TIMEOUT) as stage:
        return measure(stage, parties, runs, turns)


def measure(
    stage: Stage,
    parties: Sequence[Party],
    runs: int,
    turns: Callable[[Sequence[int]], Iterator[int]] = iter,
) -> Dialing:
    """Let every party dial every party `runs` times, one dial at a time, and return the figures.

    One more round runs first, and its figures do not count. The docstring of `dial_all` explains `turns`. Raises
    FailedError if at least half of a pair's dials fail.
    """
    pairs = [_before(dialer.name, listener.name) for listener in parties for dialer in parties]
    for turn in turns(range(runs + 1)):
        for number, before in enumerate(pairs):
            if before.limit:
                continue
            result = stage.attempt(plain_test(before.dialer, before.listener))
            if turn == 0:
                continue
            if result.latency is None:
                pairs[number] = replace(before, failed=(*before.failed, result.error))
            else:
                pairs[number] = replace(
                    before,
                    handshake_plus_one_rtt=(*before.handshake_plus_one_rtt, result.latency.handshake_plus_one_rtt),
                    ping_rtt=(*before.ping_rtt, result.latency.ping_rtt),
                )
    for one in pairs:
        if len(one.failed) * 2 >= runs:
            raise FailedError(
                f"{one.dialer} x {one.listener}: expected most of {runs} pings to come back, found {len(one.failed)} "
                f"failures, the last: {one.failed[-1]}"
            )
    return Dialing(
        SCHEMA,
        f"{datetime.now(UTC):%Y-%m-%d}",
        len(os.sched_getaffinity(0)),
        runs,
        tuple(party.implementation for party in parties),
        tuple(pairs),
    )


def _before(dialer: str, listener: str) -> Dials:
    limit = plain_test(dialer, listener).limit
    return Dials(dialer, listener, limit=limit.cause if limit else "")
