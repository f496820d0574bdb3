"""Tests of the js peer, the node of the ping test that uses js-libp2p.

The peer pings itself, refuses bad input in one line, and ends as docs/reference/harness.md says.
"""

import itertools
import re
import signal
import time
from pathlib import Path

import pytest
from peerkit import RESULT, Peer, announce
from redisserver import RedisServer
from rolekit import PEER_ID, ROOM, Ended, dial_at_once, say_nothing, server, unified

from pingtest.errors import Status

PEER = Peer("js", "run")
pytestmark = PEER.marks

EVERY = itertools.product(["tcp", "ws", "wss"], ["noise", "tls"], ["yamux", "mplex"])
PLAIN = ("tcp", "noise", "yamux")
COMBINATIONS = [pytest.param(*one, marks=[] if one == PLAIN else pytest.mark.slow) for one in EVERY]


def fails_in_one_line(ended: Ended, status: Status, *parts: str) -> None:
    PEER.fails_in_one_line(ended, status, "found", *parts)


@pytest.mark.parametrize(("transport", "secure_channel", "muxer"), COMBINATIONS)
def test_the_peer_pings_itself(redis: RedisServer, key: str, transport: str, secure_channel: str, muxer: str) -> None:
    chosen = {"TRANSPORT": transport, "SECURE_CHANNEL": secure_channel, "MUXER": muxer}
    with PEER.running(unified(False, redis.address, key, **chosen)) as listener:
        ended = PEER.play(unified(True, redis.address, key, **chosen))
        listener.terminate()
        assert listener.communicate(timeout=ROOM) == ("", "")
        assert listener.returncode == 0
    assert (ended.status, ended.stderr) == (0, "")
    found = re.fullmatch(RESULT, ended.stdout)
    assert found is not None, ended.stdout
    assert float(found[1]) > float(found[2]) > 0


def test_dialers_that_arrive_in_the_same_moment_each_get_a_pong(redis: RedisServer, key: str) -> None:
    assert [one.error for one in dial_at_once(None, redis, key, 8, PEER.program)] == [""] * 8


@pytest.mark.parametrize(
    ("ip", "announced"),
    [("127.0.0.1", r"/ip4/127\.0\.0\.1/"), ("0.0.0.0", r"/ip4/(?!127\.|0\.)[\d.]+/"), ("::1", "/ip6/::1/")],
)
def test_the_announced_address_follows_from_the_listening_address(
    redis: RedisServer, key: str, ip: str, announced: str
) -> None:
    with PEER.running(unified(False, redis.address, key, LISTENER_IP=ip)):
        address = redis.command("BLPOP", f"{key}_listener_multiaddr", "40").split("\r\n")[4]
        assert re.match(announced + r"tcp/[1-9]\d*/p2p/12D3KooW\w+$", address), address


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("IS_DIALER", "maybe", 'IS_DIALER: expected true or false, found "maybe"'),
        ("IS_DIALER", None, "IS_DIALER: expected true or false, found nothing (unset)"),
        ("REDIS_ADDR", "redis", 'REDIS_ADDR: expected HOST:PORT, a port from 1 to 65535, found "redis"'),
        ("REDIS_ADDR", "redis:65536", 'found "redis:65536"'),
        ("TEST_KEY", "é5b50d5e", "TEST_KEY: expected 8 hexadecimal digits, found "),
        ("TRANSPORT", "quic-v1", 'TRANSPORT: expected one of tcp, ws, wss, found "quic-v1"'),
        ("SECURE_CHANNEL", "plaintext", 'SECURE_CHANNEL: expected one of noise, tls, found "plaintext"'),
        ("MUXER", "", "MUXER: expected one of yamux, mplex, found nothing (empty)"),
        ("LISTENER_IP", "localhost", "LISTENER_IP: expected an IPv4 or IPv6 address"),
        ("TEST_TIMEOUT_SECS", "0", "TEST_TIMEOUT_SECS: expected a number of seconds, more than 0"),
        ("TEST_TIMEOUT_SECS", "1e3", 'found "1e3"'),
        ("DEBUG", "yes", 'DEBUG: expected true or false, found "yes"'),
    ],
)
def test_a_bad_setting_is_one_line_that_names_it(
    redis: RedisServer, key: str, name: str, value: str | None, says: str
) -> None:
    ended = PEER.play(unified(True, redis.address, key, **{name: value}))
    fails_in_one_line(ended, Status.SETTINGS, says, "in the environment")


@pytest.mark.slow
@pytest.mark.parametrize("is_dialer", [True, False])
def test_a_redis_that_refuses_or_hangs_is_one_line(key: str, is_dialer: bool) -> None:
    ended = PEER.play(unified(is_dialer, "127.0.0.1:1", key, TEST_TIMEOUT_SECS="12"))
    fails_in_one_line(ended, Status.RENDEZVOUS, "Redis at 127.0.0.1:1, key ", "ECONNREFUSED")
    with server(say_nothing) as port:
        ended = PEER.play(unified(is_dialer, f"127.0.0.1:{port}", key, TEST_TIMEOUT_SECS="14"))
    fails_in_one_line(ended, Status.RENDEZVOUS, f"Redis at 127.0.0.1:{port}", "no answer, for 7 s")


def test_a_dialer_without_a_listener_uses_up_the_time(redis: RedisServer, key: str) -> None:
    ended = PEER.play(unified(True, redis.address, key, TEST_TIMEOUT_SECS="3.5"))
    fails_in_one_line(
        ended, Status.TIME, "within 3.5 s", f"waiting for the listener's address (Redis at {redis.address}"
    )
    assert 3.4 < ended.seconds < 3.5 + ROOM


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("garbage", Status.ADDRESS, 'found "garbage"'),
        ("/ip4/127.0.0.1/tcp/1", Status.ADDRESS, "it does not end with a peer ID"),
        (f"/ip4/127.0.0.1/tcp/1/ws/p2p/{PEER_ID}", Status.ADDRESS, "it is for another transport: ip4/tcp/ws/p2p"),
        (f"/ip4/127.0.0.1/tcp/1/p2p/{PEER_ID}", Status.DIAL, "ECONNREFUSED"),
    ],
)
def test_an_address_that_cannot_be_dialed_is_one_line(
    redis: RedisServer, key: str, address: str, status: Status, says: str
) -> None:
    announce(redis, key, address)
    fails_in_one_line(PEER.play(unified(True, redis.address, key)), status, f"Redis at {redis.address}", says)


def test_a_peer_with_another_id_is_one_line(redis: RedisServer, key: str) -> None:
    name = f"{key}_listener_multiaddr"
    with PEER.running(unified(False, redis.address, key)):
        address = redis.command("BLPOP", name, "40").split("\r\n")[4]
        redis.command("RPUSH", name, f"{address.rpartition('/')[0]}/{PEER_ID}")
        fails_in_one_line(PEER.play(unified(True, redis.address, key)), Status.PEER_ID, PEER_ID)


def test_a_listener_announces_again_after_a_restart_of_redis(own_redis: RedisServer, key: str) -> None:
    name = f"{key}_listener_multiaddr"
    with PEER.running(unified(False, own_redis.address, key)):
        first = own_redis.command("BLPOP", name, "40").split("\r\n")[4]
        own_redis.stop()
        own_redis.start()
        assert own_redis.command("BLPOP", name, "40").split("\r\n")[4] == first


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_dialer_exits_with_the_signals_status_and_no_result(
    redis: RedisServer, key: str, number: signal.Signals, status: int
) -> None:
    with PEER.running(unified(True, redis.address, key)) as dialer:
        while "blocked_clients:0" in redis.command("INFO", "clients"):
            assert dialer.poll() is None
            time.sleep(0.05)
        dialer.send_signal(number)
        assert dialer.communicate(timeout=ROOM) == ("", "")
        assert dialer.returncode == status


def test_a_peer_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    ended = PEER.run_unbuilt(tmp_path)
    assert (ended.status, ended.stdout) == (1, "")
    assert ended.stderr == "peer-js: expected a built peer, found none; build it with: scripts/matrix --build js\n"
