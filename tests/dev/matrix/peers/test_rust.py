"""Tests of the Rust peer, the node of the ping test that uses rust-libp2p.

The peer pings itself, refuses bad input in one line, and ends on a signal.
"""

import re
import signal
import time
from itertools import product
from pathlib import Path

import pytest
from peerkit import RESULT, Peer, announce, announced
from redisserver import RedisServer
from rolekit import PEER_ID, ROOM, Ended, dial_at_once, say_nothing, server, unified, wait_for_line

from pingtest.errors import Status

PEER = Peer("rust", "release/peer-rust")
pytestmark = PEER.marks

COMBINATIONS = [
    *product(("tcp", "ws"), ("noise", "tls"), ("yamux", "mplex")),
    ("quic-v1", None, None),
]


def fails_in_one_line(ended: Ended, status: Status, *parts: str) -> None:
    PEER.fails_in_one_line(ended, status, "found", *parts)


@pytest.mark.parametrize(("transport", "channel", "muxer"), COMBINATIONS)
def test_the_peer_pings_itself(
    redis: RedisServer, key: str, transport: str, channel: str | None, muxer: str | None
) -> None:
    changes = {"TRANSPORT": transport, "SECURE_CHANNEL": channel, "MUXER": muxer}
    with PEER.running(unified(False, redis.address, key, **changes)) as listener:
        ended = PEER.play(unified(True, redis.address, key, **changes))
        listener.send_signal(signal.SIGTERM)
        assert listener.wait(ROOM) == Status.DONE
    assert ended.status == Status.DONE, ended.stderr
    assert ended.stderr == ""
    found = re.fullmatch(RESULT, ended.stdout)
    assert found, ended.stdout
    assert 0 < float(found[2]) < float(found[1])


def test_dialers_that_arrive_in_the_same_moment_each_get_a_pong(redis: RedisServer, key: str) -> None:
    assert [one.error for one in dial_at_once(None, redis, key, 8, PEER.program)] == [""] * 8


def test_without_a_listening_address_it_announces_a_reachable_address(redis: RedisServer, key: str) -> None:
    with PEER.running(unified(False, redis.address, key, LISTENER_IP=None)) as listener:
        line = wait_for_line(listener, "listening on ")
        address = announced(redis, key)
    assert line == f"peer-rust: listening on {address}\n"
    assert re.fullmatch(r"/ip4/(?!127\.)[\d.]+/tcp/\d+/p2p/12D3\w+", address)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"IS_DIALER": "maybe"}, 'IS_DIALER: expected one of true, false, found "maybe" in the environment'),
        ({"TRANSPORT": None}, "TRANSPORT: expected one of tcp, ws, quic-v1, found nothing (unset) in the environment"),
        ({"TRANSPORT": "wss"}, 'TRANSPORT: expected one of tcp, ws, quic-v1, found "wss" in the environment'),
        ({"SECURE_CHANNEL": "plaintext"}, 'SECURE_CHANNEL: expected one of noise, tls, found "plaintext"'),
        ({"MUXER": ""}, "MUXER: expected one of yamux, mplex, found nothing (empty)"),
        ({"REDIS_ADDR": "localhost"}, 'REDIS_ADDR: expected HOST:PORT, found "localhost"'),
        ({"REDIS_ADDR": "localhost:0"}, 'REDIS_ADDR: expected HOST:PORT, found "localhost:0"'),
        ({"TEST_KEY": "a\nb"}, 'TEST_KEY: expected 8 hexadecimal digits, found "a\\nb"'),
        ({"LISTENER_IP": "here"}, 'LISTENER_IP: expected an IPv4 or IPv6 address to listen on, found "here"'),
        ({"TEST_TIMEOUT_SECS": "nan"}, 'expected a number of seconds, more than 0 and at most 86400, found "nan"'),
        ({"TEST_TIMEOUT_SECS": "0"}, "TEST_TIMEOUT_SECS: expected a number of seconds, more than 0 and at most 86400,"),
        ({"DEBUG": "perhaps"}, 'DEBUG: expected one of true, false, found "perhaps"'),
    ],
)
def test_a_bad_setting_is_one_line_that_names_it(key: str, changes: dict[str, str | None], line: str) -> None:
    fails_in_one_line(PEER.play(unified(True, "127.0.0.1:1", key, **changes)), Status.SETTINGS, line)


@pytest.mark.parametrize("is_dialer", [True, False])
def test_a_redis_that_does_not_run_is_one_line(key: str, is_dialer: bool) -> None:
    with server(say_nothing) as port:
        pass
    ended = PEER.play(unified(is_dialer, f"127.0.0.1:{port}", key))
    fails_in_one_line(ended, Status.RENDEZVOUS, f"Redis at 127.0.0.1:{port}", "refused")


def test_a_key_with_a_string_instead_of_a_list_is_one_line(redis: RedisServer, key: str) -> None:
    redis.command("SET", f"{key}_listener_multiaddr", "text")
    fails_in_one_line(PEER.play(unified(True, redis.address, key)), Status.RENDEZVOUS, key, "WRONGTYPE")


def test_a_dialer_without_a_listener_uses_up_the_time(redis: RedisServer, key: str) -> None:
    ended = PEER.play(unified(True, redis.address, key, TEST_TIMEOUT_SECS="1"))
    fails_in_one_line(ended, Status.TIME, "within 1 s", "waiting for the listener's address", key)
    assert ended.seconds < 1 + ROOM


@pytest.mark.parametrize("is_dialer", [True, False])
def test_a_redis_that_hangs_uses_up_the_time(key: str, is_dialer: bool) -> None:
    with server(say_nothing) as port:
        ended = PEER.play(unified(is_dialer, f"127.0.0.1:{port}", key, TEST_TIMEOUT_SECS="1"))
    fails_in_one_line(ended, Status.TIME, f"Redis at 127.0.0.1:{port}")
    assert ended.seconds < 1 + ROOM


@pytest.mark.parametrize("address", ["garbage", '""', "/ip4/127.0.0.1/tcp/4001", "/ip4/127.0.0.1/udp/1/quic-v1"])
def test_an_announced_text_that_is_not_an_address_is_one_line(redis: RedisServer, key: str, address: str) -> None:
    announce(redis, key, address)
    fails_in_one_line(PEER.play(unified(True, redis.address, key)), Status.ADDRESS, key)


def test_an_address_where_nobody_listens_fails_the_dial(redis: RedisServer, key: str) -> None:
    with server(say_nothing) as port:
        pass
    announce(redis, key, f"/ip4/127.0.0.1/tcp/{port}/p2p/{PEER_ID}")
    fails_in_one_line(PEER.play(unified(True, redis.address, key)), Status.DIAL, f"/tcp/{port}/p2p/", key, "refused")


def test_a_peer_with_another_id_is_one_line(redis: RedisServer, key: str) -> None:
    with PEER.running(unified(False, redis.address, key)) as listener:
        place = wait_for_line(listener, "listening on ").split()[-1].partition("/p2p/")[0]
        redis.command("LSET", f"{key}_listener_multiaddr", "0", f"{place}/p2p/{PEER_ID}")
        ended = PEER.play(unified(True, redis.address, key))
    fails_in_one_line(ended, Status.PEER_ID, PEER_ID)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("is_dialer", [True, False])
def test_a_signal_ends_each_role_at_once(redis: RedisServer, key: str, is_dialer: bool, number: signal.Signals) -> None:
    with PEER.running(unified(is_dialer, redis.address, key)) as process:
        if is_dialer:
            while "cmd=blpop" not in redis.command("CLIENT", "LIST"):
                time.sleep(0.02)
        else:
            wait_for_line(process, "listening on ")
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=ROOM)
    assert stdout == ""
    assert process.returncode == (128 + number if is_dialer else Status.DONE)
    assert stderr.count("\n") == is_dialer


def test_a_peer_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    ended = PEER.run_unbuilt(tmp_path)
    assert (ended.status, ended.stdout) == (1, "")
    line = "peer-rust: expected the built node, found none; build it with: scripts/matrix --build rust\n"
    assert ended.stderr == line
