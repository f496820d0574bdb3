"""Tests of every combination of layers, on each track and between the tracks, with two real processes.

A track is one pinned version of libp2p, such as v0.4. A known limit is a bug or a missing feature of a library
that makes a test fail.
"""

import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from redisserver import RedisServer
from rolekit import ROOM, Ended, play, running, unified, wait_for_line
from steadily import HUNG, LOST, steadily

from dev.matrix.limits import KnownLimit
from dev.matrix.plan import Test, every_test
from dev.matrix.run import Result, run_test
from dev.quality.soak import MANY_PINGS
from pingtest.report import Latency
from pingtest.settings import Muxer, SecureChannel, Transport

pytestmark = pytest.mark.processes

PAIRS = [("v0.4", "v0.4"), ("v0.8", "v0.8"), ("v0.4", "v0.8"), ("v0.8", "v0.4")]
EVERY = [test for pair in PAIRS for test in every_test(*pair)]
PLAIN = Test("v0.4", "v0.4", Transport.TCP, SecureChannel.NOISE, Muxer.YAMUX)


def _cases() -> list[object]:
    """Return each test as a pytest parameter; a test with a known limit must fail, with the limit as the reason."""
    return [
        pytest.param(
            test,
            id=test.name,
            marks=[
                *([pytest.mark.xfail(reason=test.limit.cause)] if test.limit else []),
                *([] if test.dialer == test.listener else [pytest.mark.slow]),
            ],
        )
        for test in EVERY
    ]


@pytest.mark.parametrize(
    ("transport", "error", "lossy", "runs"),
    [
        (Transport.WEBRTC_DIRECT, f"found: {LOST[0]}", False, 4),
        (Transport.WEBRTC_DIRECT, f"found: {LOST[0]}", True, 4),
        (Transport.WEBRTC_DIRECT, HUNG, True, 4),
        (Transport.WEBRTC_DIRECT, HUNG, False, 1),
        (Transport.WEBRTC_DIRECT, "found: Connection refused", True, 1),
        (Transport.TCP, f"found: {LOST[1]}", False, 1),
        (Transport.TCP, HUNG, True, 1),
        (Transport.WEBRTC_DIRECT, "", True, 1),
    ],
)
def test_only_a_known_loss_of_webrtc_is_tried_again(transport: Transport, error: str, lossy: bool, runs: int) -> None:
    test = Test("v0.8", "v0.8", transport, None, None)
    seen: list[Result] = []

    def run() -> Result:
        seen.append(Result(test, 1.0, None, error))
        return seen[-1]

    assert steadily(test, run, lossy=lossy).error == error
    assert len(seen) == runs


@pytest.mark.parametrize("test", _cases())
def test_every_combination_passes(test: Test, pythons: dict[str, Path]) -> None:
    result = steadily(test, lambda: run_test(test, pythons, 30))
    if test.limit:
        assert result.status in ("limit", "unexpected"), result.error
    assert result.latency, result.error
    assert 0 < result.latency.ping_rtt <= result.latency.handshake_plus_one_rtt


def both_roles(test: Test, pythons: dict[str, Path], settings: Callable[[bool], dict[str, str]]) -> Ended:
    """Run the listener and the dialer of a test; return how the dialer ended. The dialer must have a result.

    `settings` returns the environment variables of a role: of the dialer for True, of the listener for False.
    """

    def both() -> Ended:
        with running(pythons[test.listener], settings(False)) as listener:
            assert listener.stderr is not None
            threading.Thread(target=listener.stderr.read, daemon=True).start()  # a full pipe would block the listener
            return play(pythons[test.dialer], settings(True))

    ended = steadily(test, both)
    assert ended.status == 0, ended.stderr
    return ended


SAME_TRACK = [test for test in EVERY if test.dialer == test.listener and not test.limit]


@pytest.mark.slow
@pytest.mark.slow
@pytest.mark.redis
@pytest.mark.parametrize("test", SAME_TRACK, ids=lambda test: test.name)
@pytest.mark.parametrize("debug", ["false", "true"])
def test_stdout_is_the_document_of_the_unified_testing_contract(
    test: Test, debug: str, pythons: dict[str, Path], redis: RedisServer, key: str
) -> None:
    def settings(is_dialer: bool) -> dict[str, str]:
        return unified(
            is_dialer,
            redis.address,
            key,
            TRANSPORT=test.transport,
            SECURE_CHANNEL=test.secure_channel and str(test.secure_channel),
            MUXER=test.muxer and str(test.muxer),
            DEBUG=debug,
        )

    ended = both_roles(test, pythons, settings)
    document = yaml.safe_load(ended.stdout)
    assert list(document) == ["latency"]
    assert list(document["latency"]) == ["handshake_plus_one_rtt", "ping_rtt", "unit"]
    assert document["latency"]["unit"] == "ms"
    assert len(ended.stdout.splitlines()) == 4


@pytest.mark.slow
@pytest.mark.slow
@pytest.mark.redis
@pytest.mark.parametrize("test", SAME_TRACK, ids=lambda test: test.name)
@pytest.mark.parametrize("debug", ["false", "true"])
def test_stdout_is_the_document_of_the_test_plans_contract(
    test: Test, debug: str, pythons: dict[str, Path], own_redis: RedisServer
) -> None:
    def settings(is_dialer: bool) -> dict[str, str]:
        wanted = {
            "is_dialer": str(is_dialer).lower(),
            "redis_addr": own_redis.address,
            "transport": str(test.transport),
            "ip": "127.0.0.1",
            "test_timeout_seconds": "20",
            "DEBUG": debug,
        }
        return wanted | ({"security": test.secure_channel, "muxer": test.muxer or ""} if test.secure_channel else {})

    ended = both_roles(test, pythons, settings)
    assert ended.stdout.count("\n") == 1
    assert list(json.loads(ended.stdout)) == ["handshakePlusOneRTTMillis", "pingRTTMilllis"]


LIMIT = KnownLimit("v0.4", "dialer", "libp2p has a defect", "Connection closed")


@pytest.mark.parametrize(
    ("limit", "latency", "error", "status"),
    [
        (None, Latency(2.0, 1.0), "", "pass"),
        (None, None, "Connection closed", "fail"),
        (LIMIT, None, "ping_test: Connection closed", "limit"),
        (LIMIT, None, "ping_test: another thing", "fail"),
        (LIMIT, Latency(2.0, 1.0), "", "unexpected"),
    ],
)
def test_the_status_follows_from_the_limit_the_latency_and_the_error(
    limit: KnownLimit | None, latency: Latency | None, error: str, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Test, "limit", limit)
    assert Result(PLAIN, 1.0, latency, error).status == status


def test_the_error_is_that_of_a_listener_that_failed_first(pythons: dict[str, Path]) -> None:
    result = run_test(Test("v0.8", "v0.4", Transport.WEBRTC_DIRECT, None, None), pythons, 60)
    assert "which libp2p 0.4.0 does not have" in result.error
    assert result.seconds < 60


def test_no_process_keeps_running(pythons: dict[str, Path]) -> None:
    def children() -> list[str]:
        me = str(os.getpid())
        rows = [folder / "stat" for folder in Path("/proc").iterdir() if folder.name.isdecimal()]
        return sorted(
            row.parent.name for row in rows if row.exists() and row.read_text().rpartition(")")[2].split()[1] == me
        )

    before = children()
    run_test(PLAIN, pythons, 20)
    assert children() == before


@pytest.mark.redis
def test_a_listener_answers_many_pings_on_many_streams(pythons: dict[str, Path], redis: RedisServer, key: str) -> None:
    for python in pythons.values():
        with running(python, unified(False, redis.address, key)) as listener:
            wait_for_line(listener, "announcing it")
            ended = play(python, unified(True, redis.address, key), "5", "20", "2", application=MANY_PINGS)
            assert ended.stdout == "".join(f"round {n}: 5 streams, 20 pings each\n" for n in (1, 2)), ended.stderr
            listener.send_signal(signal.SIGTERM)
            assert listener.wait(ROOM) == 0
