"""Tests of the rendezvous: a real Redis that stops, servers that refuse, hang or answer nonsense, and a pipe."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
import trio
from redisserver import RedisServer
from rolekit import say_nothing, server

from pingtest.errors import Failure, Status
from pingtest.rendezvous import PipeRendezvous, RedisRendezvous
from pingtest.settings import Pipe, Redis


def at(port: int, key: str = "k", credentials: str = "") -> Redis:
    return Redis(f"redis://{credentials}127.0.0.1:{port}", f"127.0.0.1:{port}", key)


def taken(where: Redis, timeout: float = 2.0, limit: float = 20.0) -> str:
    async def take() -> str:
        with trio.fail_after(limit):
            return await RedisRendezvous(where, timeout).take()

    return trio.run(take)


def failure_of(where: Redis, timeout: float = 1.0) -> str:
    with pytest.raises(Failure) as caught:
        taken(where, timeout)
    assert caught.value.status is Status.RENDEZVOUS
    line = str(caught.value)
    assert line.startswith(f"Redis at {where.endpoint}, key {where.key}: expected ")
    return line


@pytest.mark.redis
def test_the_dialer_receives_the_address_that_the_listener_announces(redis: RedisServer, key: str) -> None:
    async def both() -> str:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(RedisRendezvous(at(redis.port, key), 5.0).announce, "/ip4/127.0.0.1/tcp/1")
            with trio.fail_after(10):
                address = await RedisRendezvous(at(redis.port, key), 5.0).take()
            nursery.cancel_scope.cancel()
        return address

    assert trio.run(both) == "/ip4/127.0.0.1/tcp/1"


@pytest.mark.redis
def test_an_announcement_replaces_the_address_of_an_earlier_run(redis: RedisServer, key: str) -> None:
    redis.command("RPUSH", key, "stale")

    async def announce() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(RedisRendezvous(at(redis.port, key), 5.0).announce, "fresh")
            await trio.sleep(1)
            assert redis.command("LRANGE", key, "0", "-1") == "*1\r\n$5\r\nfresh\r\n"
            nursery.cancel_scope.cancel()

    trio.run(announce)


@pytest.mark.redis
def test_a_key_of_another_type_is_noted_once_until_the_listener_replaces_it(redis: RedisServer, key: str) -> None:
    redis.command("SET", key, "text")
    notes: list[str] = []

    async def both() -> str:
        async with trio.open_nursery() as nursery:
            with trio.move_on_after(1):
                await RedisRendezvous(at(redis.port, key), 5.0, notes).take()
            assert len(notes) == 1
            nursery.start_soon(RedisRendezvous(at(redis.port, key), 5.0).announce, "here")
            with trio.fail_after(30):
                found = await RedisRendezvous(at(redis.port, key), 5.0, notes).take()
            nursery.cancel_scope.cancel()
        return found

    assert trio.run(both) == "here"
    assert all("expected a list, found a key of another type" in note for note in notes)


@pytest.mark.redis
def test_a_stopped_listener_takes_its_address_out_of_the_list(redis: RedisServer, key: str) -> None:
    async def announce_and_stop() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(RedisRendezvous(at(redis.port, key), 5.0).announce, "here")
            while redis.command("LLEN", key) != ":1\r\n":
                await trio.sleep(0.02)
            nursery.cancel_scope.cancel()

    trio.run(announce_and_stop)
    assert redis.command("EXISTS", key) == ":0\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b":1\r\n",
        b"*-1\r\n",
        b"*1\r\n$1\r\nx\r\n",
        b"*2\r\n$1\r\nx\r\n*1\r\n$1\r\ny\r\n",
        b"*2\r\n$1\r\nx\r\n:5\r\n",
        b"@\r\n",
    ],
    ids=["a number", "nothing", "one word", "a list in a list", "a number in a list", "no Redis protocol"],
)
def test_an_unexpected_answer_to_blpop_is_a_failure(answer: bytes) -> None:
    def serve(connection: socket.socket) -> None:
        while data := connection.recv(4096):
            for command in (b"PING", b"BLPOP", b"CLIENT"):
                for _ in range(data.upper().count(b"\r\n" + command + b"\r\n")):
                    connection.sendall({b"PING": b"+PONG\r\n", b"BLPOP": answer, b"CLIENT": b"+OK\r\n"}[command])

    with server(serve) as port:
        assert "expected a Redis that accepts our commands" in failure_of(at(port))


@pytest.mark.redis
def test_a_redis_with_a_password_works_and_no_message_repeats_the_password(tmp_path: Path, key: str) -> None:
    guarded = RedisServer(tmp_path, "--requirepass", "hunter2")
    try:
        without = failure_of(at(guarded.port, key))
        wrong = failure_of(at(guarded.port, key, ":hunter3@"))
        assert "password" in without
        assert "password" in wrong
        assert "hunter3" not in wrong

        async def both() -> str:
            where = at(guarded.port, key, ":hunter2@")
            async with trio.open_nursery() as nursery:
                nursery.start_soon(RedisRendezvous(where, 5.0).announce, "here")
                with trio.fail_after(10):
                    found = await RedisRendezvous(where, 5.0).take()
                nursery.cancel_scope.cancel()
            return found

        assert trio.run(both) == "here"
    finally:
        guarded.stop()


@pytest.mark.redis
def test_a_listener_announces_again_after_a_restart_of_redis(own_redis: RedisServer, key: str) -> None:
    where = at(own_redis.port, key)

    async def both() -> tuple[str, str]:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(RedisRendezvous(where, 20.0).announce, "here")
            with trio.fail_after(30):
                first = await RedisRendezvous(where, 20.0).take()
                await trio.to_thread.run_sync(own_redis.stop)
                await trio.sleep(0.5)
                await trio.to_thread.run_sync(own_redis.start)
                second = await RedisRendezvous(where, 20.0).take()
            nursery.cancel_scope.cancel()
        return first, second

    assert trio.run(both) == ("here", "here")


@pytest.mark.redis
def test_a_dialer_keeps_waiting_during_a_restart_of_redis(own_redis: RedisServer, key: str) -> None:
    where = at(own_redis.port, key)

    async def restart() -> None:
        await trio.sleep(0.5)
        await trio.to_thread.run_sync(own_redis.stop)
        await trio.to_thread.run_sync(own_redis.start)
        await trio.to_thread.run_sync(own_redis.command, "RPUSH", key, "here")

    async def both() -> str:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(restart)
            with trio.fail_after(30):
                return await RedisRendezvous(where, 20.0).take()

    assert trio.run(both) == "here"


@pytest.mark.redis
def test_a_listener_fails_when_redis_stays_away(own_redis: RedisServer, key: str) -> None:
    async def announce() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(RedisRendezvous(at(own_redis.port, key), 1.0).announce, "here")
            await trio.sleep(0.5)
            await trio.to_thread.run_sync(own_redis.stop)
            await trio.sleep(10)

    with pytest.raises(ExceptionGroup) as caught:
        trio.run(announce)
    failure = caught.value.exceptions[0]
    assert isinstance(failure, Failure)
    assert failure.status is Status.RENDEZVOUS
    own_redis.start()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def test_a_redis_that_refuses_the_connection_is_an_immediate_failure() -> None:
    assert "refused" in failure_of(at(closed_port()))


def test_an_unknown_host_name_is_a_failure_that_shows_the_name() -> None:
    where = Redis("redis://nobody.invalid:6379", "nobody.invalid:6379", "k")
    assert "nobody.invalid" in failure_of(where)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (say_nothing, "none in 0.5 s"),
        (lambda connection: connection.close(), "accepts connections"),
        (lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "HTTP/1.1 400"),
        (lambda connection: connection.sendall(b"$-5\r\n" * 1000), ""),
        (lambda connection: connection.sendall(b"\x00\xff" * 4096), ""),
    ],
    ids=["hangs", "closes", "speaks HTTP", "answers nonsense", "answers noise"],
)
def test_a_server_that_is_not_redis_is_a_failure(answer: Callable[[socket.socket], None], says: str) -> None:
    with server(answer) as port:
        assert says in failure_of(at(port))


def test_a_pipe_passes_the_address_to_the_dialer() -> None:
    async def both() -> str:
        read_end, write_end = os.pipe()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(PipeRendezvous(Pipe(write_end)).announce, "here")
            address = await PipeRendezvous(Pipe(read_end)).take()
            nursery.cancel_scope.cancel()
        return address

    assert trio.run(both) == "here"


def test_a_pipe_without_a_writer_is_a_failure() -> None:
    read_end, write_end = os.pipe()
    os.close(write_end)
    with pytest.raises(Failure, match="listener has ended"):
        trio.run(PipeRendezvous(Pipe(read_end)).take)


def test_a_descriptor_that_is_no_open_pipe_is_a_wrong_setting() -> None:
    with pytest.raises(Failure, match="RENDEZVOUS_FD=999: expected an inherited pipe") as caught:
        PipeRendezvous(Pipe(999))
    assert caught.value.status is Status.SETTINGS
    with open(os.devnull) as file, pytest.raises(Failure, match="found another file") as caught:  # noqa: PTH123
        PipeRendezvous(Pipe(file.fileno()))
    assert caught.value.status is Status.SETTINGS
