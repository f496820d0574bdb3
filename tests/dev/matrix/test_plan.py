"""Tests of the planned tests of a matrix: their names, every combination of layers, and the known limits.

A known limit is a bug or a missing feature of a library that makes a test fail.
"""

import hashlib

import pytest

from dev.matrix.plan import Test, every_test
from pingtest.settings import Muxer, SecureChannel, Transport


def test_the_names_are_those_of_the_harness() -> None:
    test = Test("v0.4", "v0.8", Transport.TCP, SecureChannel.NOISE, Muxer.YAMUX)
    assert test.name == "v0.4 x v0.8 (tcp, noise, yamux)"
    assert Test("v0.4", "v0.8", Transport.QUIC_V1, None, None).name == "v0.4 x v0.8 (quic-v1)"


def test_every_combination_is_planned_once() -> None:
    tests = list(every_test("v0.4", "v0.8"))
    assert len(set(tests)) == len(tests) == 3 * 3 * 2 + 2


def test_a_limit_applies_only_to_the_side_that_has_it() -> None:
    tls = [test for test in every_test("v0.8", "v0.4") if test.secure_channel is SecureChannel.TLS]
    assert len(tls) == 6
    assert all(test.limit for test in tls)
    turned = [test for test in every_test("v0.4", "v0.8") if test.secure_channel is SecureChannel.TLS]
    assert not any(test.limit for test in turned)
    assert not any(test.limit for test in every_test("v0.8", "v0.8"))


@pytest.mark.parametrize(
    ("dialer", "listener", "says"),
    [
        ("v0.4", "v0.4", "asks for the peer's certificate"),
        ("v0.8", "v0.4", "asks for the peer's certificate"),
        ("go", "v0.4", "against certificate authorities"),
        ("rust", "v0.4", "against certificate authorities"),
        ("js", "v0.4", "against certificate authorities"),
        ("v0.4", "rust", "the flag ACK"),
        ("v0.8", "js", None),
        ("go", "v0.8", None),
        ("js", "go", None),
    ],
)
def test_a_limit_that_names_the_other_side_counts_first(dialer: str, listener: str, says: str | None) -> None:
    limit = Test(dialer, listener, Transport.TCP, SecureChannel.TLS, Muxer.YAMUX).limit
    assert (limit is None) == (says is None)
    assert says is None or (limit is not None and says in limit.cause)


def test_the_key_is_that_of_the_harness() -> None:
    test = Test("rust-v0.56", "rust-v0.56", Transport.QUIC_V1, None, None)
    assert test.key == hashlib.sha256(b"rust-v0.56 x rust-v0.56 (quic-v1)").hexdigest()[:8]


def test_a_transport_that_a_track_lacks_is_a_limit_in_both_directions() -> None:
    for track, library in (("v0.4", "libp2p 0.4.0"), ("v0.4-git", "libp2p at 30c6686")):
        for sides in ((track, "v0.8"), ("v0.8", track)):
            limit = Test(*sides, Transport.WEBRTC_DIRECT, None, None).limit
            assert limit is not None
            assert limit.cause == f"{library} has no webrtc-direct transport"
            assert limit.shows == "expected a transport of the library, found webrtc-direct"


def test_every_limit_names_its_library_and_cause() -> None:
    tests = [test for track in ("v0.4", "v0.4-git") for test in every_test(track, track)]
    causes = {test.limit.cause for test in tests if test.limit}
    assert len(causes) == 4
    assert all(cause.startswith("libp2p ") for cause in causes)
