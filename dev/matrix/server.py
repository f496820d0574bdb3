"""The Redis in which listeners announce their addresses to dialers: a new Redis, or a Redis that already runs."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from dev.command.errors import CommandError

_READY = 10.0  # seconds that a Redis may take to answer
_ANSWER = 5.0  # seconds that a Redis may take for one command


@contextmanager
def redis_server(program: Path, group: int = -1) -> Iterator[str]:
    """Start a Redis on loopback, yield its address HOST:PORT when it answers, and end it after the block.

    `program` is the path of redis-server. `group` is the process group of the Redis; -1 leaves it in the group of this
    process. Raises CommandError if the Redis does not answer.
    """
    with TemporaryDirectory() as folder:
        for _ in range(3):  # another program may take the free port before Redis binds it, so try three times
            with socket.create_server(("127.0.0.1", 0)) as free:
                address = f"127.0.0.1:{free.getsockname()[1]}"
            where = ["--port", address.rpartition(":")[2], "--bind", "127.0.0.1", "--save", "", "--dir", folder]
            with subprocess.Popen(
                [program, *where], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, process_group=group
            ) as process:
                try:
                    if _answers(address, process):
                        yield address
                        return
                finally:
                    process.terminate()
    raise CommandError(f"{program}: expected an answer on loopback within {_READY:g} s, found none")


def check(address: str) -> str:
    """Return `address`, in the form HOST:PORT, if a Redis answers at this address.

    Raises CommandError if no Redis answers, or if the address is malformed.
    """
    if not re.fullmatch(r"[\w.-]+:[0-9]{1,5}|\[[0-9a-fA-F:.]+\]:[0-9]{1,5}", address, re.ASCII):
        raise CommandError(
            f"REDIS_ADDR: expected HOST:PORT, found {address[:60]!r}; unset it, and the command starts a Redis itself"
        )
    answer = _ask(address, "PING")
    if answer != "+PONG":
        raise CommandError(f"REDIS_ADDR: expected the answer PONG from {address}, found {answer[:60]!r}")
    return address


def forget(address: str, key: str) -> None:
    """Delete the address that the listener of an earlier run announced for the test with TEST_KEY `key`.

    If that address stayed, the dialer might read it before the new listener replaces it. `address` is the HOST:PORT of
    the Redis. Raises CommandError if Redis does not answer.
    """
    answer = _ask(address, f"DEL {key}_listener_multiaddr")
    if not answer.startswith(":"):
        raise CommandError(f"Redis at {address}: expected a number for DEL, found {answer[:60]!r}")


def _ask(address: str, command: str) -> str:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER) as connection:
            connection.sendall(f"{command}\r\n".encode())
            return connection.recv(1024).decode("utf-8", "replace").strip()
    except OSError as error:
        raise CommandError(f"Redis at {address}: expected an answer to {command.split()[0]}, found: {error}") from error


def _answers(address: str, process: "subprocess.Popen[bytes]") -> bool:
    until = time.monotonic() + _READY
    while process.poll() is None and time.monotonic() < until:
        try:
            check(address)
        except CommandError:
            time.sleep(0.02)
        else:
            return process.poll() is None
    return False
