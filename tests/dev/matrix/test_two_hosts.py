"""Tests of the tracks with the peers across a network, in both directions: delay, loss and a cut link."""

from itertools import product
from typing import ClassVar

import pytest
from crossing import Crossing
from pairings import PEERS, TRACKS, passing, programs

from dev.matrix.plan import Test
from pingtest.settings import SecureChannel, Transport

# The first test of a fixture also waits for all runs of the fixture.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.processes,
    pytest.mark.netns,
    pytest.mark.peers,
    pytest.mark.redis,
    pytest.mark.timeout(400),
]

PROGRAMS = programs()
PASSING = list(passing(TRACKS))


def one(dialer: str, listener: str, *transports: Transport) -> Test:
    """Return the first of the pair's tests on the first of the transports that it has, over noise."""
    tests = [test for test in PASSING if (test.dialer, test.listener) == (dialer, listener)]
    return min(
        (test for test in tests if test.transport in transports and test.secure_channel in (None, SecureChannel.NOISE)),
        key=lambda test: transports.index(test.transport),
    )


def severed() -> list[Test]:
    """Return a test of each peer in both directions, with libp2p 0.4 over TCP and with 0.8 over another transport."""
    other = (Transport.QUIC_V1, Transport.WS)
    return [
        one(*pair, *transports)
        for peer in PEERS
        if peer in PROGRAMS
        for track, transports in (("v0.4", (Transport.TCP,)), ("v0.8", other))
        for pair in ((track, peer), (peer, track))
    ]


def test_every_peer_is_in_a_pair_with_every_track() -> None:
    """pytest collects only the pairs of built peers, so without this test a missing peer would go unnoticed."""
    pairs = {(test.dialer, test.listener) for test in PASSING}
    assert pairs == {*product(TRACKS, PEERS), *product(PEERS, TRACKS)}


class TestPeers(Crossing):
    programs: ClassVar = PROGRAMS
    passing: ClassVar = PASSING
    timed: ClassVar = [
        one(track, peer, Transport.TCP)
        for track, peer in (("v0.8", "go"), ("v0.4", "js"), ("v0.8", "rust"))
        if peer in PROGRAMS
    ]
    severed: ClassVar = severed()
