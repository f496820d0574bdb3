"""The ping across a network: two hosts with addresses of their own, delay, loss, a cut, IPv4 and IPv6.

Runs wait for packets more than they compute, so a fixture makes many of them at once, and each test judges one.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path
from socket import SOCK_DGRAM, socket
from statistics import median, quantiles

import pytest
from meeting import Meeting, dial, latency, listening, meet, start
from netrelay import HOSTS
from rolekit import Ended, unified
from twohosts import Host, first_in_line, network

from pingtest.errors import Status
from pingtest.matrix.plan import Test, every_test
from pingtest.report import Latency
from pingtest.settings import Muxer, SecureChannel, Transport

# A fixture's many runs are of the first test's time.
pytestmark = [pytest.mark.processes, pytest.mark.netns, pytest.mark.timeout(300)]

DELAY = 0.05  # seconds, each way
RUNS = 20
TRACKS = ("v0.4", "v0.8")
PASSING = [test for pair in product(TRACKS, TRACKS) for test in every_test(*pair) if test.limit is None]


def plain(track: str, transport: Transport = Transport.TCP) -> Test:
    """A track with itself, over noise and yamux where the transport wants them."""
    if transport.standalone:
        return Test(track, track, transport, None, None)
    return Test(track, track, transport, SecureChannel.NOISE, Muxer.YAMUX)


def passed(meeting: Meeting) -> Latency:
    """What was measured, where the listener too ended as it should."""
    measured = latency(meeting.dialer)
    ended_as_told(meeting.listener)
    return measured


def ended_as_told(listener: Ended) -> None:
    """How a listener must end: at once, with nothing said but where it listened."""
    assert listener.status == Status.DONE, listener.stderr
    assert [line for line in listener.stderr.splitlines() if not line.startswith("pingtest: ")] == []
    assert listener.seconds < 3


def test_the_router_delays_each_way_by_as_much_as_it_is_told() -> None:
    for delay in (0.0, 0.02):
        with network(delay=delay) as net:
            for version in (4, 6):
                took = net.round_trips(RUNS, version=version)
                assert min(took) >= 2000 * delay
                assert median(took) < 2000 * delay + 5


def test_what_is_lost_the_seed_decides() -> None:
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


@pytest.fixture(scope="module")
def delayed(pythons: dict[str, Path]) -> dict[Test, Meeting]:
    """Every combination that passes on loopback, with the delay."""
    with network(delay=DELAY) as net:
        return meet(net, PASSING, pythons)


@pytest.mark.parametrize("test", PASSING, ids=lambda test: test.name)
def test_with_delay(delayed: dict[Test, Meeting], test: Test) -> None:
    measured = passed(delayed[test])
    assert measured.ping_rtt >= 2000 * DELAY


@pytest.fixture(scope="module")
def lossy(pythons: dict[str, Path]) -> dict[Test, Meeting]:
    """The same, and one packet of a hundred lost."""
    with network(delay=DELAY, loss=0.01) as net:
        meetings = meet(net, PASSING, pythons)
        counts = net.end()
    assert all(count["lost"] for count in counts.values()), counts
    return meetings


@pytest.mark.parametrize("test", PASSING, ids=lambda test: test.name)
def test_with_delay_and_loss(lossy: dict[Test, Meeting], test: Test) -> None:
    passed(lossy[test])


def test_what_loss_costs_is_told(delayed: dict[Test, Meeting], lossy: dict[Test, Meeting]) -> None:
    for name, meetings in (("without loss", delayed), ("with 1 % lost", lossy)):
        measured = [latency(meeting.dialer) for meeting in meetings.values()]
        for what in ("handshake_plus_one_rtt", "ping_rtt"):
            figures = [getattr(one, what) for one in measured]
            cuts = " ".join(f"{cut:.1f}" for cut in quantiles(figures, n=10))
            print(f"{name}: {what}, ms: min {min(figures):.1f}, tenths {cuts}, max {max(figures):.1f}")


@pytest.mark.parametrize("track", TRACKS)
def test_a_ping_takes_the_networks_round_trip(pythons: dict[str, Path], track: str) -> None:
    for _ in range(3):  # a machine that is busy with other things only ever adds
        of_a_ping, of_the_router = medians(plain(track), pythons[track])
        print(f"{track}: {RUNS} pings, median {of_a_ping:.2f} ms; the router's round trip {of_the_router:.2f} ms")
        if of_a_ping < of_the_router + 5:
            break
    assert 2000 * DELAY <= of_a_ping < of_the_router + 5


def medians(test: Test, python: Path) -> tuple[float, float]:
    """The medians of pings of one run each, and of the router's own round trips before and after."""
    with first_in_line(), network(delay=DELAY) as net, listening(net, test, python) as listener:
        round_trips = net.round_trips(RUNS)
        with ThreadPoolExecutor(3) as pool:
            runs = list(pool.map(lambda _: dial(net, test, python, listener.address), range(RUNS)))
        round_trips += net.round_trips(RUNS)
    return median(latency(run).ping_rtt for run in runs), median(round_trips)


NO_QUIC = "libp2p 0.8.1: a QUIC handshake over IPv6 does not come to an end"
NO_IPV6 = "libp2p 0.4.0 reads the ip4 part of every address it listens on: it has no IPv6"
OVER_IPV6: dict[Test, str | None] = {
    **{plain("v0.8", one): NO_QUIC if one is Transport.QUIC_V1 else None for one in Transport},
    **{plain("v0.4", one): NO_IPV6 for one in (Transport.TCP, Transport.WS, Transport.WSS, Transport.QUIC_V1)},
}


@pytest.fixture(scope="module")
def over_ipv6(pythons: dict[str, Path]) -> dict[Test, Meeting]:
    """Each track with itself over IPv6, with the delay."""
    with network(delay=DELAY) as net:
        return meet(net, OVER_IPV6, pythons, version=6, timeout=8)


@pytest.mark.parametrize(
    "test",
    [
        pytest.param(test, id=test.name, marks=pytest.mark.xfail(reason=cause) if cause else [])
        for test, cause in OVER_IPV6.items()
    ],
)
def test_ipv6(over_ipv6: dict[Test, Meeting], test: Test) -> None:
    assert passed(over_ipv6[test]).ping_rtt >= 2000 * DELAY


@contextmanager
def redis_on(host: Host, version: int) -> Iterator[str]:
    """A Redis of that host, at its own address."""
    where = ["--port", "6379", "--bind", host.ip(version), "--protected-mode", "no", "--save", ""]
    command = host.inside(shutil.which("redis-server") or "redis-server", *where)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            for _ in range(200):
                with host.socket(version) as client:
                    if client.connect_ex((host.ip(version), 6379)) == 0:
                        break
                time.sleep(0.05)
            yield f"{host.ip4}:6379" if version == 4 else f"redis://[{host.ip6}]:6379"
        finally:
            process.kill()


@pytest.mark.redis
@pytest.mark.parametrize(
    ("track", "version", "side"),
    [("v0.4", 4, "dialer"), ("v0.8", 4, "listener"), ("v0.8", 6, "dialer")],
)
def test_a_redis_on_either_host(pythons: dict[str, Path], key: str, track: str, version: int, side: str) -> None:
    with network(delay=DELAY) as net, redis_on(getattr(net, side), version) as redis:
        told = {"LISTENER_IP": "0.0.0.0" if version == 4 else "::"}
        with start(net.listener, pythons[track], unified(False, redis, key, **told), subprocess.PIPE) as listener:
            try:
                with start(net.dialer, pythons[track], unified(True, redis, key, **told), subprocess.PIPE) as dialer:
                    stdout, stderr = dialer.communicate(timeout=30)
                listener.terminate()
                _, said = listener.communicate(timeout=5)
            finally:
                listener.kill()
    assert latency(Ended(dialer.returncode, stdout, stderr, 0)).ping_rtt >= 2000 * DELAY
    assert f"listening on /ip{version}/{net.listener.ip(version)}/" in said
    assert listener.returncode == Status.DONE


CUT_DELAY = 0.1  # seconds, each way: a pong is on its way for so long that a cut meets it
CUT_TIME = 6.0  # seconds that a dialer has
CUT_TESTS = [
    *(plain(track, transport) for track in TRACKS for transport in (Transport.TCP, Transport.QUIC_V1)),
    plain("v0.4", Transport.WS),  # whose dialer does not end by itself while the other side stays up
]
STAGES = {
    "at the first packet": "still dialing ",
    "amid the handshake": "still ",  # dialing, or over QUIC opening a stream
    "before the pong": "still waiting for the pong of ",
}


def cut_test(pythons: dict[str, Path], test: Test, moment: str) -> Meeting:
    """A test whose link is cut at a moment."""
    # The shortest handshake of these, that of QUIC, is over after eight ways.
    after = {"at the first packet": 0.0, "amid the handshake": 5 * CUT_DELAY}.get(moment)
    for _ in range(3):  # a busy machine starts a dialer late, so that the cut does not meet what it should
        if moment == "before the pong":
            with network(delay=CUT_DELAY) as net:
                after = passed(meet(net, [test], pythons)[test]).handshake_plus_one_rtt / 1000 - CUT_DELAY
        with network(delay=CUT_DELAY, cut_after=after) as net:
            meeting = meet(net, [test], pythons, timeout=CUT_TIME)[test]
        said = meeting.dialer.error
        if STAGES[moment] in said and "still starting" not in said and meeting.dialer.seconds <= CUT_TIME + 1:
            break
    return meeting


@pytest.fixture(scope="module")
def cut(pythons: dict[str, Path]) -> dict[tuple[Test, str], Meeting]:
    """Each test with its link cut at each moment."""
    cases = list(product(CUT_TESTS, STAGES))
    with first_in_line(), ThreadPoolExecutor(5) as pool:
        return dict(zip(cases, pool.map(lambda case: cut_test(pythons, *case), cases), strict=True))


@pytest.mark.parametrize("moment", STAGES)
@pytest.mark.parametrize("test", CUT_TESTS, ids=lambda test: test.name)
def test_a_cut(cut: dict[tuple[Test, str], Meeting], test: Test, moment: str) -> None:
    dialer, listener = cut[test, moment].dialer, cut[test, moment].listener
    print(f"{test.name}, cut {moment}: after {dialer.seconds:.2f} s {dialer.stderr}")
    assert (dialer.stdout, dialer.stderr.count("\n")) == ("", 1), dialer.stderr
    assert "still starting" not in dialer.error
    if dialer.status != Status.DIAL or "Cancelled: cancelled due to deadline" not in dialer.error:
        # A handshake of QUIC has a time of the library's own too, and on a busy machine that may end first.
        assert dialer.status == Status.TIME, dialer.stderr
        wanted = f"ping_test: expected a result within {CUT_TIME:g} s, found none: {STAGES[moment]}"
        assert dialer.error.startswith(wanted)
    assert f"/ip4/{HOSTS['listener'][0]}/" in dialer.error
    assert dialer.seconds <= CUT_TIME + 1
    ended_as_told(listener)


@pytest.mark.parametrize("test", CUT_TESTS, ids=lambda test: test.name)
def test_a_cut_after_the_pong_holds_up_nobody(pythons: dict[str, Path], test: Test) -> None:
    cut: list[float] = []
    with first_in_line(), network(delay=CUT_DELAY) as net, listening(net, test, pythons[test.listener]) as listener:

        def at_result() -> None:
            net.cut()
            cut.append(time.monotonic())

        dialer = dial(net, test, pythons[test.dialer], listener.address, at_result=at_result)
        took = time.monotonic() - cut[0]
        ended_as_told(listener.stop())
    print(f"{test.name}: ended {took:.2f} s after the cut")
    assert latency(dialer).ping_rtt >= 2000 * CUT_DELAY
    assert took < 2


def test_nothing_is_left_of_a_run_that_is_killed(pythons: dict[str, Path]) -> None:
    program = f"""
import sys, time
from pathlib import Path
sys.path[:0] = {sys.path!r}
from meeting import listening
from pingtest.matrix.plan import every_test
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
    until = time.monotonic() + 10
    while namespaces & in_use() and time.monotonic() < until:
        time.sleep(0.05)
    assert not namespaces & in_use()


def in_use() -> set[int]:
    """The network namespaces that any process is in or holds open."""
    found = set()
    for link in [*Path("/proc").glob("[0-9]*/ns/net"), *Path("/proc").glob("[0-9]*/fd/*")]:
        with suppress(OSError):  # the process has ended
            target = str(link.readlink())
            if target.startswith("net:["):
                found.add(int(target[5:-1]))
    return found
