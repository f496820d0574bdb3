"""Tests of the Go peer, the node of the ping test that uses go-libp2p.

The peer pings itself over every combination of transport, secure channel and muxer that it supports, and has the same
variables and exit statuses as ping_test.py.
"""

import os
import re
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from peerkit import RESULT, Peer, announce, announced
from redisserver import RedisServer
from rolekit import PEER_ID, ROOM, Ended, black_hole, dial_at_once, say_nothing, server, unified, wait_for_line

from pingtest.errors import Status

PEER = Peer("go", "peer")
pytestmark = PEER.marks
TIMEOUT = 2.0
LAYERS = [(transport, channel) for transport in ("tcp", "ws", "wss") for channel in ("noise", "tls")]
COMBINATIONS = [*((*layer, "yamux") for layer in LAYERS), ("quic-v1", None, None)]


def dial(address: str, key: str, **changes: str | None) -> Ended:
    settings = unified(True, address, key, **{"TEST_TIMEOUT_SECS": f"{TIMEOUT:g}"} | changes)
    return PEER.play(settings)


@contextmanager
def listener(address: str, key: str, **changes: str | None) -> Iterator[subprocess.Popen[str]]:
    with PEER.running(unified(False, address, key, **changes)) as process:
        wait_for_line(process, "announced over")
        yield process


def fails_in_one_line(ended: Ended, status: int, *parts: str) -> None:
    PEER.fails_in_one_line(ended, status, *parts)
    assert ended.seconds <= TIMEOUT + ROOM


@pytest.mark.parametrize(("transport", "channel", "muxer"), COMBINATIONS)
@pytest.mark.parametrize("ip", ["127.0.0.1", "0.0.0.0", "::1"])
def test_the_peer_pings_itself(
    redis: RedisServer, key: str, transport: str, channel: str | None, muxer: str | None, ip: str
) -> None:
    layers = {"TRANSPORT": transport, "SECURE_CHANNEL": channel, "MUXER": muxer, "LISTENER_IP": ip}
    with listener(redis.address, key, **layers) as process:
        address = announced(redis, key)
        assert address.startswith("/ip6/::1/" if ip == "::1" else "/ip4/")
        assert address.startswith("/ip4/127.") == (ip == "127.0.0.1")
        done = dial(redis.address, key, TEST_TIMEOUT_SECS="20", **layers)
        assert (done.status, done.stderr) == (Status.DONE, "")
        assert re.fullmatch(RESULT, done.stdout)
        assert process.poll() is None


def test_dialers_that_arrive_in_the_same_moment_each_get_a_pong(redis: RedisServer, key: str) -> None:
    assert [one.error for one in dial_at_once(None, redis, key, 8, PEER.program)] == [""] * 8


def test_a_dialer_that_starts_first_waits_for_the_listener(redis: RedisServer, key: str) -> None:
    with PEER.running(unified(True, redis.address, key)) as waiting:
        time.sleep(0.5)
        assert waiting.poll() is None
        with listener(redis.address, key):
            stdout, stderr = waiting.communicate(timeout=ROOM)
    assert (waiting.returncode, stderr) == (Status.DONE, "")
    assert stdout.startswith("latency:\n")


def test_an_announcement_replaces_the_address_of_an_earlier_run(redis: RedisServer, key: str) -> None:
    announce(redis, key, "stale")
    with listener(redis.address, key):
        assert announced(redis, key).startswith("/ip4/127.0.0.1/tcp/")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("IS_DIALER", "maybe", 'one of true, false, found "maybe"'),
        ("IS_DIALER", None, "found nothing (unset)"),
        ("REDIS_ADDR", "redis", "HOST:PORT"),
        ("REDIS_ADDR", "redis:0", "HOST:PORT"),
        ("REDIS_ADDR", None, "HOST:PORT"),
        ("TEST_KEY", "xyz", "8 hexadecimal digits"),
        ("TRANSPORT", "webtransport", "one of tcp, ws, wss, quic-v1, webrtc-direct"),
        ("TRANSPORT", None, "one of tcp, ws, wss, quic-v1"),
        ("SECURE_CHANNEL", "plaintext", "one of noise, tls"),
        ("MUXER", "mplex", "one of yamux"),
        ("MUXER", "", "one of yamux"),
        ("LISTENER_IP", "localhost", "an IP address to listen on"),
        ("TEST_TIMEOUT_SECS", "abc", "seconds"),
        ("TEST_TIMEOUT_SECS", "nan", "seconds"),
        ("TEST_TIMEOUT_SECS", "0", "seconds"),
        ("DEBUG", "si\x1b\n", 'found "si\\x1b\\n"'),
    ],
)
def test_a_bad_setting_is_one_line_that_names_it(name: str, value: str | None, says: str) -> None:
    ended = dial("127.0.0.1:1", "a5b50d5e", **{name: value})
    fails_in_one_line(ended, Status.SETTINGS, f"peer-go: {name}: expected ", says)


def test_a_stopped_listener_exits_with_status_done(redis: RedisServer, key: str) -> None:
    with listener(redis.address, key) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(ROOM) == Status.DONE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_dialer_exits_with_the_signals_status_and_no_result(
    redis: RedisServer, key: str, number: signal.Signals
) -> None:
    with PEER.running(unified(True, redis.address, key)) as process:
        while "cmd=blpop" not in redis.command("CLIENT", "LIST"):
            time.sleep(0.02)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=ROOM)
    assert (process.returncode, stdout) == (128 + number, "")
    assert stderr == f"peer-go: expected a result, found signal {int(number)} before the ping came back\n"


@pytest.mark.parametrize("is_dialer", [True, False])
def test_a_redis_that_refuses_the_connection_is_one_line(key: str, is_dialer: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    settings = unified(is_dialer, address, key, TEST_TIMEOUT_SECS=f"{TIMEOUT:g}")
    ended = PEER.play(settings)
    fails_in_one_line(ended, Status.RENDEZVOUS, f"Redis at {address}, key {key}", "refused")


def test_a_redis_that_does_not_answer_is_one_line(key: str) -> None:
    with server(say_nothing) as port:
        fails_in_one_line(dial(f"127.0.0.1:{port}", key), Status.RENDEZVOUS, "answers PING")


def test_a_key_without_a_list_is_one_line(redis: RedisServer, key: str) -> None:
    redis.command("SET", f"{key}_listener_multiaddr", "text")
    fails_in_one_line(dial(redis.address, key), Status.RENDEZVOUS, "WRONGTYPE")


def test_a_dialer_without_a_listener_uses_up_the_time(redis: RedisServer, key: str) -> None:
    ended = dial(redis.address, key)
    fails_in_one_line(ended, Status.TIME, "within 2s", "waiting for the listener's address", key)
    assert ended.seconds > TIMEOUT


@pytest.mark.parametrize(
    "address",
    [
        "garbage",
        "/ip4/127.0.0.1/tcp/1",
        f"/p2p/{PEER_ID}",
        f"/ip4/127.0.0.1/tcp/1/ws/p2p/{PEER_ID}",
        f"/ip4/127.0.0.1/udp/1/quic-v1/p2p/{PEER_ID}",
        "/ip4/127.0.0.1/tcp/1/p2p/nobody",
        "/x" * 5_000,
    ],
)
def test_an_address_that_cannot_be_dialed_is_one_line(redis: RedisServer, key: str, address: str) -> None:
    announce(redis, key, address)
    fails_in_one_line(dial(redis.address, key), Status.ADDRESS, "/ip4/…/tcp/p2p/…", address[:20])


def test_a_stale_address_of_an_earlier_run_fails_the_dial(redis: RedisServer, key: str) -> None:
    with server(say_nothing) as port:
        pass
    announce(redis, key, f"/ip4/127.0.0.1/tcp/{port}/p2p/{PEER_ID}")
    fails_in_one_line(dial(redis.address, key), Status.DIAL, f"/tcp/{port}/p2p/{PEER_ID}", "refused")


def test_a_peer_that_does_not_answer_uses_up_the_time(redis: RedisServer, key: str) -> None:
    with black_hole() as port:
        announce(redis, key, f"/ip4/127.0.0.1/tcp/{port}/p2p/{PEER_ID}")
        fails_in_one_line(dial(redis.address, key), Status.TIME, f"dialing /ip4/127.0.0.1/tcp/{port}")


@pytest.mark.parametrize(("transport", "channel", "muxer"), COMBINATIONS)
def test_a_peer_with_another_id_is_one_line(
    redis: RedisServer, key: str, transport: str, channel: str | None, muxer: str | None
) -> None:
    layers = {"TRANSPORT": transport, "SECURE_CHANNEL": channel, "MUXER": muxer}
    other = secrets.token_hex(4)
    with listener(redis.address, key, **layers):
        address = announced(redis, key).rpartition("/")[0]
        announce(redis, other, f"{address}/{PEER_ID}")
        fails_in_one_line(dial(redis.address, other, **layers), Status.PEER_ID, PEER_ID)


def test_a_peer_that_is_not_built_says_how_to_build_it(tmp_path: Path) -> None:
    ended = PEER.run_unbuilt(tmp_path)
    PEER.fails_in_one_line(ended, Status.FAULT, "build it with: scripts/matrix --build go\n")


@pytest.mark.parametrize("script", ["build", "peer"])
def test_each_script_of_the_peer_begins_with_a_comment_and_is_executable(script: str) -> None:
    assert PEER.program.with_name(script).read_text().splitlines()[1].startswith("# ")
    assert os.access(PEER.program.with_name(script), os.X_OK)
