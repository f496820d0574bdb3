"""The Rust peer as processes: against itself, with bad settings, stopped, and left alone."""

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pytest
from redisserver import RedisServer
from rolekit import PEER_ID, ROOT, Ended, environment, say_nothing, server, unified, wait_for_line

from pingtest.errors import Status

PEER = ROOT / "peers" / "rust" / "peer"
BUILT = ROOT / ".cache" / "peers" / "rust" / "release" / "peer-rust"
pytestmark = [
    pytest.mark.peers,
    pytest.mark.processes,
    pytest.mark.redis,
    pytest.mark.skipif(
        not BUILT.exists(), reason="the Rust peer is not built; build it with: scripts/matrix --build rust"
    ),
]

COMBINATIONS = [
    *product(("tcp", "ws"), ("noise", "tls"), ("yamux", "mplex")),
    ("quic-v1", None, None),
]
LATENCY = re.compile(r"latency:\n  handshake_plus_one_rtt: (\d+\.\d{3})\n  ping_rtt: (\d+\.\d{3})\n  unit: ms\n")


def play(settings: dict[str, str]) -> Ended:
    started = time.monotonic()
    done = subprocess.run(
        [PEER],
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr, time.monotonic() - started)


@contextmanager
def running(settings: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    command = subprocess.Popen(
        [PEER],
        env=environment(settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with command as process:
        try:
            yield process
        finally:
            process.kill()


def fails_in_one_line(ended: Ended, status: Status, *parts: str) -> None:
    assert ended.status == status, ended.stderr
    assert ended.stdout == ""
    assert ended.stderr.startswith("peer-rust: ")
    assert ended.stderr.count("\n") == 1, ended.stderr
    for part in ("expected", "found", *parts):
        assert part in ended.stderr


@pytest.mark.parametrize(("transport", "channel", "muxer"), COMBINATIONS)
def test_itself(redis: RedisServer, key: str, transport: str, channel: str | None, muxer: str | None) -> None:
    changes = {"TRANSPORT": transport, "SECURE_CHANNEL": channel, "MUXER": muxer}
    with running(unified(False, redis.address, key, **changes)) as listener:
        ended = play(unified(True, redis.address, key, **changes))
        listener.send_signal(signal.SIGTERM)
        assert listener.wait(2) == Status.DONE
    assert ended.status == Status.DONE, ended.stderr
    assert ended.stderr == ""
    found = LATENCY.fullmatch(ended.stdout)
    assert found, ended.stdout
    assert 0 < float(found[2]) < float(found[1])


def test_it_announces_an_address_that_others_reach(redis: RedisServer, key: str) -> None:
    with running(unified(False, redis.address, key, LISTENER_IP=None)) as listener:
        line = wait_for_line(listener, "listening on ")
        announced = redis.command("LRANGE", f"{key}_listener_multiaddr", "0", "-1").splitlines()[2]
    assert line == f"peer-rust: listening on {announced}\n"
    assert re.fullmatch(r"/ip4/(?!127\.)[\d.]+/tcp/\d+/p2p/12D3\w+", announced)


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
        ({"TEST_TIMEOUT_SECS": "nan"}, 'expected seconds, more than 0 and at most 86400, found "nan"'),
        ({"TEST_TIMEOUT_SECS": "0"}, 'TEST_TIMEOUT_SECS: expected seconds, more than 0 and at most 86400, found "0"'),
        ({"DEBUG": "perhaps"}, 'DEBUG: expected one of true, false, found "perhaps"'),
    ],
)
def test_bad_settings(key: str, changes: dict[str, str | None], line: str) -> None:
    fails_in_one_line(play(unified(True, "127.0.0.1:1", key, **changes)), Status.SETTINGS, line)


@pytest.mark.parametrize("is_dialer", [True, False])
def test_a_redis_that_is_not_there(key: str, is_dialer: bool) -> None:
    with server(say_nothing) as port:
        pass
    ended = play(unified(is_dialer, f"127.0.0.1:{port}", key))
    fails_in_one_line(ended, Status.RENDEZVOUS, f"Redis at 127.0.0.1:{port}", "refused")


def test_a_key_that_holds_a_string(redis: RedisServer, key: str) -> None:
    redis.command("SET", f"{key}_listener_multiaddr", "text")
    fails_in_one_line(play(unified(True, redis.address, key)), Status.RENDEZVOUS, key, "WRONGTYPE")


def test_no_listener(redis: RedisServer, key: str) -> None:
    ended = play(unified(True, redis.address, key, TEST_TIMEOUT_SECS="1"))
    fails_in_one_line(ended, Status.TIME, "within 1 s", "waiting for the listener's address", key)
    assert ended.seconds < 2


@pytest.mark.parametrize("is_dialer", [True, False])
def test_a_redis_that_hangs(key: str, is_dialer: bool) -> None:
    with server(say_nothing) as port:
        ended = play(unified(is_dialer, f"127.0.0.1:{port}", key, TEST_TIMEOUT_SECS="1"))
    fails_in_one_line(ended, Status.TIME, f"Redis at 127.0.0.1:{port}")
    assert ended.seconds < 2


@pytest.mark.parametrize("address", ["garbage", '""', "/ip4/127.0.0.1/tcp/4001", "/ip4/127.0.0.1/udp/1/quic-v1"])
def test_an_announced_address_that_is_none(redis: RedisServer, key: str, address: str) -> None:
    redis.command("RPUSH", f"{key}_listener_multiaddr", address)
    fails_in_one_line(play(unified(True, redis.address, key)), Status.ADDRESS, key)


def test_nobody_at_the_address(redis: RedisServer, key: str) -> None:
    with server(say_nothing) as port:
        pass
    redis.command("RPUSH", f"{key}_listener_multiaddr", f"/ip4/127.0.0.1/tcp/{port}/p2p/{PEER_ID}")
    fails_in_one_line(play(unified(True, redis.address, key)), Status.DIAL, f"/tcp/{port}/p2p/", key, "refused")


def test_another_peer_than_the_address_names(redis: RedisServer, key: str) -> None:
    with running(unified(False, redis.address, key)) as listener:
        place = wait_for_line(listener, "listening on ").split()[-1].partition("/p2p/")[0]
        redis.command("LSET", f"{key}_listener_multiaddr", "0", f"{place}/p2p/{PEER_ID}")
        ended = play(unified(True, redis.address, key))
    fails_in_one_line(ended, Status.PEER_ID, PEER_ID)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("is_dialer", [True, False])
def test_a_signal_ends_it_at_once(redis: RedisServer, key: str, is_dialer: bool, number: signal.Signals) -> None:
    with running(unified(is_dialer, redis.address, key)) as process:
        if is_dialer:
            while "cmd=blpop" not in redis.command("CLIENT", "LIST"):
                time.sleep(0.02)
        else:
            wait_for_line(process, "listening on ")
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=2)
    assert stdout == ""
    assert process.returncode == (128 + number if is_dialer else Status.DONE)
    assert stderr.count("\n") == is_dialer


def test_it_says_how_to_build_it(tmp_path: Path) -> None:
    copy = tmp_path / "peers" / "rust" / "peer"
    copy.parent.mkdir(parents=True)
    shutil.copy(PEER, copy)
    done = subprocess.run([copy], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "peer-rust: expected the built node, found none; build it with: scripts/matrix --build rust\n"
