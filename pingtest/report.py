"""The one document on standard output, as each harness's contract has it."""

import json
from dataclasses import dataclass

from pingtest.settings import Dialect


@dataclass(frozen=True)
class Latency:
    """What a dialer measured, in milliseconds of a monotonic clock."""

    handshake_plus_one_rtt: float
    """From before the dial to the pong: connection, secure channel, muxer, stream and one ping."""
    ping_rtt: float
    """From before the ping is written to the pong."""


def document(latency: Latency, dialect: Dialect) -> str:
    """The result as the harness reads it: YAML for unified-testing, one line of JSON for test-plans."""
    handshake, ping = round(latency.handshake_plus_one_rtt, 3), round(latency.ping_rtt, 3)
    if dialect is Dialect.TEST_PLANS:
        # Three l's: so the contract spells it.
        return json.dumps({"handshakePlusOneRTTMillis": handshake, "pingRTTMilllis": ping}) + "\n"
    return f"latency:\n  handshake_plus_one_rtt: {handshake}\n  ping_rtt: {ping}\n  unit: ms\n"
