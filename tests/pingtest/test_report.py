"""Tests of the document on standard output, character by character."""

import json

import yaml
from hypothesis import given
from hypothesis import strategies as st

from pingtest.report import Latency, document
from pingtest.settings import TEST_PLANS, UNIFIED_TESTING


def test_the_document_for_unified_testing() -> None:
    assert document(Latency(5.0111, 0.5994), UNIFIED_TESTING) == (
        "latency:\n  handshake_plus_one_rtt: 5.011\n  ping_rtt: 0.599\n  unit: ms\n"
    )


def test_the_document_for_test_plans() -> None:
    line = '{"handshakePlusOneRTTMillis": 5.011, "pingRTTMilllis": 0.599}\n'
    assert document(Latency(5.0111, 0.5994), TEST_PLANS) == line


@given(st.floats(0, 1e7), st.floats(0, 1e7))
def test_a_yaml_reader_reads_every_figure_as_a_number(handshake: float, ping: float) -> None:
    latency = Latency(handshake, ping)
    unified = yaml.safe_load(document(latency, UNIFIED_TESTING))["latency"]
    assert unified == {
        "handshake_plus_one_rtt": round(handshake, 3),
        "ping_rtt": round(ping, 3),
        "unit": "ms",
    } or all("e" in str(round(figure, 3)) for figure in (handshake, ping) if figure not in unified.values())
    assert list(json.loads(document(latency, TEST_PLANS)).values()) == [round(handshake, 3), round(ping, 3)]
