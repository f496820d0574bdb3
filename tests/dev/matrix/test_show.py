"""Tests of the output of `scripts/ping`: a table for people, and YAML or JSON for programs."""

import io
import json
from dataclasses import replace

import yaml
from rich.console import Console

from dev.matrix.plan import Test
from dev.matrix.run import Result
from dev.matrix.show import as_data, as_table
from pingtest.report import Latency
from pingtest.settings import Muxer, SecureChannel, Transport

PLAIN = Test("v0.4", "v0.4", Transport.TCP, SecureChannel.NOISE, Muxer.YAMUX)
TLS = Test("v0.4", "v0.4", Transport.TCP, SecureChannel.TLS, Muxer.YAMUX)
QUIC = Test("v0.8", "v0.8", Transport.QUIC_V1, None, None)
PASSED = Result(PLAIN, 0.8, Latency(12.3456, 0.9876), "")
LIMITED = Result(TLS, 0.7, None, "ping_test: expected a connection, found: Exception: Connection closed")
FAILED = Result(QUIC, 0.7, None, "ping_test: [red]a line[/red]")


def table(*results: Result, width: int = 79) -> str:
    text = io.StringIO()
    as_table(results, Console(file=text, width=width))
    return text.getvalue()


def test_a_narrow_table_cuts_no_value() -> None:
    """`yamux` and `mplex` tell two rows apart, like the transports."""
    test = replace(PLAIN, transport=Transport.WEBRTC_DIRECT, secure_channel=SecureChannel.PLAINTEXT)
    shown = table(replace(PASSED, test=test), LIMITED, width=60)
    assert "…" not in shown
    assert max(len(line.rstrip()) for line in shown.splitlines()[:7]) <= 60
    assert "webrtc-direct plaintext yamux " in shown


def test_one_passed_test_prints_the_document_of_the_harness() -> None:
    assert as_data([PASSED], "yaml") == "latency:\n  handshake_plus_one_rtt: 12.346\n  ping_rtt: 0.988\n  unit: ms\n"
    assert json.loads(as_data([PASSED], "json")) == yaml.safe_load(as_data([PASSED], "yaml"))


def test_many_tests_print_the_results_of_the_harness() -> None:
    tests = yaml.safe_load(as_data([PASSED, LIMITED, FAILED], "yaml"))["tests"]
    assert tests == json.loads(as_data([PASSED, LIMITED, FAILED], "json"))["tests"]
    assert [test["status"] for test in tests] == ["pass", "limit", "fail"]
    assert tests[0]["secureChannel"] == "noise"
    assert tests[0]["latency"] == {"handshake_plus_one_rtt": 12.346, "ping_rtt": 0.988, "unit": "ms"}
    assert tests[1]["cause"].startswith("libp2p 0.4.0")
    assert (tests[2]["secureChannel"], tests[2]["muxer"], tests[2]["error"]) == (None, None, FAILED.error)


def test_one_test_of_all_prints_a_list_with_one_entry() -> None:
    """A program that reads the results of --all always gets a list, even with one combination."""
    (test,) = yaml.safe_load(as_data([PASSED], "yaml", many=True))["tests"]
    assert test["status"] == "pass"


def test_the_table_names_the_library_that_was_swapped_in() -> None:
    text = io.StringIO()
    as_table([PASSED], Console(file=text, width=79), "../py-libp2p")
    assert "dialer x listener: v0.4 x v0.4, with ../py-libp2p" in text.getvalue()
    assert ", with" not in table(PASSED)


def test_the_table_fits_a_terminal_and_names_each_cause_once() -> None:
    text = table(PASSED, LIMITED, LIMITED, FAILED)
    assert "pass" in text
    assert text.count("asks for the peer's certificate") == 1
    assert "[red]a line[/red]" in text
    head = text.split("[1]")[0].splitlines()
    assert all(len(line) <= 79 for line in head)
    assert "…" not in "".join(head)


def test_runs_of_one_test_are_one_row_with_medians() -> None:
    runs = [Result(PLAIN, 0.8, Latency(figure, 1.0), "") for figure in (10.0, 20.0, 90.0)]
    text = table(*runs)
    assert "3/3" in text
    assert "20.0 ms" in text
    assert text.count("noise") == 1
