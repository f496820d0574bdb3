"""Tests of the results of a matrix as Markdown."""

from dev.matrix.endings import COMPARES, Ending, Implementation, PingOutcome, Results
from dev.matrix.markdown import as_markdown
from dev.matrix.plan import Test
from pingtest.report import Latency
from pingtest.settings import Muxer, SecureChannel, Transport

WHO = tuple(Implementation(name, "py-libp2p", f"{name[1:]}.0") for name in ("v0.4", "v0.8"))


def outcome(dialer: str, listener: str, status: Ending, **more: object) -> PingOutcome:
    test = Test(dialer, listener, Transport.TCP, SecureChannel.NOISE, Muxer.YAMUX)
    return PingOutcome(test, status, 1.0, 1, **more)  # type: ignore[arg-type]


RESULTS = Results(
    "2026-11-25T03:00:00Z",
    61.4,
    WHO,
    (
        outcome("v0.8", "v0.8", Ending.FLAKY, latency=Latency(9.0, 9.0), error="now | then"),
        outcome("v0.8", "v0.4", Ending.FAIL, error="now | then"),
        outcome("v0.4", "v0.8", Ending.LIMIT, error="closed", cause="libp2p 0.4.0 cannot"),
        outcome("v0.4", "v0.4", Ending.PASS, latency=Latency(12.345, 0.678)),
        PingOutcome(
            Test("v0.4", "v0.4", Transport.WEBRTC_DIRECT, None, None), Ending.UNSUPPORTED, 0.0, 0, cause="lacks"
        ),
    ),
)


def test_the_table_has_a_row_for_each_dialer_and_a_column_for_each_listener() -> None:
    text = as_markdown(RESULTS, 2)
    table = text.partition("## tcp, noise, yamux\n\n")[2].split("\n\n")[0].splitlines()
    assert table == [
        "| dialer \\ listener | v0.4 | v0.8 |",
        "| --- | --- | --- |",
        "| v0.4 | 12.3 / 0.7 | limit [1] |",
        "| v0.8 | **fail [2]** | **flaky [2]** |",
    ]
    assert text.endswith("1. libp2p 0.4.0 cannot\n2. now \\| then\n")


def test_a_combination_that_nobody_supports_has_no_table() -> None:
    assert "webrtc" not in as_markdown(RESULTS, 2)


def test_the_page_names_the_counts_the_load_and_the_versions() -> None:
    text = as_markdown(RESULTS, 2)
    assert "5 tests in 61 s" in text
    assert "1 pass, 1 limit, 1 unsupported, 1 flaky, 1 fail" in text
    assert ", 2 at once, from 2026-11-25T03:00:00Z: " in text
    assert f"handshake_plus_one_rtt / ping_rtt. {COMPARES}\n" in text
    assert "| v0.4 | py-libp2p | 0.4.0 |" in text
