"""Tests of the Redis that a matrix run starts, or that REDIS_ADDR names."""

import socket
from pathlib import Path

import pytest
from redisserver import RedisServer
from rolekit import say_nothing, server

from dev.command.errors import CommandError
from dev.matrix import server as module
from dev.matrix.server import check, forget, redis_server


@pytest.mark.redis
def test_a_run_starts_its_own_redis(redis: RedisServer) -> None:
    with redis_server(redis.program) as address:
        assert address.startswith("127.0.0.1:")
        assert address != redis.address
        assert check(address) == address
    with pytest.raises(CommandError, match="refused"):
        check(address)


@pytest.mark.redis
def test_an_address_of_an_earlier_run_is_deleted(redis: RedisServer, key: str) -> None:
    redis.command("RPUSH", f"{key}_listener_multiaddr", "stale")
    forget(redis.address, key)
    assert redis.command("LLEN", f"{key}_listener_multiaddr") == ":0\r\n"
    forget(redis.address, key)


@pytest.mark.parametrize("address", ["nowhere", "redis:6379/0", "redis://:secret@host:1", "a b:1", ":1"])
def test_an_invalid_redis_address_is_an_error(address: str) -> None:
    with pytest.raises(CommandError, match="REDIS_ADDR: expected HOST:PORT, found "):
        check(address)


def test_a_redis_that_does_not_answer_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ANSWER", 0.2)
    with server(say_nothing) as port, pytest.raises(CommandError, match="expected an answer to PING, found: timed out"):
        check(f"127.0.0.1:{port}")


def test_a_server_that_is_not_redis_is_an_error() -> None:
    def greet(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n")

    with server(greet) as port, pytest.raises(CommandError, match=r"expected the answer PONG from .*, found 'HTTP"):
        check(f"127.0.0.1:{port}")
    with server(greet) as port, pytest.raises(CommandError, match="expected a number for DEL"):
        forget(f"127.0.0.1:{port}", "a5b50d5e")


def test_a_redis_that_does_not_start_is_an_error() -> None:
    with pytest.raises(CommandError, match="expected an answer on loopback"), redis_server(Path("/bin/false")):
        pass
