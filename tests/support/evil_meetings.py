"""Run a role of ping_test.py against a node that breaks a protocol (an evil peer), and check how the role ends."""

import random
import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager, suppress
from pathlib import Path

from evil_peers import Answer, Evil
from rolekit import PEER_ID, ROOM, Ended, play, server, unified

from pingtest.errors import Status

# The time limits of a dialer in seconds. The second and the third limit are for a busy machine, on which a dialer may
# need longer to reach the fault, or may end later than one second after its limit.
LIMITS = (4.0, 12.0, 30.0)
_TOO_EARLY = ("still starting", "still waiting for the listener's address")


def chance_of(seed: object) -> random.Random:
    """Return a random generator that makes the same choices for the same seed."""
    return random.Random(str(seed))  # noqa: S311 - these choices protect nothing


def ends_well(
    python: Path,
    settings: dict[str, str],
    statuses: Set[Status],
    early: tuple[str, ...] = _TOO_EARLY,
    met: Callable[[], bool] = lambda: True,
) -> Ended:
    """Check that a dialer ends in time, with one line, one of the statuses, and nothing on standard output.

    If a dialer reaches its time limit in a stage of `early`, or before `met` returns True, it has not reached the fault
    yet. Then the test runs the dialer again, with the next of LIMITS.
    """
    for limit in LIMITS:
        ended = play(python, settings | {"TEST_TIMEOUT_SECS": f"{limit:g}"}, limit=limit + ROOM)
        if met() and ended.seconds <= limit + 1 and not any(one in ended.stderr for one in early):
            break
    assert ended.seconds <= limit + 1, ended
    assert ended.status in statuses, ended
    assert ended.stdout == "", ended
    assert ended.stderr.startswith("ping_test: "), ended
    assert ended.stderr.count("\n") == 1, ended
    assert ended.stderr[:-1].isprintable(), ended
    assert "expected" in ended.stderr, ended
    return ended


@contextmanager
def evil_listener(evil: Evil, chance: random.Random) -> Iterator[str]:
    """Run an evil peer during the block, and yield its multiaddr."""
    seed = chance.random()

    def answer(connection: socket.socket) -> None:
        with suppress(OSError, EOFError, ValueError):  # the dialer may end at any time
            evil.answer(connection, chance_of(seed))

    if evil.transport == "quic-v1":
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
            bound.bind(("127.0.0.1", 0))
            threading.Thread(target=answer, args=[bound], daemon=True).start()
            yield f"/ip4/127.0.0.1/udp/{bound.getsockname()[1]}/quic-v1/p2p/{PEER_ID}"
        return
    layer = "" if evil.transport == "tcp" else f"/{evil.transport}"
    with server(answer) as port:
        yield f"/ip4/127.0.0.1/tcp/{port}{layer}/p2p/{PEER_ID}"


def meets(python: Path, evil: Evil, seed: object, redis: str, announce: Callable[[str, str], object]) -> Ended:
    """Let a dialer dial an evil peer, and check how the dialer ends.

    `announce` gets a TEST_KEY and an address, and puts the address into the list in Redis from which the dialer reads.
    """
    chance = chance_of(seed)
    channel, muxer = chance.choice(evil.channels), chance.choice(["yamux", "mplex"])
    statuses = {Status.DIAL, Status.TIME}
    if "plaintext" in (channel, *evil.name.split(", ")):  # nothing in plaintext protects the peer ID
        statuses.add(Status.PEER_ID)
    settings = unified(True, redis, "00000000", TRANSPORT=evil.transport, SECURE_CHANNEL=channel, MUXER=muxer)
    if evil.transport == "quic-v1":
        settings = {name: value for name, value in settings.items() if name not in ("SECURE_CHANNEL", "MUXER")}
    with evil_listener(evil, chance) as address, _announced(address, announce) as key:
        return ends_well(python, settings | {"TEST_KEY": key}, statuses)


@contextmanager
def _announced(address: str, announce: Callable[[str, str], object]) -> Iterator[str]:
    """Yield a key under which every attempt of a dialer finds the address."""
    key = secrets.token_hex(4)
    for _ in LIMITS:
        announce(key, address)
    yield key


def call(address: str, answer: Answer, chance: random.Random) -> None:
    """Act as an evil dialer: connect to a listener's multiaddr, and call `answer`; over UDP, send wrong datagrams."""
    _, _, ip, layer, port, *_ = address.split("/")
    kind = socket.SOCK_DGRAM if layer == "udp" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as connection, suppress(OSError, EOFError, ValueError):
        connection.settimeout(3)
        connection.connect((ip, int(port)))
        if kind == socket.SOCK_STREAM:
            answer(connection, chance)
            return
        for _ in range(50):
            connection.send(b"\xc0\0\0\0\x01\x08" + chance.randbytes(chance.choice([0, 3, 40, 1_200, 1_400])))
