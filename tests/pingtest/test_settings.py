"""Tests of the settings: the variables of both dialects, and the values that each variable must not have."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pingtest.errors import Failure, Status
from pingtest.settings import (
    TEST_PLANS,
    UNIFIED_TESTING,
    Muxer,
    Pipe,
    Redis,
    SecureChannel,
    Transport,
    quoted,
    read_settings,
)

UNIFIED = {
    "IS_DIALER": "true",
    "REDIS_ADDR": "transport-redis:6379",
    "TEST_KEY": "a5b50d5e",
    "TRANSPORT": "tcp",
    "SECURE_CHANNEL": "noise",
    "MUXER": "yamux",
    "LISTENER_IP": "0.0.0.0",
    "DEBUG": "false",
}
LEGACY = {"is_dialer": "false", "transport": "ws", "security": "tls", "muxer": "mplex", "ip": "0.0.0.0"}


def failure_of(environ: dict[str, str]) -> str:
    with pytest.raises(Failure) as caught:
        read_settings(environ)
    assert caught.value.status is Status.SETTINGS
    return str(caught.value)


def test_the_variables_of_unified_testing_are_read() -> None:
    settings = read_settings(UNIFIED)
    assert settings.dialect is UNIFIED_TESTING
    assert settings.is_dialer
    assert (settings.transport, settings.secure_channel, settings.muxer) == (
        Transport.TCP,
        SecureChannel.NOISE,
        Muxer.YAMUX,
    )
    where = Redis("redis://transport-redis:6379", "transport-redis:6379", "a5b50d5e_listener_multiaddr")
    assert settings.rendezvous == where
    assert (settings.timeout, settings.debug, settings.notes) == (180.0, False, ())


def test_the_variables_of_test_plans_are_read_and_have_defaults() -> None:
    settings = read_settings(LEGACY)
    assert settings.dialect is TEST_PLANS
    assert not settings.is_dialer
    assert settings.rendezvous == Redis("redis://redis:6379", "redis:6379", "listenerAddr")
    assert settings.timeout == 180.0
    assert read_settings(LEGACY | {"test_timeout_seconds": "7.5"}).timeout == 7.5


def test_a_pipe_can_replace_redis() -> None:
    without = {name: value for name, value in UNIFIED.items() if name not in ("REDIS_ADDR", "TEST_KEY")}
    assert read_settings(without | {"RENDEZVOUS_FD": "7"}).rendezvous == Pipe(7)


@pytest.mark.parametrize("transport", ["quic-v1", "webrtc-direct"])
def test_a_standalone_transport_ignores_the_channel_and_the_muxer(transport: str) -> None:
    settings = read_settings(UNIFIED | {"TRANSPORT": transport})
    assert (settings.secure_channel, settings.muxer) == (None, None)
    assert settings.notes == (
        f"SECURE_CHANNEL='noise' is ignored: {transport} has its own",
        f"MUXER='yamux' is ignored: {transport} has its own",
    )
    assert read_settings(UNIFIED | {"TRANSPORT": transport, "SECURE_CHANNEL": "", "MUXER": ""}).notes == ()


@pytest.mark.parametrize(
    ("value", "url", "shows"),
    [
        ("redis:6379", "redis://redis:6379", "redis:6379"),
        ("redis", "redis://redis", "redis:6379"),
        ("[::1]:6380", "redis://[::1]:6380", "[::1]:6380"),
        ("redis://:hunter2@redis:6380/3", "redis://:hunter2@redis:6380/3", "redis:6380"),
        ("rediss://user:hunter2@redis", "rediss://user:hunter2@redis", "redis:6379"),
    ],
)
def test_each_form_of_a_redis_address_is_read(value: str, url: str, shows: str) -> None:
    where = read_settings(UNIFIED | {"REDIS_ADDR": value}).rendezvous
    assert isinstance(where, Redis)
    assert (where.url, where.endpoint) == (url, shows)


@pytest.mark.parametrize("name", ["TRANSPORT", "SECURE_CHANNEL", "MUXER", "REDIS_ADDR", "TEST_KEY"])
@pytest.mark.parametrize("value", [None, "", "nonsense!", "ä" * 40, "x" * 100_000, "\udcff\x1b[31m"])
def test_a_failure_names_the_variable_with_a_bad_value(name: str, value: str | None) -> None:
    environ = {known: old for known, old in UNIFIED.items() if known != name}
    line = failure_of(environ | ({} if value is None else {name: value}))
    assert line.startswith(f"{name}: expected ")
    assert "\n" not in line
    assert line.isascii()
    assert line.isprintable()
    assert len(line) < 300


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IS_DIALER", "maybe"),
        ("DEBUG", "loud"),
        ("TEST_TIMEOUT_SECS", "abc"),
        ("TEST_TIMEOUT_SECS", "0"),
        ("TEST_TIMEOUT_SECS", "-1"),
        ("TEST_TIMEOUT_SECS", "nan"),
        ("TEST_TIMEOUT_SECS", "1e9"),
        ("TEST_TIMEOUT_SECS", "86401"),
        ("TEST_TIMEOUT_SECS", "٣"),
        ("LISTENER_IP", "localhost"),
        ("LISTENER_IP", "256.0.0.1"),
        ("LISTENER_IP", "fe80::1%eth0"),
        ("LISTENER_IP", "224.0.0.1"),
        ("LISTENER_IP", "ff02::1"),
        ("LISTENER_IP", "255.255.255.255"),
        ("TEST_KEY", "a5b50d5"),
        ("TEST_KEY", "a5b50d5eg"),
        ("REDIS_ADDR", "redis:0"),
        ("REDIS_ADDR", "redis:65536"),
        ("REDIS_ADDR", "redis:port"),
        ("REDIS_ADDR", "http://redis:6379"),
        ("REDIS_ADDR", "redis:6379/?socket_timeout=1"),
        ("REDIS_ADDR", ":6379"),
        ("REDIS_ADDR", "[::1:6379"),
        ("RENDEZVOUS_FD", "-1"),
        ("RENDEZVOUS_FD", "stdin"),
        ("RENDEZVOUS_FD", "0"),
        ("RENDEZVOUS_FD", "2"),
    ],
)
def test_each_bad_value_is_a_failure(name: str, value: str) -> None:
    assert failure_of(UNIFIED | {name: value}).startswith(f"{name}: expected ")


@pytest.mark.parametrize("name", ["TEST_TIMEOUT_SECS", "LISTENER_IP", "DEBUG", "RENDEZVOUS_FD"])
def test_an_empty_variable_is_an_unset_one(name: str) -> None:
    without = {other: value for other, value in UNIFIED.items() if other != name}
    assert read_settings(UNIFIED | {name: ""}) == read_settings(without)


@pytest.mark.parametrize("change", [str.upper, str.lower])
def test_the_argument_of_test_plans_reads_names_in_any_case(change: Callable[[str], str]) -> None:
    changed = {change(name): value for name, value in LEGACY.items()}
    assert read_settings(changed, test_plans=True) == read_settings(LEGACY)


@pytest.mark.parametrize(
    ("value", "means"), [("1", True), ("yes", True), ("YES", True), ("0", False), ("no", False), ("True", True)]
)
def test_a_yes_or_no_that_no_contract_has_is_read_with_a_note(value: str, means: bool) -> None:
    for name in ("IS_DIALER", "DEBUG"):
        settings = read_settings(UNIFIED | {name: value})
        assert (settings.is_dialer if name == "IS_DIALER" else settings.debug) is means
        assert len(settings.notes) == (value != "True")
        assert all(note.startswith(f"{name}='{value}' is read as ") for note in settings.notes)


def test_a_message_does_not_repeat_the_password() -> None:
    assert "hunter2" not in failure_of(UNIFIED | {"REDIS_ADDR": "redis://:hunter2@redis:99999"})


def test_the_role_must_be_given_exactly_once() -> None:
    assert "neither" in failure_of({})
    assert "both" in failure_of(UNIFIED | LEGACY)


@given(st.dictionaries(st.sampled_from([*UNIFIED, *LEGACY, "RENDEZVOUS_FD"]), st.text(max_size=80)))
def test_any_environment_is_read_or_is_one_line_of_failure(environ: dict[str, str]) -> None:
    try:
        settings = read_settings(UNIFIED | environ)
    except Failure as failure:
        assert failure.status is Status.SETTINGS
        assert "\n" not in str(failure)
    else:
        assert 0 < settings.timeout <= 86_400


@given(st.text())
def test_quoted_values_are_short_and_printable(value: str) -> None:
    assert quoted(value).isascii()
    assert quoted(value).isprintable()
    assert len(quoted(value[:57])) <= 2 + 57 * len("\\U00000000")
