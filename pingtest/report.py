"""The result document on standard output, in the form that the contract of each harness asks for."""

import json
from dataclasses import dataclass

from pingtest.settings import TEST_PLANS, Dialect


@dataclass(frozen=True)
class Latency:
    """The two times that a dialer measured, in milliseconds of a monotonic clock.

    `handshake_plus_one_rtt` is the time from the start of the dial to the pong: connection, secure channel, muxer,
    stream and one ping. `ping_rtt` is the time from the start of this ping to the pong.
    """

    handshake_plus_one_rtt: float
    ping_rtt: float


def document(latency: Latency, dialect: Dialect) -> str:
    """Return the result in the form of the harness: YAML for unified-testing, one line of JSON for test-plans."""
    handshake, ping = round(latency.handshake_plus_one_rtt, 3), round(latency.ping_rtt, 3)
    if dialect is TEST_PLANS:  # the contract spells a key with three l's
        return json.dumps({"handshakePlusOneRTTMillis": handshake, "pingRTTMilllis": ping}) + "\n"
    return f"latency:\n  handshake_plus_one_rtt: {handshake}\n  ping_rtt: {ping}\n  unit: ms\n"
