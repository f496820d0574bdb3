"""Tests of the two roles as real processes, on every track: pings, faults of the peer, signals and time limits."""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redisserver import RedisServer
from rolekit import (
    APPLICATION,
    FAULTY,
    MEASURED,
    PEER_ID,
    ROOT,
    Ended,
    black_hole,
    environment,
    play,
    running,
    say_nothing,
    server,
    unified,
    wait_for_line,
)

from pingtest.errors import Status

pytestmark = [pytest.mark.processes, pytest.mark.redis]

TIMEOUT = 10.0 if MEASURED else 4.0
AFTER = 5.0 if MEASURED else 1.0  # The most seconds that a role may run after its timeout.


def fails_in_one_line(ended: Ended, status: Status, *parts: str, timeout: float = TIMEOUT) -> None:
    """Check how a dialer failed: its status, no output, and one line that has these parts."""
    assert ended.status == status, ended.stderr
    assert ended.stdout == ""
    others = [line for line in ended.stderr.splitlines() if not line.startswith("pingtest: listening on ")]
    assert others == ended.lines, ended.stderr
    assert len(ended.lines) == 1, ended.stderr
    assert "expected" in ended.lines[0]
    for part in parts:
        assert part in ended.lines[0]
    assert ended.seconds <= timeout + AFTER


def dialer(redis: RedisServer, key: str, **changes: str | None) -> dict[str, str]:
    return unified(True, redis.address, key, **{"TEST_TIMEOUT_SECS": f"{TIMEOUT:g}"} | changes)


@contextmanager
def listener(python: Path, redis: RedisServer, key: str, **changes: str) -> Iterator[subprocess.Popen[str]]:
    with running(python, unified(False, redis.address, key, **changes)) as process:
        wait_for_line(process, "announcing it")
        yield process


def again(redis: RedisServer, key: str) -> str:
    """Return a fresh key under which another dialer finds the same listener."""
    other = secrets.token_hex(4)
    while redis.command("EXISTS", f"{key}_listener_multiaddr") == ":0\r\n":
        time.sleep(0.02)
    address = redis.command("LRANGE", f"{key}_listener_multiaddr", "0", "-1").splitlines()[2]
    redis.command("RPUSH", f"{other}_listener_multiaddr", address)
    return other


def test_a_listener_answers_one_dialer_after_another(python: Path, redis: RedisServer, key: str) -> None:
    with listener(python, redis, key) as process:
        keys = [again(redis, key) for _ in range(3)]
        for other in keys:
            assert play(python, dialer(redis, other, TEST_TIMEOUT_SECS="20")).status == Status.DONE
        assert process.poll() is None


def test_a_dialer_that_starts_first_waits_for_the_listener(python: Path, redis: RedisServer, key: str) -> None:
    with running(python, unified(True, redis.address, key)) as waiting:
        time.sleep(1.5)
        assert waiting.poll() is None
        with listener(python, redis, key):
            stdout, stderr = waiting.communicate(timeout=20)
    assert waiting.returncode == Status.DONE, stderr
    assert stdout.startswith("latency:\n")


@pytest.mark.parametrize(
    ("fault", "status", "found"),
    [
        ("silent", Status.TIME, "waiting for the pong"),
        ("wrong-bytes", Status.PING, "found other bytes"),
        ("short", Status.PING, "found 31 bytes"),
        ("closes", Status.PING, ""),
        ("resets", Status.PING, ""),
        ("other-peer", Status.PEER_ID, PEER_ID),
    ],
)
@pytest.mark.parametrize("muxer", ["yamux", "mplex"])
def test_a_fault_of_the_peer_is_one_line_with_its_status(
    python: Path, redis: RedisServer, key: str, fault: str, status: Status, found: str, muxer: str
) -> None:
    settings = unified(False, redis.address, key, MUXER=muxer)
    with running(python, settings, fault, application=FAULTY) as process:
        wait_for_line(process, "announcing it")
        ended = play(python, dialer(redis, key, MUXER=muxer))
    fails_in_one_line(ended, status, "/ip4/127.0.0.1/tcp/", key, found)


@pytest.mark.parametrize("transport", ["ws", "wss", "quic-v1"])
@pytest.mark.parametrize("fault", ["short", "other-peer", "silent"])
def test_a_fault_over_another_transport_has_the_same_status(
    python: Path, redis: RedisServer, key: str, transport: str, fault: str
) -> None:
    settings = unified(False, redis.address, key, TRANSPORT=transport, SECURE_CHANNEL="noise", MUXER="yamux")
    with running(python, settings, fault, application=FAULTY) as process:
        wait_for_line(process, "announcing it")
        changes = {"SECURE_CHANNEL": None, "MUXER": None} if transport == "quic-v1" else {}
        ended = play(python, dialer(redis, key, TRANSPORT=transport, **changes))
    status = {"short": Status.PING, "other-peer": Status.PEER_ID, "silent": Status.TIME}[fault]
    if fault == "short" and transport in ("ws", "wss") and "v0.4" in python.parts[-3]:
        # libp2p 0.4.0 over WebSocket does not always wake a reader when the stream's other side is closed.
        status = Status.TIME if ended.status == Status.TIME else status
    fails_in_one_line(ended, status, "/ip4/127.0.0.1/")


def test_a_pong_that_arrives_byte_by_byte_passes(python: Path, redis: RedisServer, key: str) -> None:
    with running(python, unified(False, redis.address, key), "drips", application=FAULTY) as process:
        wait_for_line(process, "announcing it")
        assert play(python, dialer(redis, key)).status == Status.DONE


def announced(redis: RedisServer, key: str, address: str) -> None:
    redis.command("RPUSH", f"{key}_listener_multiaddr", address)


def test_a_stale_address_of_an_earlier_run_fails_the_dial(python: Path, redis: RedisServer, key: str) -> None:
    with server(say_nothing) as port:
        pass
    announced(redis, key, f"/ip4/127.0.0.1/tcp/{port}/p2p/{PEER_ID}")
    ended = play(python, dialer(redis, key))
    fails_in_one_line(ended, Status.DIAL, f"/tcp/{port}/p2p/{PEER_ID}", key)


def test_a_peer_that_accepts_and_never_answers_uses_up_the_time(python: Path, redis: RedisServer, key: str) -> None:
    with server(say_nothing) as port:
        announced(redis, key, f"/ip4/127.0.0.1/tcp/{port}/p2p/{PEER_ID}")
        ended = play(python, dialer(redis, key))
    fails_in_one_line(ended, Status.TIME, f"dialing /ip4/127.0.0.1/tcp/{port}")


def test_a_peer_that_closes_at_once_fails_the_dial(python: Path, redis: RedisServer, key: str) -> None:
    with server(lambda connection: connection.close()) as port:
        announced(redis, key, f"/ip4/127.0.0.1/tcp/{port}/p2p/{PEER_ID}")
        ended = play(python, dialer(redis, key, TEST_TIMEOUT_SECS="20"))
    fails_in_one_line(ended, Status.DIAL, f"/ip4/127.0.0.1/tcp/{port}", timeout=20)


def test_an_address_that_never_answers_uses_up_the_time(python: Path, redis: RedisServer, key: str) -> None:
    with black_hole() as port:
        announced(redis, key, f"/ip4/127.0.0.1/tcp/{port}/p2p/{PEER_ID}")
        ended = play(python, dialer(redis, key))
    fails_in_one_line(ended, Status.TIME, f"dialing /ip4/127.0.0.1/tcp/{port}")


@pytest.mark.parametrize("address", ["garbage", "/ip4/127.0.0.1/tcp/4001", '""'], ids=["garbage", "peerless", "empty"])
def test_an_announced_text_that_is_not_an_address_is_a_failure(
    python: Path, redis: RedisServer, key: str, address: str
) -> None:
    announced(redis, key, address)
    fails_in_one_line(play(python, dialer(redis, key)), Status.ADDRESS, key)


def test_a_key_with_a_string_instead_of_a_list_is_a_failure(python: Path, redis: RedisServer, key: str) -> None:
    redis.command("SET", f"{key}_listener_multiaddr", "text")
    fails_in_one_line(play(python, dialer(redis, key)), Status.RENDEZVOUS, key, "WRONGTYPE")


def test_a_dialer_without_a_listener_uses_up_the_time(python: Path, redis: RedisServer, key: str) -> None:
    fails_in_one_line(play(python, dialer(redis, key)), Status.TIME, key, redis.address)


@pytest.mark.parametrize("is_dialer", [True, False])
def test_a_redis_that_does_not_run_is_a_failure(python: Path, key: str, is_dialer: bool) -> None:
    with server(say_nothing) as port:
        pass
    settings = unified(is_dialer, f"127.0.0.1:{port}", key, TEST_TIMEOUT_SECS=f"{TIMEOUT:g}")
    ended = play(python, settings)
    fails_in_one_line(ended, Status.RENDEZVOUS, f"Redis at 127.0.0.1:{port}", "refused")


def test_a_redis_that_hangs_is_a_failure(python: Path, key: str) -> None:
    with server(say_nothing) as port:
        ended = play(python, unified(True, f"127.0.0.1:{port}", key, TEST_TIMEOUT_SECS=f"{TIMEOUT:g}"))
    fails_in_one_line(ended, Status.RENDEZVOUS, f"Redis at 127.0.0.1:{port}", "PING")


def test_a_listener_fails_when_redis_stays_away(python: Path, own_redis: RedisServer, key: str) -> None:
    settings = unified(False, own_redis.address, key, TEST_TIMEOUT_SECS="2")
    with running(python, settings) as process:
        wait_for_line(process, "announcing it")
        time.sleep(0.5)
        own_redis.stop()
        _, stderr = process.communicate(timeout=10)
    own_redis.start()
    assert process.returncode == Status.RENDEZVOUS
    assert own_redis.address in stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_listener_exits_with_status_done(
    python: Path, redis: RedisServer, key: str, number: signal.Signals
) -> None:
    with listener(python, redis, key) as process:
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=5)
    assert (process.returncode, stdout) == (Status.DONE, "")
    assert "Traceback" not in stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("after", [0.25, 2.0], ids=["while it starts", "while it waits"])
def test_a_stopped_dialer_exits_with_the_signals_status_and_names_the_signal(
    python: Path, redis: RedisServer, key: str, number: signal.Signals, after: float
) -> None:
    with running(python, unified(True, redis.address, key)) as process:
        time.sleep(after)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=5)
    assert (process.returncode, stdout) == (128 + number, "")
    assert "Traceback" not in stderr
    assert f"found signal {int(number)}" in stderr


def test_debug_adds_the_traceback_and_keeps_stdout_empty(python: Path, redis: RedisServer, key: str) -> None:
    announced(redis, key, "garbage")
    ended = play(python, dialer(redis, key, DEBUG="true"))
    assert (ended.status, ended.stdout) == (Status.ADDRESS, "")
    assert "Traceback" in ended.stderr


@pytest.mark.parametrize(
    ("changes", "variable"),
    [
        ({"IS_DIALER": "maybe"}, "IS_DIALER"),
        ({"TRANSPORT": None}, "TRANSPORT"),
        ({"MUXER": "spdy"}, "MUXER"),
        ({"TEST_TIMEOUT_SECS": "abc"}, "TEST_TIMEOUT_SECS"),
        ({"REDIS_ADDR": "127.0.0.1:99999"}, "REDIS_ADDR"),
        ({"TEST_KEY": "\udcff" * 8}, "TEST_KEY"),
    ],
)
def test_bad_settings_are_reported_before_anything_is_opened(
    python: Path, key: str, changes: dict[str, str | None], variable: str
) -> None:
    settings = {name: value for name, value in (unified(True, "127.0.0.1:1", key) | changes).items() if value}
    ended = play(python, settings)
    fails_in_one_line(ended, Status.SETTINGS, variable, timeout=0)


def test_a_muxer_for_a_standalone_transport_is_ignored_with_a_note(python: Path, redis: RedisServer, key: str) -> None:
    with listener(python, redis, key, TRANSPORT="quic-v1"):
        ended = play(python, dialer(redis, key, TRANSPORT="quic-v1", TEST_TIMEOUT_SECS="20"))
    assert ended.status == Status.DONE, ended.stderr
    assert ended.lines == [
        "ping_test: SECURE_CHANNEL='noise' is ignored: quic-v1 has its own",
        "ping_test: MUXER='yamux' is ignored: quic-v1 has its own",
    ]


@pytest.mark.lan
def test_the_unspecified_address_is_announced_as_a_reachable_address(
    pythons: dict[str, Path], redis: RedisServer, key: str
) -> None:
    with running(pythons["v0.8"], unified(False, redis.address, key, LISTENER_IP="0.0.0.0")) as process:
        line = wait_for_line(process, "ping")
    assert "/ip4/" in line
    assert "/ip4/127." not in line
    assert "/ip6/" not in line


@pytest.mark.parametrize(
    "transport",
    [
        "tcp",
        "ws",
        "wss",
        pytest.param(
            "quic-v1",
            marks=pytest.mark.xfail(reason="libp2p 0.8.1: a QUIC handshake over IPv6 never completes"),
        ),
    ],
)
def test_a_ping_over_ipv6_passes(pythons: dict[str, Path], redis: RedisServer, key: str, transport: str) -> None:
    with listener(pythons["v0.8"], redis, key, LISTENER_IP="::1", TRANSPORT=transport):
        ended = play(pythons["v0.8"], dialer(redis, key, TRANSPORT=transport, TEST_TIMEOUT_SECS="8"))
    assert ended.status == Status.DONE, ended.stderr


@pytest.mark.xfail(
    reason="libp2p 0.4.0 reads the ip4 part of every address that it listens on, so it cannot listen on IPv6"
)
@pytest.mark.parametrize("transport", ["tcp", "ws", "wss", "quic-v1"])
def test_libp2p_0_4_listens_on_ipv6(pythons: dict[str, Path], redis: RedisServer, key: str, transport: str) -> None:
    with running(
        pythons["v0.4"], unified(False, redis.address, key, LISTENER_IP="::1", TRANSPORT=transport)
    ) as process:
        wait_for_line(process, "announcing it")


def test_a_pipe_without_a_writer_is_a_failure(pythons: dict[str, Path]) -> None:
    read_end, write_end = os.pipe()
    os.close(write_end)
    settings = unified(True, "127.0.0.1:1", "00000000", RENDEZVOUS_FD=str(read_end))
    ended = play(pythons["v0.4"], settings)
    os.close(read_end)
    fails_in_one_line(ended, Status.RENDEZVOUS, "the listener has ended")


def test_a_libp2p_that_cannot_be_imported_is_one_line(python: Path, tmp_path: Path) -> None:
    (tmp_path / "libp2p.py").write_text("import multihash\nmultihash.Func_that_is_not_there\n")
    broken = tmp_path / "application.py"
    broken.write_text(f"import sys\nsys.path.insert(1, {str(ROOT)!r})\nimport ping_test\nsys.exit(ping_test.main())\n")
    ended = play(python, unified(True, "127.0.0.1:1", "00000000"), application=broken)
    fails_in_one_line(ended, Status.FAULT, "AttributeError", "Func_that_is_not_there", "DEBUG=true")


@pytest.mark.parametrize("redirection", [">&-", ">/dev/full"])
def test_a_result_that_cannot_be_written_is_a_failure(
    python: Path, redis: RedisServer, key: str, redirection: str
) -> None:
    with listener(python, redis, key):
        shell = ["sh", "-c", f'"$0" "$1" {redirection}', str(python), str(APPLICATION)]
        settings = environment(dialer(redis, key, TEST_TIMEOUT_SECS="20"))
        done = subprocess.run(shell, env=settings, stderr=subprocess.PIPE, text=True, check=False, timeout=30)
    assert done.returncode == Status.FAULT
    assert done.stderr.startswith("ping_test: standard output")
    assert done.stderr.count("\n") == 1
