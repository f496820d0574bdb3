"""Every environment variable of a ping test, read and judged once, before anything is opened.

Sources of the contracts: unified-testing, docs/write-a-transport-test-app.md (upper-case variables);
test-plans, transport-interop (lower-case variables).
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit

from pingtest.errors import SettingsFailure


class Dialect(StrEnum):
    """Which harness started us."""

    UNIFIED_TESTING = "unified-testing"
    TEST_PLANS = "test-plans"


class Transport(StrEnum):
    """Transports by the harnesses' names."""

    TCP = "tcp"
    WS = "ws"
    WSS = "wss"
    QUIC_V1 = "quic-v1"
    WEBRTC_DIRECT = "webrtc-direct"

    @property
    def standalone(self) -> bool:
        """Whether the transport brings its own secure channel and muxer."""
        return self in (Transport.QUIC_V1, Transport.WEBRTC_DIRECT)


class SecureChannel(StrEnum):
    """Secure channels by the harnesses' names."""

    NOISE = "noise"
    TLS = "tls"
    PLAINTEXT = "plaintext"


class Muxer(StrEnum):
    """Muxers by the harnesses' names."""

    YAMUX = "yamux"
    MPLEX = "mplex"


Choice = TypeVar("Choice", bound=StrEnum)

# The variables of each dialect, by what they say.
_NAMES = {
    Dialect.UNIFIED_TESTING: {
        "role": "IS_DIALER",
        "redis": "REDIS_ADDR",
        "transport": "TRANSPORT",
        "secure_channel": "SECURE_CHANNEL",
        "muxer": "MUXER",
        "ip": "LISTENER_IP",
        "timeout": "TEST_TIMEOUT_SECS",
        "debug": "DEBUG",
    },
    Dialect.TEST_PLANS: {
        "role": "is_dialer",
        "redis": "redis_addr",
        "transport": "transport",
        "secure_channel": "security",
        "muxer": "muxer",
        "ip": "ip",
        "timeout": "test_timeout_seconds",
        "debug": "DEBUG",
    },
}
_TIMEOUT_SECONDS = 180.0
_LONGEST_TIMEOUT_SECONDS = 86_400.0


@dataclass(frozen=True)
class Redis:
    """Where the harness's Redis is, and the list that carries the listener's multiaddr."""

    url: str
    shown: str
    """The address without its password, for messages."""
    key: str


@dataclass(frozen=True)
class Pipe:
    """The embedded rendezvous: an inherited file descriptor, the listener's to write, the dialer's to read."""

    descriptor: int


@dataclass(frozen=True)
class Settings:
    """One role of one test. `timeout` is in seconds; `notes` are for standard error."""

    dialect: Dialect
    is_dialer: bool
    transport: Transport
    secure_channel: SecureChannel | None
    muxer: Muxer | None
    rendezvous: Redis | Pipe
    listener_ip: ipaddress.IPv4Address | ipaddress.IPv6Address
    timeout: float
    debug: bool
    notes: tuple[str, ...]


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read a role's settings; SettingsFailure names the variable, what it must hold and what it holds."""
    dialect = _dialect(environ)
    names = _NAMES[dialect]
    transport = _choice(environ, names["transport"], Transport)
    notes: list[str] = []
    secure_channel: SecureChannel | None = None
    muxer: Muxer | None = None
    if not transport.standalone:
        secure_channel = _choice(environ, names["secure_channel"], SecureChannel)
        muxer = _choice(environ, names["muxer"], Muxer)
    else:
        for name in (names["secure_channel"], names["muxer"]):
            if environ.get(name):
                notes.append(f"{name}={shown(environ[name])} is ignored: {transport} brings its own")
    return Settings(
        dialect=dialect,
        is_dialer=_truth(environ, names["role"]),
        transport=transport,
        secure_channel=secure_channel,
        muxer=muxer,
        rendezvous=_rendezvous(environ, dialect, names["redis"]),
        listener_ip=_ip(environ, names["ip"]),
        timeout=_timeout(environ, names["timeout"]),
        debug=_truth(environ, names["debug"], default="false"),
        notes=tuple(notes),
    )


def shown(value: str) -> str:
    """A value as an error's line shows it: quoted, printable, never long."""
    return ascii(value if len(value) <= 60 else value[:57] + "...")


def _fail(name: str, expected: str, value: str | None) -> NoReturn:
    found = "it unset" if value is None else "it empty" if value == "" else shown(value)
    raise SettingsFailure(f"{name}: expected {expected}, found {found} (environment variable)")


def _dialect(environ: Mapping[str, str]) -> Dialect:
    roles = {dialect: environ.get(names["role"]) for dialect, names in _NAMES.items()}
    found = [dialect for dialect, value in roles.items() if value is not None]
    if len(found) == 1:
        return found[0]
    expected = "IS_DIALER (unified-testing) or is_dialer (test-plans)"
    raise SettingsFailure(f"{expected}: expected one of the two set, found {'both' if found else 'neither'}")


def _choice(environ: Mapping[str, str], name: str, kind: type[Choice]) -> Choice:
    value = environ.get(name)
    if value in list(kind):
        return kind(value)
    _fail(name, f"one of {', '.join(kind)}", value)


def _truth(environ: Mapping[str, str], name: str, default: str | None = None) -> bool:
    value = environ.get(name) or default if default is not None else environ.get(name)
    if value is None or value.lower() not in ("true", "false"):
        _fail(name, "true or false", value)
    return value.lower() == "true"


def _timeout(environ: Mapping[str, str], name: str) -> float:
    value = environ.get(name, str(_TIMEOUT_SECONDS))
    seconds = float(value) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value, re.ASCII) else 0.0
    if not 0 < seconds <= _LONGEST_TIMEOUT_SECONDS:
        _fail(name, f"seconds, more than 0 and at most {_LONGEST_TIMEOUT_SECONDS:.0f}", value)
    return seconds


def _ip(environ: Mapping[str, str], name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    value = environ.get(name, "0.0.0.0")  # noqa: S104 - what both harnesses set
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        address = None
    if address is None or address.is_multicast or "%" in value:
        _fail(name, "an IPv4 or IPv6 address to listen on", value)
    return address


def _rendezvous(environ: Mapping[str, str], dialect: Dialect, name: str) -> Redis | Pipe:
    descriptor = environ.get("RENDEZVOUS_FD")
    if descriptor is not None:
        if not re.fullmatch(r"[0-9]{1,6}", descriptor, re.ASCII):
            _fail("RENDEZVOUS_FD", "the number of an inherited file descriptor", descriptor)
        return Pipe(int(descriptor))
    default = "redis:6379" if dialect is Dialect.TEST_PLANS else None
    url, address = _redis_url(name, environ.get(name, default))
    if dialect is Dialect.TEST_PLANS:
        return Redis(url, address, "listenerAddr")
    key = environ.get("TEST_KEY")
    if key is None or not re.fullmatch(r"[0-9a-fA-F]{8}", key):
        _fail("TEST_KEY", "8 hexadecimal digits", key)
    return Redis(url, address, f"{key}_listener_multiaddr")


def _redis_url(name: str, value: str | None) -> tuple[str, str]:
    """The URL for the client, and the address to show: `host`, `host:port` or a whole redis:// URL."""
    expected = "HOST:PORT or redis://[[USER]:PASSWORD@]HOST[:PORT][/DB]"
    if not value or not value.isascii() or not value.isprintable() or " " in value or len(value) > 2_000:
        _fail(name, expected, value)
    url = value if "://" in value else f"redis://{value}"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port == 0 or parts.scheme not in ("redis", "rediss") or not re.fullmatch(r"/?[0-9]{0,4}", parts.path):
        # A value with a password in it is not repeated.
        _fail(name, f"{expected}, a port from 1 to 65535", None if False else value.rpartition("@")[2])
    return url, f"[{host}]:{port or 6379}" if ":" in host else f"{host}:{port or 6379}"
