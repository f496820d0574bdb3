"""Tests of the maps of a matrix: the place of each test, the status of each pair, and the colour level of each cell.

A map is a table of dialers and listeners for one combination of transport, secure channel and muxer.
"""

from dataclasses import replace
from itertools import chain

from matrix_samples import IMPLEMENTATIONS, mapped, sample, small

from dev.matrix.endings import Ending, PingOutcome
from dev.matrix.maps import LEVELS, ORDER, cells, implementations, maps, pairs, printable
from dev.matrix.plan import every_test
from pingtest.report import Latency

NAMES = [one.name for one in IMPLEMENTATIONS]


def test_every_test_is_once_in_the_map_of_its_combination() -> None:
    every = cells(sample().outcomes)
    found = list(maps(reversed(every), NAMES))
    assert [transport for transport, _ in found] == ["tcp", "ws", "wss", "quic-v1", "webrtc-direct"]
    assert [one.layers for one in found[0][1]] == [
        *("noise, yamux", "noise, mplex", "tls, yamux", "tls, mplex", "plaintext, yamux", "plaintext, mplex"),
    ]
    assert [one.layers for one in found[3][1]] == [""]
    placed = []
    for one in chain.from_iterable(those for _, those in found):
        for dialer, row in one.rows:
            for listener, cell in zip(NAMES, row, strict=True):
                assert cell is not None
                test = cell.outcome.test
                assert (test.dialer, test.listener, test.transport) == (dialer, listener, one.transport)
                placed.append(cell.number)
    assert sorted(placed) == list(range(len(every)))


def test_a_test_that_was_not_planned_has_no_cell() -> None:
    (_, (one, *_)), *_ = maps(cells(small().outcomes), ["v0.8", "go"])
    assert [[cell is not None for cell in row] for _, row in one.rows] == [[False, True], [False, False]]


def test_colour_levels_follow_the_logarithm_and_are_zero_without_figures() -> None:
    test = next(every_test("a", "b"))
    figures = [1.0, 10.0, 100.0, 1000.0, 10_000.0, None]
    outcomes = [
        PingOutcome(test, Ending.PASS, 0, 1, None if one is None else Latency(one, 10_001 - one)) for one in figures
    ]
    assert [cell.handshake_level for cell in cells(outcomes)] == [0, 1, 2, 3, LEVELS - 1, 0]
    assert [cell.ping_level for cell in cells(outcomes)][-2:] == [0, 0]


def test_a_pair_has_the_status_of_its_worst_test_and_ignores_unsupported_tests() -> None:
    results = small()
    ((_, (_, pair)), _) = pairs(results.outcomes, ["v0.8", "go"])
    assert (pair.worst, pair.passed, pair.run) == (Ending.FAIL, 3, 5)
    for status in ORDER:
        ((_, (_, pair)), _) = pairs([one for one in results.outcomes if one.status is status], ["v0.8", "go"])
        assert pair.worst is status
    ((_, (pair, _)), _) = pairs(results.outcomes, ["v0.8", "go"])
    assert (pair.worst, pair.run) == (Ending.UNSUPPORTED, 0)
    limited = replace(results.outcomes[0], status=Ending.FLAKY, latency=None, error="failed because of a known limit")
    ((_, (_, pair)), _) = pairs([limited], ["v0.8", "go"])
    assert (pair.passed, pair.run) == (0, 1), "no ping came back"
    assert set(ORDER) == set(Ending)


def test_sides_that_are_not_declared_come_last() -> None:
    results = replace(small(), implementations=IMPLEMENTATIONS[2:3])
    assert list(implementations(results)) == ["js", "v0.8", "go"]


def test_printable_results_have_control_characters_in_logs_only() -> None:
    results = printable(mapped(small(), lambda text: f"{text}\u202e"))
    plain = replace(results, outcomes=tuple(replace(one, log="") for one in results.outcomes))
    assert "\u202e" not in "".join(
        map(str, (plain.began, plain.implementations, [one.error for one in plain.outcomes]))
    )
    assert all(one.test.name.count("\\u202e") == 2 for one in plain.outcomes)
    assert printable(small()) == small()
