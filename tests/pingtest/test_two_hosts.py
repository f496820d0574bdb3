"""Tests of the ping across a network: two hosts with separate addresses, delay, loss, a cut link, IPv4 and IPv6."""

import subprocess
import sys
import time
from contextlib import suppress
from itertools import product
from pathlib import Path
from socket import SOCK_DGRAM, socket
from statistics import median
from typing import ClassVar

import pytest
from crossing import DELAY, RUNS, Crossing, passed
from host_redis import PORT, redis_on
from meeting import Meeting, latency, meet, start
from netrelay import HOSTS
from pairings import TRACKS, programs
from rolekit import Ended, unified
from twohosts import network

from dev.matrix.plan import Test, every_test
from pingtest.errors import Status
from pingtest.settings import Muxer, SecureChannel, Transport

# The first test of a fixture also waits for all runs of the fixture.
pytestmark = [pytest.mark.processes, pytest.mark.netns, pytest.mark.timeout(300)]


def plain(track: str, transport: Transport = Transport.TCP) -> Test:
    """Return the test of a track with itself, over noise and yamux if the transport needs them."""
    if transport.standalone:
        return Test(track, track, transport, None, None)
    return Test(track, track, transport, SecureChannel.NOISE, Muxer.YAMUX)


@pytest.mark.slow
def test_the_router_delays_both_directions_by_the_given_time() -> None:
    for delay in (0.0, 0.02):
        with network(delay=delay) as net:
            for version in (4, 6):
                took = net.round_trips(RUNS, version=version)
                assert min(took) >= 2000 * delay
                assert median(took) < 2000 * delay + 5


def test_the_seed_decides_which_packets_are_lost() -> None:
    def arrived(seed: int) -> bytes:
        with network(loss=0.3, seed=seed) as net:
            with net.listener.socket(4, SOCK_DGRAM) as server, net.dialer.socket(4, SOCK_DGRAM) as client:
                server.bind((net.listener.ip4, 0))
                for number in range(200):
                    client.sendto(bytes([number]), server.getsockname())
                time.sleep(0.2)
                server.setblocking(False)
                found = b"".join(iter(lambda: _received(server), b""))
            count = net.end()["there"]
        assert (count["passed"], count["lost"], count["cut"]) == (len(found), 200 - len(found), 0)
        return found

    found = arrived(1)
    assert 120 <= len(found) <= 160
    assert arrived(1) == found
    assert arrived(2) != found


def _received(server: socket) -> bytes:
    try:
        return server.recv(1)
    except BlockingIOError:
        return b""


NO_QUIC = "libp2p 0.8.1: a QUIC handshake over IPv6 never completes"
NO_IPV6 = "libp2p 0.4.0 reads the ip4 part of every address that it listens on, so it cannot listen on IPv6"
OVER_IPV6: dict[Test, str | None] = {
    **{plain("v0.8", one): NO_QUIC if one is Transport.QUIC_V1 else None for one in Transport},
    **{plain("v0.4", one): NO_IPV6 for one in (Transport.TCP, Transport.WS, Transport.WSS, Transport.QUIC_V1)},
}


@pytest.fixture(scope="module")
def over_ipv6(pythons: dict[str, Path]) -> dict[Test, Meeting]:
    """Run the ping of each track with itself over IPv6, with the delay."""
    with network(delay=DELAY) as net:
        return meet(net, OVER_IPV6, pythons, version=6, timeout=8)


@pytest.mark.slow
@pytest.mark.parametrize(
    "test",
    [
        pytest.param(test, id=test.name, marks=pytest.mark.xfail(reason=cause) if cause else [])
        for test, cause in OVER_IPV6.items()
    ],
)
def test_a_ping_over_ipv6_takes_the_networks_delay(over_ipv6: dict[Test, Meeting], test: Test) -> None:
    assert passed(over_ipv6[test]).ping_rtt >= 2000 * DELAY


@pytest.mark.redis
@pytest.mark.parametrize(
    ("track", "version", "side"),
    [("v0.4", 4, "dialer"), ("v0.8", 4, "listener"), ("v0.8", 6, "dialer")],
)
def test_redis_can_run_on_either_host(pythons: dict[str, Path], key: str, track: str, version: int, side: str) -> None:
    ip = HOSTS[side][0 if version == 4 else 1]
    redis = f"{ip}:{PORT}" if version == 4 else f"redis://[{ip}]:{PORT}"
    told = {"LISTENER_IP": "0.0.0.0" if version == 4 else "::"}
    with (
        network(delay=DELAY) as net,
        redis_on(getattr(net, side), ip),
        start(net.listener, pythons[track], unified(False, redis, key, **told), subprocess.PIPE) as listener,
    ):
        try:
            with start(net.dialer, pythons[track], unified(True, redis, key, **told), subprocess.PIPE) as dialer:
                stdout, stderr = dialer.communicate(timeout=60)
            listener.terminate()
            _, said = listener.communicate(timeout=60)
        finally:
            listener.kill()
    assert latency(Ended(dialer.returncode, stdout, stderr, 0)).ping_rtt >= 2000 * DELAY
    assert f"listening on /ip{version}/{net.listener.ip(version)}/" in said
    assert listener.returncode == Status.DONE


@pytest.mark.slow
class TestTracks(Crossing):
    programs: ClassVar = {name: program for name, program in programs().items() if name in TRACKS}
    passing: ClassVar = [test for pair in product(TRACKS, TRACKS) for test in every_test(*pair) if test.limit is None]
    timed: ClassVar = [plain(track) for track in TRACKS]
    severed: ClassVar = [
        *(plain(track, transport) for track in TRACKS for transport in (Transport.TCP, Transport.QUIC_V1)),
        plain("v0.4", Transport.WS),  # this dialer does not end alone while the other side stays up
    ]
    cut_at_once = 6


def test_no_namespace_remains_after_a_run_is_killed(pythons: dict[str, Path]) -> None:
    program = f"""
import sys, time
from pathlib import Path
sys.path[:0] = {sys.path!r}
from meeting import listening
from dev.matrix.plan import every_test
from twohosts import network
test = next(every_test("v0.8", "v0.8"))
with network() as net, listening(net, test, Path({str(pythons["v0.8"])!r})):
    print(*(Path(host.namespace).stat().st_ino for host in (net.dialer, net.listener)), flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        namespaces = {int(number) for number in process.stdout.readline().split()}
        assert len(namespaces & in_use()) == 2
        process.kill()
    until = time.monotonic() + 30
    while namespaces & in_use() and time.monotonic() < until:
        time.sleep(0.05)
    assert not namespaces & in_use()


def in_use() -> set[int]:
    """Return the network namespaces that any process is in or has open."""
    found = set()
    for link in [*Path("/proc").glob("[0-9]*/ns/net"), *Path("/proc").glob("[0-9]*/fd/*")]:
        with suppress(OSError):  # the process has ended in the meantime in the meantime
            target = str(link.readlink())
            if target.startswith("net:["):
                found.add(int(target[5:-1]))
    return found
