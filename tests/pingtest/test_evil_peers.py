"""Tests with peers that break each layer of a protocol, chosen from a seed: one line, a documented status, in time."""

import os
import re
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from evil_meetings import LIMITS, call, chance_of, ends_well, meets
from evil_peers import EVILS, Evil
from redisserver import RedisServer
from rolekit import FAULTY, ROOM, play, running, unified, wait_for_line

from pingtest.errors import Status

pytestmark = [pytest.mark.processes, pytest.mark.redis]

SEED = os.environ.get("EVIL_SEED", "18")  # another seed gives other details of each fault
AT_ONCE = 4  # most evil peers are silent, so several can wait at the same time
DIALERS = 12
LAYERS = tuple(dict.fromkeys(one.name.partition(",")[0] for one in EVILS))
QUICK = ("tcp, wrong_header", "noise, wrong_frame", "tls, certificate of nobody", "ws, no_upgrade", "wss, garbage")


def announcer(redis: RedisServer) -> Callable[[str, str], object]:
    return lambda key, address: redis.command("RPUSH", f"{key}_listener_multiaddr", address)


def address_in(line: str) -> str:
    """Return the address in the line that a listener prints."""
    return line.split()[3].rstrip(",")


def meet_all(evils: Sequence[Evil], pythons: dict[str, Path], redis: RedisServer) -> None:
    def meet(evil: Evil) -> None:
        seed = f"{SEED} {evil.name}"
        track = chance_of(f"{seed} track").choice(list(pythons))
        meets(pythons[track], evil, seed, redis.address, announcer(redis))

    for python in pythons.values():
        play(python, {}, "--help")  # starts the server that roles begin in, so that this does not count
    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert len(list(pool.map(meet, evils))) == len(evils)


def test_there_are_sixty_evil_peers() -> None:
    assert len({one.name for one in EVILS}) == len(EVILS) >= 60


def test_a_few_evil_peers_end_a_dialer_with_one_line(pythons: dict[str, Path], redis: RedisServer) -> None:
    meet_all([one for one in EVILS if one.name in QUICK], pythons, redis)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("layer", LAYERS)
def test_each_evil_peer_ends_a_dialer_with_one_line(pythons: dict[str, Path], redis: RedisServer, layer: str) -> None:
    meet_all([one for one in EVILS if one.name.startswith(f"{layer},")], pythons, redis)


# The status of a dialer for each fault behind the secure channel.
BEHIND = {
    "late": {Status.TIME},
    "drips-slowly": {Status.TIME},
    "floods": {Status.PING},
    "breaks-frames": {Status.PING, Status.TIME},
    "breaks-channel": {Status.PING, Status.TIME},
    "expired": {Status.DIAL},
    "not-yet-valid": {Status.DIAL},
}
EARLIER = ("still starting", "still waiting for the listener's address", "still dialing", "still opening a stream")


@pytest.mark.slow
@pytest.mark.parametrize("fault", BEHIND)
def test_a_fault_behind_the_secure_channel_is_one_line(
    pythons: dict[str, Path], redis: RedisServer, key: str, fault: str
) -> None:
    chance = chance_of(f"{SEED} {fault}")
    dated = fault in ("expired", "not-yet-valid")
    track = "v0.8" if dated else chance.choice(list(pythons))  # a listener of 0.4.0 has no TLS
    changes = {
        "SECURE_CHANNEL": "tls" if dated else chance.choice(["noise", "plaintext"]),
        "TRANSPORT": "tcp" if dated else chance.choice(["tcp", "ws", "wss"]),
        "MUXER": chance.choice(["yamux", "mplex"]),
    }
    with running(pythons[track], unified(False, redis.address, key, **changes), fault, application=FAULTY) as process:
        address = address_in(wait_for_line(process, "announcing it"))
        for _ in LIMITS[1:]:
            announcer(redis)(key, address)
        ended = ends_well(pythons[track], unified(True, redis.address, key, **changes), BEHIND[fault], EARLIER)
    assert "certificate" in ended.stderr or not dated


@pytest.mark.parametrize(
    "transport", ["tcp", *(pytest.param(one, marks=pytest.mark.slow) for one in ("ws", "wss", "quic-v1"))]
)
def test_a_listener_outlives_evil_dialers(python: Path, redis: RedisServer, key: str, transport: str) -> None:
    changes = {"TRANSPORT": transport}
    with running(python, unified(False, redis.address, key, **changes)) as listener:
        address = address_in(wait_for_line(listener, "announcing it"))

        def bother(evil: Evil) -> None:
            call(address, evil.answer, chance_of(f"{SEED} {evil.name} dials"))

        quick = [
            one
            for one in EVILS
            if one.transport != "quic-v1" and not {"flood", "byte"} & set(re.split(r"\W|_", one.name))
        ]
        with ThreadPoolExecutor(DIALERS) as pool:
            list(pool.map(bother, chance_of(f"{SEED} {transport}").sample(quick, DIALERS)))
        ended = play(python, unified(True, redis.address, key, **changes))
        listener.send_signal(signal.SIGTERM)
        stdout, stderr = listener.communicate(timeout=ROOM)
    assert ended.status == Status.DONE, ended.stderr
    assert (listener.returncode, stdout, stderr) == (Status.DONE, "", "")
