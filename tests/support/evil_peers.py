"""Listeners that break a protocol, one function each: over TCP, TLS, WebSocket and QUIC.

Each function answers one connection of a dialer (over QUIC, all datagrams of a UDP socket). `chance` decides the
details, so that a seed can choose them. `faulty_listener.py` has the faults that need libp2p, such as a wrong pong.
"""

import base64
import hashlib
import random
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from pingtest.certificate import server_context

Answer = Callable[[socket.socket, random.Random], None]
PATIENCE = 60.0  # seconds; the tests end every dialer before this time
_SELECT = "/multistream/1.0.0"  # the first message of both sides of a connection
_LONG = 65_536


def varint(number: int) -> bytes:
    """Return a number as libp2p writes lengths: 7 bits in a byte, the lowest first."""
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def message(text: str) -> bytes:
    """Return a message of multistream-select: its length, the text and a line break."""
    return varint(len(text.encode()) + 1) + text.encode() + b"\n"


def drain(connection: socket.socket) -> None:
    """Read and never answer, until the dialer closes the connection."""
    if connection.gettimeout() is None:
        connection.settimeout(PATIENCE)
    with suppress(OSError):
        while connection.recv(_LONG):
            pass


def reset(connection: socket.socket) -> None:
    """Close the connection with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def shut(connection: socket.socket) -> None:
    """Close the connection with FIN."""
    connection.close()


def slowly(connection: socket.socket, data: bytes, pause: float) -> None:
    """Send one byte each `pause` seconds."""
    for one in data:
        connection.sendall(bytes([one]))
        time.sleep(pause)


def read_until(connection: socket.socket, end: bytes) -> bytes:
    """Return the bytes that the dialer sends up to `end`; raise EOFError if the dialer closes the connection first."""
    read = b""
    while end not in read:
        part = connection.recv(_LONG)
        if not part:
            raise EOFError
        read += part
    return read


# Before multistream-select


def silence(connection: socket.socket, _chance: random.Random) -> None:
    drain(connection)


def close(connection: socket.socket, chance: random.Random) -> None:
    chance.choice([shut, reset])(connection)


def read_then_close(connection: socket.socket, chance: random.Random) -> None:
    connection.recv(chance.randint(1, 20))
    chance.choice([shut, reset])(connection)


def garbage(connection: socket.socket, chance: random.Random) -> None:
    connection.sendall(chance.randbytes(chance.choice([1, 2, 19, 64, 3_000, 70_000])))
    chance.choice([drain, shut, reset])(connection)


def flood(connection: socket.socket, chance: random.Random) -> None:
    part = chance.choice([b"\x00", b"\x80", b"\xff", b"\n", b"a", b"\x01\n"]) * 10_000
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        connection.sendall(part)
        time.sleep(0.01)


def echo(connection: socket.socket, _chance: random.Random) -> None:
    while data := connection.recv(_LONG):
        connection.sendall(data)


def other_protocol(connection: socket.socket, chance: random.Random) -> None:
    said = [b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"220 mail ESMTP\r\n"]
    connection.sendall(chance.choice([*said, b"+PONG\r\n", b"\x15\x03\x01\x00\x02\x02\x46", b"\x00" * 4]))
    drain(connection)


# multistream-select


def half_a_header(connection: socket.socket, chance: random.Random) -> None:
    whole = message(_SELECT)
    connection.sendall(whole[: chance.randrange(1, len(whole))])
    chance.choice([drain, reset, shut])(connection)


def header_byte_by_byte(connection: socket.socket, _chance: random.Random) -> None:
    slowly(connection, message(_SELECT) * 3, 1.0)


def wrong_header(connection: socket.socket, chance: random.Random) -> None:
    said = ["/multistream/2.0.0", "", "na", "/multistream/1.0.0 ", "\0" * 18, "ls", "x" * 1_000, "\u202e/multistream"]
    connection.sendall(message(chance.choice(said)))
    drain(connection)


def no_line_break(connection: socket.socket, _chance: random.Random) -> None:
    connection.sendall(varint(len(_SELECT)) + _SELECT.encode())
    drain(connection)


def wrong_length(connection: socket.socket, chance: random.Random) -> None:
    lengths = [b"\x00", b"\x80" * 20, b"\xff" * 9 + b"\x7f", varint(2**31), varint(2**63), varint(65_536), b"\x80"]
    connection.sendall(chance.choice(lengths) + _SELECT.encode() + b"\n")
    drain(connection)


def not_text(connection: socket.socket, chance: random.Random) -> None:
    connection.sendall(varint(20) + chance.choice([b"\xff", b"\xc3", b"\x00"]) * 19 + b"\n")
    drain(connection)


def refuses_all(connection: socket.socket, chance: random.Random) -> None:
    connection.sendall(message(_SELECT) + message("na") * chance.choice([1, 2, 50]))
    drain(connection)


def accepts_another(connection: socket.socket, chance: random.Random) -> None:
    connection.sendall(message(_SELECT) + message(chance.choice(["/noize", "/tls/2.0.0", "/x", _SELECT])) * 2)
    drain(connection)


# The secure channel


def _in_channel(channel: str, answer: Answer) -> Answer:
    """Return a listener that selects a secure channel as a correct listener does, and then calls `answer`."""

    def selected(connection: socket.socket, chance: random.Random) -> None:
        connection.sendall(message(_SELECT))
        read_until(connection, f"{channel}\n".encode())
        connection.sendall(message(channel))
        answer(connection, chance)

    return selected


def wrong_frame(connection: socket.socket, chance: random.Random) -> None:
    """Send a first message with a wrong length or content: of noise, of TLS or of plaintext."""
    size = chance.choice([0, 1, 31, 32, 96, 65_535])
    body = chance.choice([b"\x00", b"\xff", b"\x0a"]) * chance.choice([0, size, size // 2, size + 1])
    prefixes = [
        struct.pack(">H", size),
        varint(size),
        struct.pack(">I", size),
        b"\x16\x03\x03" + struct.pack(">H", size),
    ]
    connection.sendall(chance.choice(prefixes) + body)
    chance.choice([drain, shut, reset])(connection)


def byte_by_byte(connection: socket.socket, chance: random.Random) -> None:
    slowly(connection, b"\x00\xc0" + chance.randbytes(200), 0.5)


def _inside_tls(answer: Answer) -> Answer:
    """Return a listener with a TLS certificate that names no libp2p peer; it calls `answer` inside of TLS."""

    def inside(connection: socket.socket, chance: random.Random) -> None:
        with server_context().wrap_socket(connection, server_side=True) as secured:
            answer(secured, chance)

    return inside


# WebSocket


def _accepted(connection: socket.socket) -> bytes:
    """Read the dialer's request for a WebSocket, and return the correct answer."""
    lines = read_until(connection, b"\r\n\r\n").split(b"\r\n")
    (key,) = (line.split(b":")[1].strip() for line in lines if line.lower().startswith(b"sec-websocket-key:"))
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())  # noqa: S324
    head = [b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade"]
    return b"\r\n".join([*head, b"Sec-WebSocket-Accept: " + accept, b"", b""])


def no_upgrade(connection: socket.socket, chance: random.Random) -> None:
    right = _accepted(connection)
    wrong = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 403 Forbidden\r\n\r\n",
        b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/9.9 xyz\r\n\r\n",
        right.replace(b"Accept: ", b"Accept: x"),
        right[:-2],
        b"HTTP/1.1 101 Switching Protocols\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
        chance.randbytes(200),
    ]
    connection.sendall(chance.choice(wrong))
    chance.choice([drain, shut])(connection)


def wrong_frames(connection: socket.socket, chance: random.Random) -> None:
    connection.sendall(_accepted(connection))
    frames = [
        b"\x82\x7f" + struct.pack(">Q", 2**62),  # a message of 2**62 bytes
        b"\x82\x7f" + b"\xff" * 8,
        b"\x82\x85" + b"\x00" * 9,  # masked, which only a client may do
        b"\xf2\x01x",  # reserved bits
        b"\x8f\x00",  # an unknown kind of frame
        b"\x81\x02\xff\xfe",  # text that is not UTF-8
        b"\x88\x02\x03\xe8",  # a frame that closes the WebSocket
        b"\x88\x01x",  # a closing frame of a wrong length
        b"\x89\x7e\xff\xff",  # a ping that is too long
        b"\x80\x01x",  # the continuation of a message that has no beginning
        b"\x82\x00" * 5_000,  # empty messages
        chance.randbytes(500),
    ]
    connection.sendall(chance.choice(frames))
    chance.choice([drain, reset, shut])(connection)


def echo_frames(connection: socket.socket, chance: random.Random) -> None:
    """Accept a WebSocket, and send all bytes back unchanged."""
    connection.sendall(_accepted(connection))
    echo(connection, chance)


# QUIC, where `connection` is a UDP socket


def _each(answer: Callable[[bytes, random.Random], bytes]) -> Answer:
    """Return a listener that answers each datagram with the datagram that `answer` returns."""

    def forever(connection: socket.socket, chance: random.Random) -> None:
        for _ in range(3_000):  # an endless exchange would keep a processor busy
            data, whom = connection.recvfrom(_LONG)
            connection.sendto(answer(data, chance), whom)

    return forever


def _noise(data: bytes, chance: random.Random) -> bytes:
    return chance.randbytes(chance.choice([0, 1, 20, len(data), 1_200, 9_000]))


def _flipped(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(max(len(data), 1))
    return data[:at] + bytes([one ^ 0x55 for one in data[at : at + 1]]) + data[at + 1 :]


def _ids(data: bytes) -> tuple[bytes, bytes]:
    """Return the connection IDs in the long header of a QUIC packet, each with its length: the dialer's and ours."""
    rest = data[5:].ljust(512, b"\0")  # anybody may send a short packet
    ours = rest[: 1 + rest[0]]
    return rest[len(ours) :][: 1 + rest[len(ours)]], ours


def _other_version(data: bytes, chance: random.Random) -> bytes:
    return b"\xc0\0\0\0\0" + b"".join(_ids(data)) + chance.choice([b"", b"\x0a" * 4, b"\0" * 4, b"\0\0\0\x01", b"\0"])


def _retry(data: bytes, chance: random.Random) -> bytes:
    return b"\xf0\0\0\0\x01" + _ids(data)[0] + b"\x08" + chance.randbytes(48)


def _closed(data: bytes, chance: random.Random) -> bytes:
    return b"\xe0\0\0\0\x01" + b"".join(_ids(data)) + chance.randbytes(chance.choice([3, 40, 1_000]))


@dataclass(frozen=True)
class Evil:
    """A listener that breaks a protocol, and the transport and secure channel of the dialers that it can meet."""

    name: str
    transport: str
    channels: tuple[str, ...]
    answer: Answer


_CHANNELS = {"noise": "/noise", "tls": "/tls/1.0.0", "plaintext": "/plaintext/2.0.0"}
_BEFORE = (silence, close, read_then_close, garbage, flood, echo, other_protocol)
_SELECTING = (
    half_a_header,
    header_byte_by_byte,
    wrong_header,
    no_line_break,
    wrong_length,
    not_text,
    refuses_all,
    accepts_another,
)
_INSIDE = (silence, close, garbage, flood, echo, wrong_frame, byte_by_byte)
_FRAMED = (no_upgrade, wrong_frames, echo_frames)
_DATAGRAMS = {
    "garbage": _noise,
    "echo": lambda data, _: data,
    "flipped": _flipped,
    "other version": _other_version,
    "retry": _retry,
    "closed": _closed,
}
_ANY = tuple(_CHANNELS)
EVILS = (
    *(Evil(f"tcp, {one.__name__}", "tcp", _ANY, one) for one in (*_BEFORE, *_SELECTING)),
    *(
        Evil(f"{name}, {one.__name__}", "tcp", (name,), _in_channel(_CHANNELS[name], one))
        for name in _ANY
        for one in _INSIDE
    ),
    Evil("tls, certificate of nobody", "tcp", ("tls",), _in_channel("/tls/1.0.0", _inside_tls(silence))),
    *(
        Evil(f"ws, {one.__name__}", "ws", _ANY, one)
        for one in (*_FRAMED, silence, close, garbage, other_protocol, flood)
    ),
    *(Evil(f"wss, {one.__name__}", "wss", _ANY, one) for one in (silence, close, garbage, other_protocol, echo)),
    *(Evil(f"wss, {one.__name__} inside", "wss", _ANY, _inside_tls(one)) for one in (*_FRAMED, silence, close)),
    *(Evil(f"quic, {name}", "quic-v1", _ANY, _each(one)) for name, one in _DATAGRAMS.items()),
)
