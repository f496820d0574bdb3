"""Tests of comparing how long implementations of libp2p take to dial: rounds, medians, ratios and failures.

In each round (a turn), every implementation dials every listener once.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.command.errors import FailedError
from dev.lockenv.project import Project
from dev.matrix import engines
from dev.matrix.dialing import FIGURES, Dials, measure
from dev.matrix.endings import Implementation
from dev.matrix.engines import Stage
from dev.matrix.implementations import Party, find_parties
from dev.matrix.plan import Test, plain_test
from dev.matrix.run import Result
from pingtest.report import Latency


def party(name: str) -> Party:
    return Party(Implementation(name, "a-library", "1.0"), frozenset(), frozenset(), frozenset())


def staged(latencies: dict[tuple[str, str], Iterator[float | None]]) -> tuple[Stage, list[Test]]:
    seen: list[Test] = []

    def attempt(test: Test) -> Result:
        seen.append(test)
        found = next(latencies[test.dialer, test.listener])
        return Result(test, 1.0, None if found is None else Latency(found, found / 10), "" if found else "no pong")

    return Stage(attempt, lambda: None), seen


def test_all_pairs_take_turns_and_the_first_turn_does_not_count() -> None:
    stage, seen = staged(
        {
            ("go", "go"): iter([99, 1, 2, 3]),
            ("js", "go"): iter([99, 10, 20, 30]),
            ("go", "js"): iter([99, 5, 5, 5]),
            ("js", "js"): iter([99, None, 40, 60]),
        }
    )
    found = measure(stage, [party("go"), party("js")], 3)
    assert [(one.dialer, one.listener) for one in seen] == [("go", "go"), ("js", "go"), ("go", "js"), ("js", "js")] * 4
    assert found.find("js", "go").handshake_plus_one_rtt == (10, 20, 30)
    assert found.find("js", "go").median("ping_rtt") == 2
    assert found.find("js", "js") == Dials("js", "js", (40, 60), (4, 6), ("no pong",))
    assert found.ratio("js", "go", "go", "handshake_plus_one_rtt") == 10
    assert found.runs == 3


def test_a_pair_with_a_known_limit_is_not_dialed() -> None:
    stage, seen = staged({("v0.4", "v0.4"): iter([1, 1]), ("rust", "rust"): iter([1, 1])})
    found = measure(stage, [party("v0.4"), party("rust")], 1)
    assert {(one.dialer, one.listener) for one in seen} == {("v0.4", "v0.4"), ("rust", "rust")}
    assert "yamux.py" in found.find("rust", "v0.4").limit
    assert found.find("rust", "v0.4").median("ping_rtt") is None
    assert found.ratio("v0.4", "rust", "rust", "ping_rtt") is None


def test_a_pair_that_mostly_fails_is_an_error() -> None:
    stage, _ = staged({("go", "go"): iter([1, None, None, 1, 1])})
    said = r"^go x go: expected most of 4 pings to come back, found 2 failures, the last: no pong$"
    with pytest.raises(FailedError, match=said):
        measure(stage, [party("go")], 4)


@pytest.mark.slow
@pytest.mark.slow
@pytest.mark.processes
@pytest.mark.redis
@pytest.mark.parametrize("names", [["v0.4", "v0.8"], pytest.param(["v0.8", "js"], marks=pytest.mark.peers)])
def test_real_dials_of_two_implementations_are_measured(
    project: Project, pythons: dict[str, Path], names: list[str]
) -> None:
    parties = find_parties(project, names)
    commands = {one.name: [one.program] if one.program else engines.program_of(pythons[one.name]) for one in parties}
    with engines.processes(project, commands, 20) as stage:
        found = measure(stage, parties, 2)
    for one in found.pairs:
        assert plain_test(one.dialer, one.listener).limit is None
        assert one.failed == ()
        for figure in FIGURES:
            assert len(getattr(one, figure)) == 2
            assert 0 < min(getattr(one, figure)) < 20_000
