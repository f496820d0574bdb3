"""Tests of the peer upstream, which is py-libp2p's own application of the ping test, from the wheel of libp2p.

The application is not ours, so these tests cover only what the peer adds: its start and its choice of an address.
"""

import itertools
import re
from pathlib import Path

import pytest
from peerkit import RESULT, Peer
from redisserver import RedisServer
from rolekit import unified

PEER = Peer("upstream", "run")
pytestmark = PEER.marks

EVERY = itertools.product(["tcp", "ws", "wss"], ["noise", "tls", "plaintext"], ["yamux", "mplex"])
PLAIN = ("tcp", "noise", "yamux")
COMBINATIONS = [pytest.param(*one, marks=[] if one == PLAIN else pytest.mark.slow) for one in EVERY]


@pytest.mark.parametrize(("transport", "secure_channel", "muxer"), COMBINATIONS)
def test_the_peer_pings_itself(redis: RedisServer, key: str, transport: str, secure_channel: str, muxer: str) -> None:
    chosen = {"TRANSPORT": transport, "SECURE_CHANNEL": secure_channel, "MUXER": muxer}
    with PEER.running(unified(False, redis.address, key, **chosen)):
        ended = PEER.play(unified(True, redis.address, key, **chosen))
    assert ended.status == 0, ended.stderr
    assert re.fullmatch(RESULT.replace(r"\.\d{3}", r"\.\d+"), ended.stdout)


@pytest.mark.parametrize("ip", ["127.0.0.1", "0.0.0.0"])
def test_the_announced_address_has_the_ip_version_of_the_listening_address(
    redis: RedisServer, key: str, ip: str
) -> None:
    with PEER.running(unified(False, redis.address, key, LISTENER_IP=ip)):
        address = redis.command("BLPOP", f"{key}_listener_multiaddr", "40").split("\r\n")[4]
    assert re.match(r"/ip4/[\d.]+/tcp/[1-9]\d*/p2p/12D3KooW\w+$", address), address


def test_a_checkout_without_the_peer_is_one_line(tmp_path: Path) -> None:
    ended = PEER.run_unbuilt(tmp_path)
    assert (ended.status, ended.stdout) == (1, "")
    assert ended.stderr == (
        "peer-upstream: expected a built peer, found none; build it with: scripts/matrix --build upstream\n"
    )
