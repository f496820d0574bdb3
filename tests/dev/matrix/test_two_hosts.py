"""Tests of pings between tracks and peers across a simulated network, which delays and loses packets or is cut.

A track is one pinned version of libp2p, such as v0.4. A peer is a program for the ping test in Go, Rust
or JavaScript.
"""

from itertools import product
from typing import ClassVar

import pytest
from crossing import Crossing, passed
from meeting import mailboxes, meet
from pairings import PEERS, TRACKS, passing, programs
from twohosts import network

from dev.matrix.plan import Test
from pingtest.settings import SecureChannel, Transport

# The time limit is long, because the first test that uses a fixture waits for all runs of the fixture.
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
    """Return a test of the pair over the first of `transports` that the pair has.

    Its secure channel is noise, unless the transport contains a secure channel.
    """
    tests = [test for test in PASSING if (test.dialer, test.listener) == (dialer, listener)]
    return min(
        (test for test in tests if test.transport in transports and test.secure_channel in (None, SecureChannel.NOISE)),
        key=lambda test: transports.index(test.transport),
    )


def severed() -> list[Test]:
    """Return a test of each peer with each track in both directions: v0.4 over TCP, v0.8 over QUIC or WebSocket."""
    other = (Transport.QUIC_V1, Transport.WS)
    return [
        one(*pair, *transports)
        for peer in PEERS
        if peer in PROGRAMS
        for track, transports in (("v0.4", (Transport.TCP,)), ("v0.8", other))
        for pair in ((track, peer), (peer, track))
    ]


def test_every_peer_is_in_a_pair_with_every_track() -> None:
    """pytest collects tests only for the peers that are built, so this test notices a missing peer."""
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


def test_the_go_listener_answers_a_repeated_client_hello() -> None:
    """pion/dtls 3.1.2, which go-libp2p 0.51.0 asks for, did not: one lost packet of about sixty ended the ping."""
    ping = one("v0.8", "go", Transport.WEBRTC_DIRECT)
    with network(lose_hello_verify_request=True) as net, mailboxes(net, PROGRAMS.values()):
        meeting = meet(net, [ping], PROGRAMS)[ping]
        count = net.end()["back"]
    assert count["lost"] == 1
    passed(meeting)
