"""Results of a matrix, for the tests of its reports.

A matrix is a run of ping tests between all pairs of libp2p implementations, on all combinations of transport, secure
channel and muxer.
"""

import math
import random
from collections.abc import Callable
from dataclasses import replace

from dev.matrix.endings import Ending, Implementation, PingOutcome, Results
from dev.matrix.plan import Test, every_test
from pingtest.report import Latency

IMPLEMENTATIONS = (
    Implementation("v0.4", "py-libp2p", "0.4.0"),
    Implementation("v0.8", "py-libp2p", "0.8.1"),
    Implementation("js", "js-libp2p", "3.1.2"),
    Implementation("go", "go-libp2p", "0.51.0"),
    Implementation("rust", "rust-libp2p", "0.56.0"),
)
_OFFERS = {
    "v0.4": "tcp ws wss quic-v1 noise tls plaintext yamux mplex",
    "v0.8": "tcp ws wss quic-v1 webrtc-direct noise tls plaintext yamux mplex",
    "js": "tcp ws wss noise tls plaintext yamux mplex",
    "go": "tcp ws wss quic-v1 noise tls yamux",
    "rust": "tcp ws quic-v1 noise tls plaintext yamux mplex",
}
_COST = {"v0.4": 21.0, "v0.8": 17.0, "js": 34.0, "go": 6.5, "rust": 4.2}
_TRANSPORT = {"tcp": 1.0, "ws": 1.3, "wss": 1.9, "quic-v1": 0.8, "webrtc-direct": 9.0}
_TLS = (
    "libp2p 0.4.0 security/tls/io.py:141: a TLS listener asks for the peer's certificate before the handshake is "
    "complete"
)
_JS = "libp2p 0.8.1 and js-libp2p find no muxer after TLS: neither takes the other's early negotiation"


def sample() -> Results:
    """Return realistic results of five implementations, with every combination and a few failures of each kind.

    The results are the same in each call.
    """
    chance = random.Random(7)  # noqa: S311 - these random numbers only have to look realistic
    names = [one.name for one in IMPLEMENTATIONS]
    tests = [test for dialer in names for listener in names for test in every_test(dialer, listener)]
    return Results("2026-11-25 03:41:07 UTC", 347.4, IMPLEMENTATIONS, tuple(_outcome(test, chance) for test in tests))


def small() -> Results:
    """Return the results of six tests between v0.8 and go, one test for each status."""
    kinds = {
        Ending.PASS: ("tcp", "noise", "yamux"),
        Ending.LIMIT: ("tcp", "tls", "yamux"),
        Ending.UNSUPPORTED: ("tcp", "plaintext", "yamux"),
        Ending.FLAKY: ("tcp", "noise", "mplex"),
        Ending.UNEXPECTED: ("tcp", "tls", "mplex"),
        Ending.FAIL: ("tcp", "plaintext", "mplex"),
    }
    timed = (Ending.PASS, Ending.FLAKY, Ending.UNEXPECTED)
    outcomes = []
    for place, (status, (transport, channel, muxer)) in enumerate(kinds.items()):
        (test,) = every_test("v0.8", "go", [transport], [channel], [muxer])
        latency = Latency(10.0 + place, 1.0 + place) if status in timed else None
        error = "" if status in (Ending.PASS, Ending.UNSUPPORTED) else f"ping_test: the error of {status}"
        cause = f"the cause of {status}" if status in (Ending.LIMIT, Ending.UNSUPPORTED) else ""
        outcomes.append(PingOutcome(test, status, 1.5, 1, latency, error, cause, f"the log of {status}\n"))
    return Results("2026-11-25 03:41:07 UTC", 9.0, (IMPLEMENTATIONS[1], IMPLEMENTATIONS[3]), tuple(outcomes))


def mapped(results: Results, change: Callable[[str], str]) -> Results:
    """Return the results with `change` applied to each text that does not come from this project."""
    return Results(
        change(results.began),
        results.seconds,
        tuple(
            Implementation(change(one.name), change(one.library), change(one.version))
            for one in results.implementations
        ),
        tuple(
            replace(
                one,
                test=replace(one.test, dialer=change(one.test.dialer), listener=change(one.test.listener)),
                error=change(one.error),
                cause=change(one.cause),
                log=change(one.log),
            )
            for one in results.outcomes
        ),
    )


def _outcome(test: Test, chance: random.Random) -> PingOutcome:
    parts = [part for part in (test.transport, test.secure_channel, test.muxer) if part is not None]
    for side, role in ((test.dialer, "dialer"), (test.listener, "listener")):
        missing = [part for part in parts if part not in _OFFERS[side].split()]
        if missing:
            return PingOutcome(test, Ending.UNSUPPORTED, 0.0, 0, cause=f"the {role} {side} offers no {missing[0]}")
    log = f"listener: /ip4/127.0.0.1/{test.transport}/40{chance.randrange(100, 999)}\ndialer: connected\n"
    if test.secure_channel == "tls" and test.listener == "v0.4":
        error = "ping_test: expected a secure channel with 127.0.0.1, found: SecurityUpgradeFailure: Connection closed"
        return PingOutcome(test, Ending.LIMIT, 0.8, 1, error=error, cause=_TLS, log=log)
    if test.secure_channel == "tls" and {test.dialer, test.listener} == {"v0.8", "js"}:
        error = "ping_test: expected a muxer, found: MultiselectError: protocols not supported"
        return PingOutcome(test, Ending.LIMIT, 1.1, 1, error=error, cause=_JS, log=log)
    if test.name in ("js x go (wss, noise, yamux)", "go x js (wss, noise, yamux)"):
        error = (
            "peer: dial /ip4/172.17.0.2/tcp/40122/tls/ws: tls: failed to verify certificate: x509: unknown authority"
        )
        lines = "".join(f"2026-11-25T03:44:{n % 60:02d} DEBUG swarm: attempt {n}\n" for n in range(1600))
        return PingOutcome(test, Ending.FAIL, 4.1, 3, error=error, log=log + lines + error + "\n")
    cost = _COST[test.dialer] + _COST[test.listener] * 0.6
    handshake = cost * _TRANSPORT[test.transport] * math.exp(chance.gauss(0, 0.18))
    ping = (0.15 + cost / 40) * _TRANSPORT[test.transport] ** 0.5 * math.exp(chance.gauss(0, 0.3))
    latency = Latency(round(handshake, 3), round(ping, 3))
    if test.transport == "webrtc-direct":
        error = "ping_test: expected a pong, found: StreamReset"
        return PingOutcome(test, Ending.FLAKY, 21.0, 2, latency, error, log=log)
    if test.name == "rust x v0.4 (ws, noise, mplex)":
        cause = "libp2p 0.4.0: over WebSocket a reader is not always woken when the stream's other side is closed"
        return PingOutcome(test, Ending.UNEXPECTED, 1.0, 1, latency, cause=cause, log=log)
    return PingOutcome(test, Ending.PASS, round(handshake / 1000 + 0.9, 2), 1, latency, log=log)
