"""A proxy for Redis as unified-testing starts it for a program of the older harness, test-plans ("legacy" there).

Such a program uses the key `listenerAddr`. The proxy replaces this key by the key of the test, which is
TEST_KEY_listener_multiaddr, in RPUSH, LPOP, BLPOP and DEL. In the answer to BLPOP, the proxy writes the old key again.
The proxy changes no other command, for example LREM.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BufferedReader

from rolekit import server

OLD = b"listenerAddr"
_TRANSLATED = (b"RPUSH", b"LPOP", b"BLPOP", b"DEL")


def _read(stream: BufferedReader) -> tuple[bytes, list[bytes]]:
    """Return one message as it came, and the texts in it; raise EOFError at the end of the stream."""
    line = stream.readline()
    if not line:
        raise EOFError
    kind, count = line[:1], line[1:-2]
    if kind == b"$" and count != b"-1":
        text = stream.read(int(count) + 2)
        return line + text, [text[:-2]]
    if kind == b"*" and count != b"-1":
        parts = [_read(stream) for _ in range(int(count))]
        return line + b"".join(raw for raw, _ in parts), [text for _, texts in parts for text in texts]
    return line, []


def _written(words: list[bytes]) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def _command(new: bytes, raw: bytes, words: list[bytes]) -> bytes:
    if not words or words[0].upper() not in _TRANSLATED:
        return raw
    keys = slice(1, 2) if words[0].upper() in (b"RPUSH", b"LPOP") else slice(1, None)
    words[keys] = [new if word == OLD else word for word in words[keys]]
    return _written(words)


def _answer(new: bytes, raw: bytes, words: list[bytes]) -> bytes:
    return _written([OLD, words[1]]) if raw.startswith(b"*2\r\n$") and words[0] == new and len(words) == 2 else raw


def _pass_on(source: socket.socket, target: socket.socket, change: Callable[[bytes, list[bytes]], bytes]) -> None:
    """Pass on each message as `change` returns it, until one side closes its connection; then close both."""
    try:
        with source.makefile("rb") as stream:
            while True:
                target.sendall(change(*_read(stream)))
    except (OSError, EOFError):
        for one in (source, target):
            with one:
                pass


@contextmanager
def legacy_proxy(redis_port: int, key: str) -> Iterator[int]:
    """Run the proxy of the test `key` in front of a Redis on loopback during the block, and yield its port."""
    new = f"{key}_listener_multiaddr".encode()

    def connect(client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", redis_port)) as upstream:
            back = threading.Thread(target=_pass_on, args=[upstream, client, partial(_answer, new)], daemon=True)
            back.start()
            _pass_on(client, upstream, partial(_command, new))

    with server(connect) as port:
        yield port
