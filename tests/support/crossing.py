"""Tests of a ping between two simulated hosts: over a working network, and when the link is cut.

The dialer and the listener of a ping are each a track or a peer. A track is one pinned version of py-libp2p, such
as v0.4. A peer is a program for the ping test in Go, Rust or JavaScript.
"""

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from statistics import median, quantiles
from typing import ClassVar

import pytest
from meeting import Meeting, dial, latency, listening, mailboxes, meet
from netrelay import HOSTS
from rolekit import ROOM, Ended
from twohosts import first_in_line, network

from dev.matrix.plan import Test
from pingtest.errors import Status
from pingtest.report import Latency

DELAY = 0.05  # The delay in seconds in each direction.
RUNS = 20  # The number of runs of each timed ping.
CUT_DELAY = 0.1  # The delay in seconds in each direction; it leaves time to cut the link while a pong is on its way.
CUT_TIME = 6.0  # The time limit of a dialer in seconds, if the link is cut.
STAGES = {
    "at the first packet": "still dialing ",
    "amid the handshake": "still (dialing|opening a stream to) ",
    "before the pong": "still waiting for the pong of ",
}
LIBRARY_TIMES = {
    "py-libp2p 0.4.0 and 0.8.1: a QUIC handshake has its own time limit": "Cancelled: cancelled due to deadline",
    "go-libp2p 0.51.0 (quic-go 0.64.1 params.go:90): a QUIC handshake has 5 s": "timeout: no recent network activity",
    "go-libp2p 0.51.0 p2p/transport/tcp/tcp.go:25: a TCP connection has 5 s": r"dial tcp4 [\d.:]+: i/o timeout",
    "rust-libp2p 0.57.1 (libp2p-quic 0.14.0 config.rs:91): a QUIC handshake has 5 s": "Handshake .* timed out",
}
"""A dict from each time limit of a library, which may end a dial before the test's limit, to the dialer's error.

The errors are regular expressions. In these cases the dialer's exit status is Status.DIAL.
"""


class Crossing:
    """The tests of pings between the two hosts; a subclass names the pings, and the program of each track and peer.

    The runs mostly wait for packets. So a fixture makes many runs at once, and each test judges one run.
    """

    programs: ClassVar[Mapping[str, Path]]
    passing: ClassVar[Sequence[Test]]
    """The pings that succeed on loopback."""
    timed: ClassVar[Sequence[Test]]
    """The pings whose time is compared with the round trip of a packet through the network."""
    severed: ClassVar[Sequence[Test]]
    """The pings during which the link is cut."""
    cut_at_once: ClassVar[int] = 4

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make one test for each ping."""
        for name in {"passing_ping", "timed_ping", "severed_ping"} & set(metafunc.fixturenames):
            tests: Sequence[Test] = getattr(self, name.removesuffix("_ping"))
            metafunc.parametrize(name, tests, ids=[test.name for test in tests])

    @pytest.fixture(scope="class")
    @classmethod
    def delayed(cls) -> dict[Test, Meeting]:
        """Run every passing ping over a network that delays packets by DELAY."""
        with network(delay=DELAY) as net, mailboxes(net, cls.programs.values()):
            return meet(net, cls.passing, cls.programs)

    def test_a_ping_over_a_slow_network_takes_at_least_the_delay(
        self, delayed: dict[Test, Meeting], passing_ping: Test
    ) -> None:
        assert passed(delayed[passing_ping]).ping_rtt >= 2000 * DELAY

    @pytest.fixture(scope="class")
    @classmethod
    def lossy(cls) -> dict[Test, Meeting]:
        """Run every passing ping over a network that delays packets and loses one in a hundred."""
        with network(delay=DELAY, loss=0.01) as net, mailboxes(net, cls.programs.values()):
            meetings = meet(net, cls.passing, cls.programs, lossy=True)
            counts = net.end()
        assert all(count["lost"] for count in counts.values()), counts
        return meetings

    def test_a_ping_over_a_slow_and_lossy_network_passes(self, lossy: dict[Test, Meeting], passing_ping: Test) -> None:
        passed(lossy[passing_ping])

    def test_the_times_with_and_without_loss_are_printed(
        self, delayed: dict[Test, Meeting], lossy: dict[Test, Meeting]
    ) -> None:
        tell("without loss", delayed.values())
        tell("with 1 % lost", lossy.values())

    def test_a_ping_takes_the_networks_round_trip(self, timed_ping: Test) -> None:
        takes_the_networks_round_trip(self.programs, timed_ping, RUNS)

    @pytest.fixture(scope="class")
    @classmethod
    def cut(cls) -> dict[tuple[Test, str], Meeting]:
        """Run each severed ping once for each moment of STAGES, and cut the link at that moment."""
        cases = list(product(cls.severed, STAGES))
        with first_in_line(), ThreadPoolExecutor(cls.cut_at_once) as pool:
            return dict(zip(cases, pool.map(lambda case: cut_test(cls.programs, *case), cases), strict=True))

    @pytest.mark.parametrize("moment", STAGES)
    def test_a_cut_link_ends_both_sides_as_expected(
        self, cut: dict[tuple[Test, str], Meeting], severed_ping: Test, moment: str
    ) -> None:
        ended_by_the_cut(severed_ping, moment, cut[severed_ping, moment])

    def test_a_cut_after_the_pong_does_not_delay_the_end(self, severed_ping: Test) -> None:
        took = cut_after_the_pong(self.programs, severed_ping)
        print(f"{severed_ping.name}: ended {took:.2f} s after the cut")
        assert took < ROOM


def passed(meeting: Meeting) -> Latency:
    """Return the dialer's latency. Raises AssertionError if the dialer or the listener did not end normally."""
    measured = latency(meeting.dialer)
    ended_as_told(meeting.listener)
    return measured


def ended_as_told(listener: Ended) -> None:
    """Check that a listener ended normally after the signal to end, with only its usual lines on standard error."""
    assert listener.status == Status.DONE, listener.stderr
    assert [line for line in listener.stderr.splitlines() if not line.startswith(("pingtest: ", "peer-"))] == []


def tell(name: str, meetings: Iterable[Meeting]) -> None:
    """Print the minimum, the deciles (as `tenths`) and the maximum of the latencies of some meetings, in ms."""
    measured = [latency(meeting.dialer) for meeting in meetings]
    for what in ("handshake_plus_one_rtt", "ping_rtt"):
        figures = [getattr(one, what) for one in measured]
        cuts = " ".join(f"{cut:.1f}" for cut in quantiles(figures, n=10))
        print(f"{name}: {what}, ms: min {min(figures):.1f}, tenths {cuts}, max {max(figures):.1f}")


def takes_the_networks_round_trip(programs: Mapping[str, Path], test: Test, runs: int) -> None:
    """Check that the median of `runs` pings is less than 5 ms longer than the round trip of a packet."""
    for _ in range(3):  # Other programs on a busy machine can add time, so try up to three times.
        of_a_ping, of_the_router = _medians(programs, test, runs)
        print(f"{test.name}: {runs} pings, median {of_a_ping:.2f} ms; the router's round trip {of_the_router:.2f} ms")
        if of_a_ping < of_the_router + 5:
            break
    assert 2000 * DELAY <= of_a_ping < of_the_router + 5


def _medians(programs: Mapping[str, Path], test: Test, runs: int) -> tuple[float, float]:
    """Return two medians in ms: of the pings, and of the round trips of packets before and after the pings."""
    dialer, listener = programs[test.dialer], programs[test.listener]
    with (
        first_in_line(),
        network(delay=DELAY) as net,
        mailboxes(net, [dialer, listener]),
        listening(net, test, listener) as ready,
    ):
        round_trips = net.round_trips(runs)
        with ThreadPoolExecutor(3) as pool:
            ended = list(pool.map(lambda _: dial(net, test, dialer, ready.address), range(runs)))
        round_trips += net.round_trips(runs)
    return median(latency(one).ping_rtt for one in ended), median(round_trips)


def cut_test(programs: Mapping[str, Path], test: Test, moment: str) -> Meeting:
    """Run a test, cut the link at `moment`, a key of STAGES, and return how both sides ended."""
    # QUIC with a peer has the shortest handshake: four one-way delays, including the handshake of the stream. So three
    # delays after the first packet, every handshake is still running.
    after = {"at the first packet": 0.0, "amid the handshake": 3 * CUT_DELAY}.get(moment)
    sides = [programs[test.dialer], programs[test.listener]]
    if moment == "before the pong":
        with network(delay=CUT_DELAY) as net, mailboxes(net, sides):
            after = _before_the_pong(passed(meet(net, [test], programs)[test]))
    # On a busy machine a dialer can start late, so that the cut comes at another moment. Then the test runs again.
    for _ in range(8):
        with network(delay=CUT_DELAY, cut_after=after) as net, mailboxes(net, sides):
            meeting = meet(net, [test], programs, timeout=CUT_TIME)[test]
        if _cause(meeting.dialer) or _told(meeting.dialer, moment):
            break
        # If the dialer succeeded, the cut came too late. Then the time of this dial decides the moment of the next cut.
        # Otherwise the cut came too early.
        if after is not None and moment == "before the pong":
            too_late = meeting.dialer.status == 0
            after = min(after, _before_the_pong(latency(meeting.dialer))) if too_late else after
            after = max(0.0, after + (-CUT_DELAY if too_late else CUT_DELAY) / 2)
    return meeting


def _before_the_pong(measured: Latency) -> float:
    """Return the seconds from the dialer's first packet to a moment at which the first pong is on its way."""
    return measured.handshake_plus_one_rtt / 1000 - CUT_DELAY


def _told(dialer: Ended, moment: str) -> bool:
    """Return whether the dialer ended at the test's time limit, and names the stage of STAGES for this moment."""
    place = rf"/ip4/{re.escape(HOSTS['listener'][0])}/"
    wanted = rf"(ping_test|peer-\w+): expected a result within {CUT_TIME:g} ?s, found none: {STAGES[moment]}{place}"
    return dialer.status == Status.TIME and re.match(wanted, dialer.error) is not None


def _cause(dialer: Ended) -> str:
    """Return the key of LIBRARY_TIMES for the time limit that ended a dial, or an empty string."""
    causes = (cause for cause, says in LIBRARY_TIMES.items() if re.search(says, dialer.error))
    return next(causes, "") if dialer.status == Status.DIAL else ""


def ended_by_the_cut(test: Test, moment: str, meeting: Meeting) -> None:
    """Check that the dialer ended in time, with one line, and that the listener ended normally.

    The line must name the stage of STAGES for `moment`, or come from a time limit of LIBRARY_TIMES.
    """
    dialer = meeting.dialer
    cause = _cause(dialer)
    print(f"{test.name}, cut {moment}: after {dialer.seconds:.2f} s {dialer.stderr}{cause}")
    assert (dialer.stdout, dialer.stderr.count("\n")) == ("", 1), dialer.stderr
    assert cause or _told(dialer, moment), dialer.stderr
    assert f"/ip4/{HOSTS['listener'][0]}/" in dialer.error
    assert dialer.seconds <= CUT_TIME + ROOM
    ended_as_told(meeting.listener)


def cut_after_the_pong(programs: Mapping[str, Path], test: Test) -> float:
    """Cut the link when the dialer prints its result; return the seconds from then until the dialer ends."""
    cut: list[float] = []
    dialer, listener = programs[test.dialer], programs[test.listener]
    with (
        first_in_line(),
        network(delay=CUT_DELAY) as net,
        mailboxes(net, [dialer, listener]),
        listening(net, test, listener) as ready,
    ):

        def at_result() -> None:
            net.cut()
            cut.append(time.monotonic())

        ended = dial(net, test, dialer, ready.address, at_result=at_result)
        took = time.monotonic() - cut[0]
        ended_as_told(ready.stop())
    assert latency(ended).ping_rtt >= 2000 * CUT_DELAY
    return took
