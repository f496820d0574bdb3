"""A libp2p listener with a fault: `faulty_listener.py FAULT`, which reads the same variables as ping_test.py.

FAULT is a key of ANSWERS, which are faults after the handshake, or of IDENTITIES, which are faults of the handshake.
"""

import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import trio
from cryptography import x509
from libp2p.abc import INetStream
from libp2p.peer.id import ID
from multiaddr import Multiaddr
from rolekit import PEER_ID

import ping_test
from pingtest import addresses, certificate, roles
from pingtest.settings import Settings

fault = sys.argv.pop()
announced_address = addresses.announced_address


async def drip(stream: INetStream, ping: bytes, pause: float) -> None:
    for byte in ping:
        await stream.write(bytes([byte]))
        await trio.sleep(pause)


async def send_short(stream: INetStream, ping: bytes) -> None:
    await stream.write(ping[:-1])
    await stream.close()


async def send_late(stream: INetStream, ping: bytes) -> None:
    await trio.sleep(60)
    await stream.write(ping)


async def flood(stream: INetStream, _ping: bytes) -> None:
    while True:
        await stream.write(b"x" * 10_000)


async def break_frames(stream: INetStream, _ping: bytes) -> None:
    """Write bytes that are no frames of a muxer into the secure channel."""
    await stream.muxed_conn.secured_conn.write(b"\xff" * 100)  # type: ignore[attr-defined]


async def break_channel(stream: INetStream, _ping: bytes) -> None:
    """Write bytes directly into the connection below the secure channel."""
    connection: Any = stream.muxed_conn
    while hasattr(connection, "secured_conn") or hasattr(connection, "conn"):
        connection = getattr(connection, "secured_conn", None) or connection.conn
    await connection.write(b"\x00\x20" + b"\xff" * 32)


ANSWERS: dict[str, Callable[[INetStream, bytes], Awaitable[object]]] = {
    "silent": lambda _stream, _ping: trio.sleep_forever(),
    "wrong-bytes": lambda stream, ping: stream.write(bytes(byte ^ 0xFF for byte in ping)),
    "short": send_short,
    "long": lambda stream, ping: stream.write(ping * 3),
    "late": send_late,
    "floods": flood,
    "closes": lambda stream, _ping: stream.muxed_conn.close(),
    "resets": lambda stream, _ping: stream.reset(),
    "drips": lambda stream, ping: drip(stream, ping, 0),
    "drips-slowly": lambda stream, ping: drip(stream, ping, 1),
    "breaks-frames": break_frames,
    "breaks-channel": break_channel,
}


async def answer(stream: INetStream) -> None:
    await ANSWERS[fault](stream, await roles.read_up_to(stream, roles.PAYLOAD))


def announce(settings: Settings, listening: Multiaddr, peer_id: ID) -> str:
    address = announced_address(settings, listening, peer_id)
    return address.replace(str(peer_id), PEER_ID) if fault == "other-peer" else address


def with_dates(start: int, end: int) -> Callable[[], x509.CertificateBuilder]:
    """Return a template of certificates that are valid from `start` to `end`, in days from now."""

    def template() -> x509.CertificateBuilder:
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        now = datetime.now(UTC)
        empty = x509.CertificateBuilder(name, name, serial_number=x509.random_serial_number())
        return empty.not_valid_before(now + timedelta(start)).not_valid_after(now + timedelta(end))

    return template


IDENTITIES = {
    "other-peer": announce,
    "expired": with_dates(-9, -8),
    "not-yet-valid": with_dates(8, 9),
}
if fault in ("expired", "not-yet-valid"):
    certificate.template = IDENTITIES[fault]  # type: ignore[assignment]
if fault in ANSWERS:
    roles.answer_pings = answer
setattr(roles, "announced_address", announce)  # noqa: B010 - mypy: roles imports this name from another module
sys.exit(ping_test.main())
