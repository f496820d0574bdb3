"""The tracks with the peers across a network, in both directions: delay, loss, a cut.

Runs wait for packets more than they compute, so a fixture makes many of them at once, and each test judges one.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
from crossing import (
    DELAY,
    STAGES,
    cut_after_the_pong,
    cut_test,
    ended_by_the_cut,
    passed,
    takes_the_networks_round_trip,
    tell,
)
from meeting import Meeting, mailboxes, meet
from pairings import PEERS, TRACKS, passing, programs
from twohosts import first_in_line, network

from dev.matrix.plan import Test
from pingtest.settings import SecureChannel, Transport

# A fixture's many runs are of the first test's time.
pytestmark = [
    pytest.mark.processes,
    pytest.mark.netns,
    pytest.mark.peers,
    pytest.mark.redis,
    pytest.mark.timeout(400),
]

RUNS = 20
PROGRAMS = programs()
PASSING = list(passing(TRACKS))


def one(dialer: str, listener: str, *transports: Transport) -> Test:
    """The first of the pair's combinations on the first of the transports that it has."""
    tests = [test for test in PASSING if (test.dialer, test.listener) == (dialer, listener)]
    return min(
        (test for test in tests if test.transport in transports and test.secure_channel in (None, SecureChannel.NOISE)),
        key=lambda test: transports.index(test.transport),
    )


def test_every_peer_takes_part() -> None:
    """Pairs are found when the tests are collected, so that what is not built would be missing without a word."""
    pairs = {(test.dialer, test.listener) for test in PASSING}
    assert pairs == {*product(TRACKS, PEERS), *product(PEERS, TRACKS)}


@pytest.fixture(scope="module")
def delayed() -> dict[Test, Meeting]:
    """Every test that passes on loopback, with the delay."""
    with network(delay=DELAY) as net, mailboxes(net, PROGRAMS.values()):
        return meet(net, PASSING, PROGRAMS)


@pytest.mark.parametrize("test", PASSING, ids=lambda test: test.name)
def test_with_delay(delayed: dict[Test, Meeting], test: Test) -> None:
    assert passed(delayed[test]).ping_rtt >= 2000 * DELAY


@pytest.fixture(scope="module")
def lossy() -> dict[Test, Meeting]:
    """The same, and one packet of a hundred lost."""
    with network(delay=DELAY, loss=0.01) as net, mailboxes(net, PROGRAMS.values()):
        meetings = meet(net, PASSING, PROGRAMS)
        counts = net.end()
    assert all(count["lost"] for count in counts.values()), counts
    return meetings


@pytest.mark.parametrize("test", PASSING, ids=lambda test: test.name)
def test_with_delay_and_loss(lossy: dict[Test, Meeting], test: Test) -> None:
    passed(lossy[test])


def test_what_loss_costs_is_told(delayed: dict[Test, Meeting], lossy: dict[Test, Meeting]) -> None:
    tell("without loss", delayed.values())
    tell("with 1 % lost", lossy.values())


@pytest.mark.parametrize(("track", "peer"), [("v0.8", "go"), ("v0.4", "js"), ("v0.8", "rust")])
def test_a_ping_takes_the_networks_round_trip(track: str, peer: str) -> None:
    takes_the_networks_round_trip(PROGRAMS, one(track, peer, Transport.TCP), RUNS)


def cut_tests() -> list[Test]:
    """Each peer in both directions, with libp2p 0.4 over TCP and with 0.8 over what else there is."""
    other = (Transport.QUIC_V1, Transport.WS)
    return [
        one(*pair, *transports)
        for peer in PEERS
        if peer in PROGRAMS
        for track, transports in (("v0.4", (Transport.TCP,)), ("v0.8", other))
        for pair in ((track, peer), (peer, track))
    ]


CUT_TESTS = cut_tests()


@pytest.fixture(scope="module")
def cut() -> dict[tuple[Test, str], Meeting]:
    """Each test with its link cut at each moment."""
    cases = list(product(CUT_TESTS, STAGES))
    with first_in_line(), ThreadPoolExecutor(3) as pool:
        return dict(zip(cases, pool.map(lambda case: cut_test(PROGRAMS, *case), cases), strict=True))


@pytest.mark.parametrize("moment", STAGES)
@pytest.mark.parametrize("test", CUT_TESTS, ids=lambda test: test.name)
def test_a_cut(cut: dict[tuple[Test, str], Meeting], test: Test, moment: str) -> None:
    ended_by_the_cut(test, moment, cut[test, moment])


@pytest.mark.parametrize("test", CUT_TESTS, ids=lambda test: test.name)
def test_a_cut_after_the_pong_holds_up_nobody(test: Test) -> None:
    took = cut_after_the_pong(PROGRAMS, test)
    print(f"{test.name}: ended {took:.2f} s after the cut")
    assert took < 2
