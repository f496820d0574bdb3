"""Results as maps: for each combination, a table of dialers and listeners with a colour level for each cell.

A combination is a transport, a secure channel and a muxer.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from dev.matrix.endings import Ending, Implementation, PingOutcome, Results
from dev.matrix.text import visible
from pingtest.report import Latency

LEVELS = 5
"""The number of colour levels. A higher level means a longer time."""

ORDER = (Ending.FAIL, Ending.UNEXPECTED, Ending.FLAKY, Ending.LIMIT, Ending.PASS, Ending.UNSUPPORTED)
"""The statuses, in the order in which a person should look at them."""


@dataclass(frozen=True)
class Cell:
    """One test in a map.

    `number` is the index of the test in the list of outcomes. The two levels, from 0 to LEVELS - 1, compare the test's
    two times with the times of the other tests. A level is 0 if the test has no such time.
    """

    number: int
    outcome: PingOutcome
    handshake_level: int
    ping_level: int


@dataclass(frozen=True)
class Map:
    """The map of one combination: a row for each dialer, and in the row a cell for each listener.

    `layers` names the secure channel and the muxer, for example `noise, yamux`. It is empty if the transport already
    contains both. A row is the dialer's name and its cells. A cell is None if the plan has no test of that dialer and
    that listener.
    """

    transport: str
    layers: str
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]


@dataclass(frozen=True)
class Pair:
    """A dialer and a listener: the number of their tests by status, over all combinations."""

    dialer: str
    listener: str
    counts: dict[Ending, int]
    passed: int
    """The number of tests whose ping came back, also in a later attempt, or although the test has a known limit."""

    @property
    def worst(self) -> Ending:
        """Return the first status of `ORDER` that a test of this pair has; `unsupported` if the pair has no tests."""
        return next((status for status in ORDER if self.counts[status]), Ending.UNSUPPORTED)

    @property
    def run(self) -> int:
        """Return the number of tests that ran."""
        return sum(self.counts.values()) - self.counts[Ending.UNSUPPORTED]


def printable(results: Results) -> Results:
    """Return the same results, but with escapes for the control characters in every text, except in the logs."""
    return replace(
        results,
        began=visible(results.began),
        implementations=tuple(
            Implementation(visible(one.name), visible(one.library), visible(one.version))
            for one in results.implementations
        ),
        outcomes=tuple(
            replace(
                one,
                test=replace(one.test, dialer=visible(one.test.dialer), listener=visible(one.test.listener)),
                error=visible(one.error),
                cause=visible(one.cause),
            )
            for one in results.outcomes
        ),
    )


def implementations(results: Results) -> dict[str, Implementation]:
    """Return the implementations by name: first those that the results list, then any other that a test names."""
    known = {one.name: one for one in results.implementations}
    named = (name for one in results.outcomes for name in (one.test.dialer, one.test.listener))
    return known | {name: Implementation(name, "", "") for name in dict.fromkeys(named) if name not in known}


def cells(outcomes: Sequence[PingOutcome]) -> list[Cell]:
    """Return a cell for each outcome, in the same order."""
    handshake = _levels(outcomes, lambda latency: latency.handshake_plus_one_rtt)
    ping = _levels(outcomes, lambda latency: latency.ping_rtt)
    return [Cell(number, *three) for number, three in enumerate(zip(outcomes, handshake, ping, strict=True))]


def maps(every: Iterable[Cell], names: Sequence[str]) -> Iterator[tuple[str, list[Map]]]:
    """Yield each transport with the maps of its combinations.

    `names` are the implementations, in the order of the rows and the columns. The transports, secure channels and
    muxers have the order of their enums in pingtest/settings.py.
    """
    combinations: dict[tuple[str, str], dict[tuple[str, str], Cell]] = {}
    for cell in sorted(every, key=lambda cell: _rank(cell.outcome)):
        test = cell.outcome.test
        layers = ", ".join(part for part in (test.secure_channel, test.muxer) if part is not None)
        combinations.setdefault((test.transport, layers), {})[test.dialer, test.listener] = cell
    for transport, keys in groupby(combinations, key=lambda key: key[0]):
        yield transport, [Map(*key, _rows(combinations[key], names)) for key in keys]


def pairs(outcomes: Sequence[PingOutcome], names: Sequence[str]) -> list[tuple[str, list[Pair]]]:
    """Return a row for each dialer in `names`: its name, and its pair with each listener in `names`."""
    found = {(dialer, listener): dict.fromkeys(Ending, 0) for dialer in names for listener in names}
    passed = Counter((one.test.dialer, one.test.listener) for one in outcomes if one.latency is not None)
    for one in outcomes:
        found[one.test.dialer, one.test.listener][one.status] += 1
    return [
        (dialer, [Pair(dialer, listener, found[dialer, listener], passed[dialer, listener]) for listener in names])
        for dialer in names
    ]


def _rows(found: dict[tuple[str, str], Cell], names: Sequence[str]) -> tuple[tuple[str, tuple[Cell | None, ...]], ...]:
    return tuple((dialer, tuple(found.get((dialer, listener)) for listener in names)) for dialer in names)


def _rank(one: PingOutcome) -> tuple[int, ...]:
    return tuple(
        -1 if part is None else list(type(part)).index(part)
        for part in (one.test.transport, one.test.secure_channel, one.test.muxer)
    )


def measurable(figure: float) -> bool:
    """Return whether a logarithmic scale can show a figure: it must be finite and greater than 0."""
    return math.isfinite(figure) and figure > 0


def _levels(outcomes: Sequence[PingOutcome], of: Callable[[Latency], float]) -> list[int]:
    figures = [of(one.latency) if one.latency else math.nan for one in outcomes]
    logs = [math.log(figure) for figure in figures if measurable(figure)]
    low, high = min(logs, default=0.0), max(logs, default=0.0)
    span = (high - low) or 1.0
    return [
        min(int((math.log(figure) - low) / span * LEVELS), LEVELS - 1) if measurable(figure) else 0
        for figure in figures
    ]
