"""The plan: the harness's names, every combination, what the libraries cannot do."""

from pingtest.matrix.plan import Test, every_test
from pingtest.settings import Muxer, SecureChannel, Transport


def test_names_are_the_harnesses() -> None:
    test = Test("v0.4", "v0.8", Transport.TCP, SecureChannel.NOISE, Muxer.YAMUX)
    assert test.name == "v0.4 x v0.8 (tcp, noise, yamux)"
    assert Test("v0.4", "v0.8", Transport.QUIC_V1, None, None).name == "v0.4 x v0.8 (quic-v1)"


def test_every_combination_once() -> None:
    tests = list(every_test("v0.4", "v0.8"))
    assert len(set(tests)) == len(tests) == 3 * 3 * 2 + 2


def test_limits_are_of_the_side_that_has_them() -> None:
    tls = [test for test in every_test("v0.8", "v0.4") if test.secure_channel is SecureChannel.TLS]
    assert len(tls) == 6
    assert all(test.limit for test in tls)
    turned = [test for test in every_test("v0.4", "v0.8") if test.secure_channel is SecureChannel.TLS]
    assert not any(test.limit for test in turned)
    assert not any(test.limit for test in every_test("v0.8", "v0.8"))


def test_every_limit_names_its_library_and_cause() -> None:
    limits = {test.limit for track in ("v0.4", "v0.4-git") for test in every_test(track, track) if test.limit}
    assert len(limits) == 4
    assert all(limit.cause.startswith("libp2p ") for limit in limits)
