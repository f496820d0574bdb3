"""A Redis that answers one command wrongly, and all others as a real Redis does.

This Redis knows the commands that ping_test.py sends, and has one list. `chance` decides the details of the wrong
answer.
"""

import random
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from evil_peers import PATIENCE, drain, reset, slowly

Wrong = Callable[[socket.socket, random.Random], None]
ADDRESS = b"/ip4/127.0.0.1/tcp/1/p2p/12D3KooWDoW1ECce5j4jvpohvHFeMbDbgpQhPcj8xbyR2eXJjdDv"


def bulk(text: bytes) -> bytes:
    """Return a text in the form in which Redis sends it: its length, a line break, the text and a line break."""
    return b"$%d\r\n%s\r\n" % (len(text), text)


def _sends(*answers: bytes) -> Wrong:
    def wrong(connection: socket.socket, chance: random.Random) -> None:
        connection.sendall(chance.choice(answers))

    return wrong


def _ends(connection: socket.socket, chance: random.Random) -> None:
    connection.sendall(chance.choice([b"", b"*", b"*2\r\n$3\r\nab", b"+PON", b"$5\r\n"]))
    chance.choice([reset, socket.socket.close])(connection)


def _slow(connection: socket.socket, _chance: random.Random) -> None:
    slowly(connection, b"*2\r\n" + bulk(b"key") + bulk(ADDRESS), 1.0)


def _mute(connection: socket.socket, _chance: random.Random) -> None:
    drain(connection)


def _floods(connection: socket.socket, chance: random.Random) -> None:
    connection.sendall(chance.choice([b"$1000000000000\r\n", b"+", b"*1000000000\r\n", b""]))
    part = chance.choice([b"x", b"+OK\r\n", b":1\r\n", b"\r\n", b"*1\r\n"]) * 2_000
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        connection.sendall(part)
        time.sleep(0.02)


ANSWERS: dict[str, Wrong] = {
    "another type": _sends(b":1\r\n", b"+OK\r\n", b"$-1\r\n", b"*-1\r\n", b"*0\r\n", b"$0\r\n\r\n", b":-1\r\n"),
    "lists in lists": _sends(
        b"*1\r\n" * 50_000, b"*2\r\n*1\r\n*1\r\n:1\r\n*0\r\n", b"*2\r\n$1\r\nk\r\n*1\r\n$1\r\nx\r\n"
    ),
    "no protocol": _sends(b"@\r\n", b"\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"\x00" * 99, b"+\xff\xfe\r\n", b"PONG\r\n"),
    "wrong lengths": _sends(
        b"$999999999999\r\n", b"$-5\r\n", b"$x\r\n", b"*999999999\r\n", b"*-7\r\n", b"$1e3\r\n", b":\r\n"
    ),
    "longer": _sends(b"$1\r\nabc\r\n", b"*2\r\n$1\r\nk\r\n$2\r\nabcd\r\n", b"*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"),
    "an error": _sends(
        *(b"-%s\r\n" % text for text in (b"ERR unknown command", b"", b"NOPERM no", b"OOM command not allowed"))
    ),
    "another server": _sends(
        b"-MOVED 3999 127.0.0.1:6381\r\n",
        b"-ASK 3999 127.0.0.1:6381\r\n",
        b"-CLUSTERDOWN The cluster is down\r\n",
        b"-READONLY You can't write against a read only replica.\r\n",
        b"-MASTERDOWN Link with MASTER is down\r\n",
    ),
    "busy": _sends(
        b"-LOADING Redis is loading the dataset in memory\r\n",
        b"-BUSY Redis is busy running a script\r\n",
        b"-TRYAGAIN\r\n",
        b"-MISCONF Redis is configured to save RDB snapshots\r\n",
    ),
    "no access": _sends(
        b"-NOAUTH Authentication required.\r\n",
        b"-WRONGPASS invalid username-password pair\r\n",
        b"-DENIED Redis is running in protected mode\r\n",
        b"-ERR max number of clients reached\r\n",
    ),
    "wrong type": _sends(b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
    "new protocol": _sends(
        b"%1\r\n+a\r\n:1\r\n", b"_\r\n", b"#t\r\n", b",1.5\r\n", b">2\r\n+push\r\n+x\r\n", b"~1\r\n:1\r\n"
    ),
    "controls": _sends(b"-ERR \x1b[2J\x00 a\rb\r\n", b"+\x1b]0;x\x07\r\n", b"-ERR " + b"x" * 100_000 + b"\r\n"),
    "a text": _sends(
        *(b"*2\r\n$1\r\nk\r\n" + bulk(text) for text in (b"", b"\xff" * 9, b"x" * 100_000, b"a\nb", ADDRESS[:20]))
    ),
    "the end": _ends,
    "byte by byte": _slow,
    "nothing": _mute,
    "a flood": _floods,
}


class EvilRedis:
    """Answers the command `command` with the wrong answer `wrong`, a key of ANSWERS; `rolekit.server` calls `answer`.

    `asked` is set when the command has arrived.
    """

    def __init__(self, command: str, wrong: str, chance: random.Random) -> None:
        self.asked = threading.Event()
        self._command, self._wrong, self._chance = command, ANSWERS[wrong], chance

    def answer(self, connection: socket.socket) -> None:
        """Answer the commands of one connection until the connection ends."""
        with connection.makefile("rb") as lines, suppress(OSError, ValueError):
            while head := lines.readline():
                words = [lines.read(int(lines.readline()[1:]) + 2)[:-2] for _ in range(int(head[1:]))]
                name = words[0].decode().upper()
                if name == self._command:
                    self.asked.set()
                    self._wrong(connection, self._chance)
                else:
                    connection.sendall(_right(name, words))


def _right(name: str, words: list[bytes]) -> bytes:
    if name == "SUBSCRIBE":
        return b"*3\r\n" + bulk(b"subscribe") + bulk(words[1]) + b":1\r\n"
    if name == "BLPOP":
        return b"*2\r\n" + bulk(words[1]) + bulk(ADDRESS)
    return {"PING": b"+PONG\r\n", "CLIENT": b"+OK\r\n", "SELECT": b"+OK\r\n", "AUTH": b"+OK\r\n"}.get(name, b":1\r\n")
