"""Tests of the two roles as real processes, on every track: pings, faults of the peer, signals and time limits."""

import base64
import hashlib
import os
import secrets
import signal
import socket
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
    ROOM,
    ROOT,
    Ended,
    black_hole,
    dial_at_once,
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

TIMEOUT = 20.0  # The seconds of a dialer that ends earlier without a signal.
SHORT = (3.0, 12.0)  # The seconds of a dialer that is to use them up; the second, if a busy machine needs more.


def fails_in_one_line(ended: Ended, status: Status, *parts: str) -> None:
    """Check what every failure of a dialer must look like; `play` checks that it ends at all."""
    assert ended.status == status, ended.stderr
    assert ended.stdout == ""
    others = [line for line in ended.stderr.splitlines() if not line.startswith("pingtest: listening on ")]
    assert others == ended.lines, ended.stderr
    assert len(ended.lines) == 1, ended.stderr
    assert "expected" in ended.lines[0]
    for part in parts:
        assert part in ended.lines[0]


def uses_up_its_time(python: Path, settings: dict[str, str], *parts: str) -> None:
    """Check that a dialer ends at its own time limit, and that its line has `parts`.

    On a busy machine the first time limit can pass before the dialer comes to the fault; then a longer limit follows.
    """
    for seconds in SHORT:
        ended = play(python, settings | {"TEST_TIMEOUT_SECS": f"{seconds:g}"})
        if all(part in ended.stderr for part in parts):
            break
    fails_in_one_line(ended, Status.TIME, *parts)
    assert seconds <= ended.seconds <= seconds + ROOM


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


def wait_for_a_handler(process: subprocess.Popen[str]) -> None:
    """Wait until a role handles the signals that stop it, which it does before it imports libp2p."""
    status = Path(f"/proc/{process.pid}/status")
    while True:
        (caught,) = (line.split()[1] for line in status.read_text().splitlines() if line.startswith("SigCgt:"))
        if all(int(caught, 16) >> (one - 1) & 1 for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)):
            return
        time.sleep(0.01)


def wait_for_a_reader(redis: RedisServer, waiting: subprocess.Popen[str]) -> None:
    """Wait until a dialer waits in Redis for an address."""
    while "cmd=blpop" not in redis.command("CLIENT", "LIST"):
        assert waiting.poll() is None
        time.sleep(0.02)


def test_a_listener_answers_one_dialer_after_another(python: Path, redis: RedisServer, key: str) -> None:
    with listener(python, redis, key) as process:
        keys = [again(redis, key) for _ in range(3)]
        for other in keys:
            assert play(python, dialer(redis, other)).status == Status.DONE
        assert process.poll() is None


def test_dialers_that_arrive_in_the_same_moment_each_get_a_pong(python: Path, redis: RedisServer, key: str) -> None:
    assert [one.error for one in dial_at_once(python, redis, key, 8)] == [""] * 8


def test_a_dialer_that_starts_first_waits_for_the_listener(python: Path, own_redis: RedisServer, key: str) -> None:
    with running(python, unified(True, own_redis.address, key)) as waiting:
        wait_for_a_reader(own_redis, waiting)
        with listener(python, own_redis, key):
            stdout, stderr = waiting.communicate(timeout=ROOM)
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
@pytest.mark.parametrize("muxer", ["yamux", pytest.param("mplex", marks=pytest.mark.slow)])
def test_a_fault_of_the_peer_is_one_line_with_its_status(
    python: Path, redis: RedisServer, key: str, fault: str, status: Status, found: str, muxer: str
) -> None:
    settings = unified(False, redis.address, key, MUXER=muxer)
    with running(python, settings, fault, application=FAULTY) as process:
        wait_for_line(process, "announcing it")
        settings = dialer(redis, key, MUXER=muxer)
        if status == Status.TIME:
            uses_up_its_time(python, settings, "/ip4/127.0.0.1/tcp/", key, found)
        else:
            fails_in_one_line(play(python, settings), status, "/ip4/127.0.0.1/tcp/", key, found)


@pytest.mark.slow
@pytest.mark.parametrize("transport", ["ws", "wss", "quic-v1"])
@pytest.mark.parametrize("fault", ["short", "other-peer", "silent"])
def test_a_fault_over_another_transport_has_the_same_status(
    python: Path, redis: RedisServer, key: str, transport: str, fault: str
) -> None:
    settings = unified(False, redis.address, key, TRANSPORT=transport, SECURE_CHANNEL="noise", MUXER="yamux")
    with running(python, settings, fault, application=FAULTY) as process:
        wait_for_line(process, "announcing it")
        changes = {"SECURE_CHANNEL": None, "MUXER": None} if transport == "quic-v1" else {}
        settings = dialer(redis, key, TRANSPORT=transport, **changes)
        if fault == "silent":
            uses_up_its_time(python, settings, "/ip4/127.0.0.1/")
            return
        # libp2p 0.4.0 over WebSocket does not always wake a reader when the stream's other side is closed.
        may_sleep = fault == "short" and transport in ("ws", "wss") and "v0.4" in python.parts[-3]
        ended = play(python, settings | ({"TEST_TIMEOUT_SECS": "5"} if may_sleep else {}))
    status = {"short": Status.PING, "other-peer": Status.PEER_ID}[fault]
    if may_sleep and ended.status == Status.TIME:
        status = Status.TIME
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
        uses_up_its_time(python, dialer(redis, key), f"dialing /ip4/127.0.0.1/tcp/{port}")


def test_a_peer_that_closes_at_once_fails_the_dial(python: Path, redis: RedisServer, key: str) -> None:
    with server(lambda connection: connection.close()) as port:
        announced(redis, key, f"/ip4/127.0.0.1/tcp/{port}/p2p/{PEER_ID}")
        ended = play(python, dialer(redis, key))
    fails_in_one_line(ended, Status.DIAL, f"/ip4/127.0.0.1/tcp/{port}")


def test_an_address_that_never_answers_uses_up_the_time(python: Path, redis: RedisServer, key: str) -> None:
    with black_hole() as port:
        announced(redis, key, f"/ip4/127.0.0.1/tcp/{port}/p2p/{PEER_ID}")
        uses_up_its_time(python, dialer(redis, key), f"dialing /ip4/127.0.0.1/tcp/{port}")


@pytest.mark.parametrize("address", ["garbage", "/ip4/127.0.0.1/tcp/4001", '""'], ids=["garbage", "peerless", "empty"])
def test_an_announced_text_that_is_not_an_address_is_a_failure(
    python: Path, redis: RedisServer, key: str, address: str
) -> None:
    announced(redis, key, address)
    fails_in_one_line(play(python, dialer(redis, key)), Status.ADDRESS, key)


def test_a_dialer_waits_for_a_listener_that_replaces_a_string_with_its_list(
    python: Path, redis: RedisServer, key: str
) -> None:
    redis.command("SET", f"{key}_listener_multiaddr", "text")
    uses_up_its_time(python, dialer(redis, key), key, "expected a list, found a key of another type")


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [(["--help"], 0, ""), (["--surprise"], 2, "found '--surprise'"), (["--test-plans"], 2, "expected")],
)
def test_the_arguments_are_a_help_and_the_dialect(python: Path, arguments: list[str], status: int, says: str) -> None:
    done = subprocess.run([python, APPLICATION, *arguments], env={}, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert done.stdout.startswith("usage: ping_test.py") == (status == 0)
    assert says in done.stderr
    assert done.stderr.count("\n") == (status != 0)


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_a_closed_output_never_gets_the_text_of_the_other(python: Path, closed: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"$0" "$1" --surprise {closed}', python, APPLICATION],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""
    assert (done.returncode, done.stderr.count("\n")) == ((Status.FAULT, 1) if closed == ">&-" else (2, 0))


def test_a_full_standard_error_leaves_the_status(python: Path) -> None:
    shell = ["sh", "-c", '"$0" "$1" --surprise 2>/dev/full', str(python), str(APPLICATION)]
    done = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (Status.SETTINGS, "", "")


def test_nohup_protects_a_dialer_from_a_hangup(python: Path, own_redis: RedisServer, key: str) -> None:
    words = ["sh", "-c", 'trap "" HUP; exec "$0" "$1"', str(python), str(APPLICATION)]
    settings = environment(dialer(own_redis, key))
    with subprocess.Popen(words, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_for_a_reader(own_redis, process)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        _, stderr = process.communicate(timeout=ROOM)
    assert (process.returncode, stderr.count("\n")) == (128 + signal.SIGTERM, 1)


@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        {"HOME": "/nonexistent", "TZ": "Nowhere/Else", "PYTHONHASHSEED": "0"},
        {"PYTHONDEVMODE": "1"},
        {"PYTHONWARNINGS": "default"},
    ],
    ids=" ".join,
)
def test_odd_surroundings_change_nothing(
    pythons: dict[str, Path], redis: RedisServer, key: str, variables: dict[str, str]
) -> None:
    shell = ["sh", "-c", 'exec "$0" "$1" <&-', str(pythons["v0.8"]), str(APPLICATION)]  # standard input is closed too
    with listener(pythons["v0.8"], redis, key):
        settings = environment(dialer(redis, key)) | variables
        done = subprocess.run(shell, env=settings, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (Status.DONE, "")
    assert done.stdout.startswith("latency:\n")


@pytest.mark.skipif(MEASURED, reason="coverage itself needs more memory")
@pytest.mark.parametrize(("limit", "names"), [("-v 30000", "free memory"), ("-v 100000", "free memory")])
def test_too_little_memory_is_named(pythons: dict[str, Path], limit: str, names: str) -> None:
    shell = ["sh", "-c", f'ulimit {limit}; exec "$0" "$1"', str(pythons["v0.8"]), str(APPLICATION)]
    settings = environment(unified(True, "127.0.0.1:1", "00000000"))
    done = subprocess.run(shell, env=settings, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (Status.HOST, "", 1)
    assert names in done.stderr


def test_a_test_plans_listener_ends_at_its_time_limit(python: Path, redis: RedisServer) -> None:
    names = {"is_dialer": "false", "redis_addr": redis.address, "transport": "tcp", "security": "noise"}
    for seconds in SHORT:
        ended = play(python, names | {"muxer": "yamux", "ip": "127.0.0.1", "test_timeout_seconds": f"{seconds:g}"})
        assert (ended.status, ended.stdout) == (Status.TIME, "")
        if "still starting" not in ended.stderr:
            break
    assert "s, found none: still listening on /ip4/127.0.0.1/tcp/" in ended.stderr
    assert redis.command("EXISTS", "listenerAddr") == ":0\r\n"


def test_too_few_file_descriptors_are_named(python: Path) -> None:
    settings = {"IS_DIALER": "false", "TRANSPORT": "tcp", "SECURE_CHANNEL": "noise", "MUXER": "yamux"}
    settings |= {"REDIS_ADDR": "127.0.0.1:1", "TEST_KEY": "a5b50d5e", "LISTENER_IP": "127.0.0.1"}
    done = subprocess.run(
        ["sh", "-c", 'ulimit -n 8; "$0" "$1"', python, APPLICATION],
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (Status.HOST, "", 1)
    assert "raise the limit with: ulimit -n NUMBER" in done.stderr


def echo_websocket(connection: socket.socket) -> None:
    """Accept a WebSocket, and send each message back."""
    with connection.makefile("rwb", buffering=0) as peer:
        lines = list(iter(peer.readline, b"\r\n"))
        (key,) = (line.split()[1] for line in lines if line.lower().startswith(b"sec-websocket-key:"))
        accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())  # noqa: S324
        headers = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        peer.write(headers + b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        while head := peer.read(2):
            mask = peer.read(4)  # the messages of a handshake are shorter than 126 bytes
            data = peer.read(head[1] & 127)
            peer.write(bytes([head[0], len(data)]) + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)))


@pytest.mark.parametrize(
    ("channel", "statuses"), [("noise", {Status.DIAL, Status.TIME}), ("plaintext", {Status.PEER_ID})]
)
def test_a_websocket_that_sends_everything_back_is_a_fault_of_the_peer(
    python: Path, redis: RedisServer, key: str, channel: str, statuses: set[Status]
) -> None:
    with server(echo_websocket) as port:
        redis.command("RPUSH", f"{key}_listener_multiaddr", f"/ip4/127.0.0.1/tcp/{port}/ws/p2p/{PEER_ID}")
        changes = {"TRANSPORT": "ws", "SECURE_CHANNEL": channel, "TEST_TIMEOUT_SECS": "8"}
        ended = play(python, dialer(redis, key, **changes))
    assert ended.status in statuses
    fails_in_one_line(ended, Status(ended.status), f"/tcp/{port}/ws/p2p/{PEER_ID}")


@pytest.mark.parametrize("value", ["DEBUG", "1", "libp2p.network:DEBUG"])
def test_the_debug_variable_of_the_library_changes_nothing(
    python: Path, redis: RedisServer, key: str, value: str
) -> None:
    with listener(python, redis, key, LIBP2P_DEBUG=value):
        ended = play(python, dialer(redis, key, LIBP2P_DEBUG=value))
    assert (ended.status, ended.stderr) == (0, "")


def test_a_dialer_without_a_listener_uses_up_the_time(python: Path, redis: RedisServer, key: str) -> None:
    uses_up_its_time(python, dialer(redis, key), key, redis.address)


@pytest.mark.parametrize("is_dialer", [True, False])
def test_a_redis_that_does_not_run_is_a_failure(python: Path, key: str, is_dialer: bool) -> None:
    with server(say_nothing) as port:
        pass
    ended = play(python, unified(is_dialer, f"127.0.0.1:{port}", key, TEST_TIMEOUT_SECS="4"))
    fails_in_one_line(ended, Status.RENDEZVOUS, f"Redis at 127.0.0.1:{port}", "refused")


def test_a_redis_that_hangs_is_a_failure(python: Path, key: str) -> None:
    with server(say_nothing) as port:
        ended = play(python, unified(True, f"127.0.0.1:{port}", key, TEST_TIMEOUT_SECS="4"))
    fails_in_one_line(ended, Status.RENDEZVOUS, f"Redis at 127.0.0.1:{port}", "PING")


def test_a_listener_fails_when_redis_stays_away(python: Path, own_redis: RedisServer, key: str) -> None:
    settings = unified(False, own_redis.address, key, TEST_TIMEOUT_SECS="2")
    with running(python, settings) as process:
        wait_for_line(process, "announcing it")
        own_redis.stop()
        _, stderr = process.communicate(timeout=ROOM)
    own_redis.start()
    assert process.returncode == Status.RENDEZVOUS
    assert own_redis.address in stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stopped_listener_exits_with_status_done(
    python: Path, redis: RedisServer, key: str, number: signal.Signals
) -> None:
    with listener(python, redis, key) as process:
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=ROOM)
    assert (process.returncode, stdout) == (Status.DONE, "")
    assert "Traceback" not in stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("waits", [False, True], ids=["while it starts", "while it waits"])
def test_a_stopped_dialer_exits_with_the_signals_status_and_names_the_signal(
    python: Path, own_redis: RedisServer, key: str, number: signal.Signals, waits: bool
) -> None:
    with running(python, unified(True, own_redis.address, key)) as process:
        if waits:
            wait_for_a_reader(own_redis, process)
        else:
            wait_for_a_handler(process)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=ROOM)
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
    fails_in_one_line(ended, Status.SETTINGS, variable)


def test_a_muxer_for_a_standalone_transport_is_ignored_with_a_note(python: Path, redis: RedisServer, key: str) -> None:
    with listener(python, redis, key, TRANSPORT="quic-v1"):
        ended = play(python, dialer(redis, key, TRANSPORT="quic-v1"))
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
            marks=[
                pytest.mark.slow,
                pytest.mark.xfail(reason="libp2p 0.8.1: a QUIC handshake over IPv6 never completes"),
            ],
        ),
    ],
)
def test_a_ping_over_ipv6_passes(pythons: dict[str, Path], redis: RedisServer, key: str, transport: str) -> None:
    with listener(pythons["v0.8"], redis, key, LISTENER_IP="::1", TRANSPORT=transport):
        ended = play(
            pythons["v0.8"],
            dialer(redis, key, TRANSPORT=transport, TEST_TIMEOUT_SECS="5" if transport == "quic-v1" else "20"),
        )
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
        settings = environment(dialer(redis, key))
        done = subprocess.run(shell, env=settings, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == Status.FAULT
    assert done.stderr.startswith("ping_test: standard output")
    assert done.stderr.count("\n") == 1


# Two days: TLS certificates of ping_test.py are valid from the day before. The certificates of QUIC are the library's.
LATER = """
import datetime, runpy, sys
class Later(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(days=2)
datetime.datetime = Later
sys.path.insert(0, {root!r})
sys.argv[0] = {application!r}
runpy.run_path({application!r}, run_name="__main__")
"""


@pytest.mark.parametrize("transport", ["tcp", "quic-v1"])
def test_two_clocks_that_differ_are_named(
    python: Path, redis: RedisServer, key: str, tmp_path: Path, transport: str
) -> None:
    later = tmp_path / "later.py"
    later.write_text(LATER.format(root=str(ROOT), application=str(APPLICATION)))
    stack = {"SECURE_CHANNEL": "tls"} if transport == "tcp" else {"SECURE_CHANNEL": None, "MUXER": None}
    test = {"TRANSPORT": transport, "TEST_TIMEOUT_SECS": f"{TIMEOUT:g}", **stack}
    with running(python, unified(False, redis.address, key, **test), application=later) as listener:
        wait_for_line(listener, "announcing it")
        ended = play(python, unified(True, redis.address, key, **test))
    fails_in_one_line(ended, Status.DIAL, "not yet valid; set the clocks of both machines to the same time")
