"""Tests of choosing tests of a matrix: by the filters of the harness unified-testing, and by shards.

A shard is one of N parts of the tests, so that N machines can each run one part.
"""

import pytest

from dev.matrix.filters import Filters
from dev.matrix.plan import every_test

TESTS = [test for dialer in ("v0.4", "v0.8") for listener in ("v0.4", "v0.8") for test in every_test(dialer, listener)]


@pytest.mark.parametrize(
    ("select", "ignore", "count"),
    [
        ("", "", 80),
        ("quic-v1", "", 4),
        ("quic-v1|webrtc", "", 8),
        ("v0.4 x v0.8", "", 20),
        ("", "v0.4", 20),
        ("tcp|ws", "wss|plaintext|tls", 4 * 2 * 2),
        ("|", "|", 80),
        ("nowhere", "", 0),
    ],
)
def test_filters_select_tests_by_parts_of_their_names(select: str, ignore: str, count: int) -> None:
    assert sum(Filters(select, ignore).want(test) for test in TESTS) == count


@pytest.mark.parametrize("shards", [1, 2, 3, 7])
def test_each_test_is_in_exactly_one_shard(shards: int) -> None:
    parts = [{test for test in TESTS if Filters("", "", shard, shards).want(test)} for shard in range(1, shards + 1)]
    assert sum(map(len, parts)) == len(TESTS)
    assert set().union(*parts) == set(TESTS)
    assert all(len(part) > len(TESTS) / shards / 3 for part in parts)


def test_the_shard_of_a_test_depends_only_on_its_name() -> None:
    alone = [test for test in TESTS if Filters("quic-v1", "", 2, 3).want(test)]
    assert alone == [test for test in TESTS if Filters("", "", 2, 3).want(test) and "quic-v1" in test.name]
