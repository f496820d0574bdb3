"""The one document on standard output, as each harness's contract has it."""

import json
from dataclasses import dataclass

from pingtest.settings import TEST_PLANS, Dialect


@dataclass(frozen=True)
class Latency:
    """What a dialer measured, in milliseconds of a monotonic clock.

    `handshake_plus_one_rtt` is from before the dial to the pong: connection, secure channel, muxer, stream
    and one ping; `ping_rtt` from before that ping is written to the pong.
    """

    handshake_plus_one_rtt: float
    ping_rtt: float


def document(latency: Latency, dialect: Dialect) -> str:
    """The result as the harness reads it: YAML for unified-testing, one line of JSON for test-plans."""
    handshake, ping = round(latency.handshake_plus_one_rtt, 3), round(latency.ping_rtt, 3)
    if dialect is TEST_PLANS:  # three l's: so the contract spells it
        return json.dumps({"handshakePlusOneRTTMillis": handshake, "pingRTTMilllis": ping}) + "\n"
    return f"latency:\n  handshake_plus_one_rtt: {handshake}\n  ping_rtt: {ping}\n  unit: ms\n"
