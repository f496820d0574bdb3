"""Tests of the dialect test-plans behind the proxy with which unified-testing runs programs of that older harness."""

import json
import signal
import socket
from pathlib import Path

import pytest
from legacy_proxy import legacy_proxy
from redisserver import RedisServer
from rolekit import ROOM, Ended, play, running, unified, wait_for_line

from pingtest.errors import Status

pytestmark = [pytest.mark.processes, pytest.mark.redis]


def legacy(is_dialer: bool, port: int) -> dict[str, str]:
    """Return the variables that unified-testing sets for such a program; the program listens on loopback here."""
    names = {"is_dialer": str(is_dialer).lower(), "redis_addr": f"127.0.0.1:{port}", "ip": "127.0.0.1"}
    return names | {"transport": "tcp", "security": "noise", "muxer": "yamux"}


@pytest.mark.parametrize("legacy_dialer", [True, False], ids=["legacy dialer", "unified dialer"])
@pytest.mark.parametrize("legacy_listener", [True, False], ids=["legacy listener", "unified listener"])
def test_the_two_dialects_meet_through_the_proxy(
    python: Path, redis: RedisServer, key: str, legacy_dialer: bool, legacy_listener: bool
) -> None:
    with legacy_proxy(redis.port, key) as port:
        listens = legacy(False, port) if legacy_listener else unified(False, redis.address, key)
        dials = legacy(True, port) if legacy_dialer else unified(True, redis.address, key)
        with running(python, listens) as listener:
            wait_for_line(listener, "announcing it")
            ended = play(python, dials)
    assert ended.status == Status.DONE, ended.stderr
    assert is_json(ended) == legacy_dialer
    assert redis.command("EXISTS", "listenerAddr") == ":0\r\n"


def is_json(ended: Ended) -> bool:
    return ended.stdout.startswith("{") and "handshakePlusOneRTTMillis" in json.loads(ended.stdout)


def test_a_stopped_listener_behind_the_proxy_takes_its_address_out_of_the_list(
    python: Path, redis: RedisServer, key: str
) -> None:
    with legacy_proxy(redis.port, key) as port, running(python, legacy(False, port)) as listener:
        wait_for_line(listener, "announcing it")
        while redis.command("LLEN", f"{key}_listener_multiaddr") == ":0\r\n":
            assert listener.poll() is None
        listener.send_signal(signal.SIGTERM)
        assert listener.wait(ROOM) == Status.DONE
    assert redis.command("EXISTS", f"{key}_listener_multiaddr") == ":0\r\n"


def test_the_proxy_translates_only_what_the_harness_translates(redis: RedisServer, key: str) -> None:
    new = f"{key}_listener_multiaddr"
    with legacy_proxy(redis.port, key) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as connection:

        def ask(*words: str) -> str:
            connection.sendall(
                f"*{len(words)}\r\n".encode() + b"".join(f"${len(one)}\r\n{one}\r\n".encode() for one in words)
            )
            return connection.recv(4096).decode()

        assert ask("RPUSH", "listenerAddr", "listenerAddr") == ":1\r\n"
        assert redis.command("LRANGE", new, "0", "-1") == "*1\r\n$12\r\nlistenerAddr\r\n"
        assert ask("LREM", "listenerAddr", "0", "listenerAddr") == ":0\r\n"
        assert ask("BLPOP", "listenerAddr", "1") == "*2\r\n$12\r\nlistenerAddr\r\n$12\r\nlistenerAddr\r\n"
        assert ask("RPUSH", "listenerAddr", "x") == ":1\r\n"
        assert ask("LPOP", "listenerAddr") == "$1\r\nx\r\n"
        assert ask("RPUSH", "listenerAddr", "x") == ":1\r\n"
        assert ask("DEL", "listenerAddr") == ":1\r\n"
