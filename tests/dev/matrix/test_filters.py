"""The harness's filters, and shards."""

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
def test_parts_of_a_name(select: str, ignore: str, count: int) -> None:
    assert sum(Filters(select, ignore).want(test) for test in TESTS) == count


@pytest.mark.parametrize("shards", [1, 2, 3, 7])
def test_each_test_is_in_one_shard(shards: int) -> None:
    parts = [{test for test in TESTS if Filters("", "", shard, shards).want(test)} for shard in range(1, shards + 1)]
    assert sum(map(len, parts)) == len(TESTS)
    assert set().union(*parts) == set(TESTS)
    assert all(len(part) > len(TESTS) / shards / 3 for part in parts)


def test_a_shard_hangs_on_nothing_but_the_name() -> None:
    alone = [test for test in TESTS if Filters("quic-v1", "", 2, 3).want(test)]
    assert alone == [test for test in TESTS if Filters("", "", 2, 3).want(test) and "quic-v1" in test.name]
