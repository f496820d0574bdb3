"""The settings of a ping test: every environment variable is read and checked once, before a connection is opened.

Each harness describes its variables: unified-testing in docs/write-a-transport-test-app.md (upper-case names), and
test-plans in transport-interop (lower-case names). The argument --test-plans, or the name of the role's variable, shows
which of the two harnesses started this process. An empty variable counts as unset.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit

from pingtest.errors import Failure, Status

IP = ipaddress.IPv4Address | ipaddress.IPv6Address


class Transport(StrEnum):
    """The transports. The value of each is the name that the harnesses use."""

    TCP = "tcp", "tcp"
    WS = "ws", "tcp/ws"
    WSS = "wss", "tcp/wss", "tcp/tls/ws"
    QUIC_V1 = "quic-v1", "udp/quic-v1"
    WEBRTC_DIRECT = "webrtc-direct", "udp/webrtc-direct/certhash", "udp/webrtc-direct/certhash/certhash"

    protocols: tuple[str, ...]
    """The protocols between IP and peer ID in a multiaddr, in each form that we dial; we announce the first form."""

    def __new__(cls, name: str, *protocols: str) -> "Transport":
        """Make a member whose value is `name`, the name that the harnesses use."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.protocols = protocols
        return member

    @property
    def standalone(self) -> bool:
        """Return whether the transport already contains a secure channel and a muxer. Each transport over UDP does."""
        return self.protocols[0].startswith("udp/")


class SecureChannel(StrEnum):
    """The secure channels. The value of each is the name that the harnesses use."""

    NOISE = "noise"
    TLS = "tls"
    PLAINTEXT = "plaintext"


class Muxer(StrEnum):
    """The muxers. The value of each is the name that the harnesses use."""

    YAMUX = "yamux"
    MPLEX = "mplex"


Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True)
class Dialect:
    """The name of each variable in one harness."""

    role: str
    redis: str
    transport: str
    secure_channel: str
    muxer: str
    ip: str
    timeout: str


# The names are in the order of the fields above.
UNIFIED_TESTING = Dialect(*"IS_DIALER REDIS_ADDR TRANSPORT SECURE_CHANNEL MUXER LISTENER_IP TEST_TIMEOUT_SECS".split())
TEST_PLANS = Dialect(*"is_dialer redis_addr transport security muxer ip test_timeout_seconds".split())
_YES, _NO = ("true", "1", "yes"), ("false", "0", "no")  # The harnesses document only the first word of each.


@dataclass(frozen=True)
class Redis:
    """The harness's Redis (`endpoint` is HOST:PORT without password) and the `key` of the list with the multiaddr."""

    url: str
    endpoint: str
    key: str


@dataclass(frozen=True)
class Pipe:
    """A rendezvous without Redis: an inherited file descriptor that the listener writes to and the dialer reads."""

    descriptor: int


@dataclass(frozen=True)
class Settings:
    """The settings of one role in one test. `timeout` is in seconds; `notes` are lines for standard error."""

    dialect: Dialect
    is_dialer: bool
    transport: Transport
    secure_channel: SecureChannel | None
    muxer: Muxer | None
    rendezvous: Redis | Pipe
    listener_ip: IP
    timeout: float
    debug: bool
    notes: tuple[str, ...]


def read_settings(environ: Mapping[str, str], *, test_plans: bool = False) -> Settings:
    """Return the settings of a role; raise a Failure that names a wrong variable, its value, and the expected value.

    With `test_plans`, the variables are those of test-plans, in upper or lower case.
    """
    environ = {name: value for name, value in environ.items() if value}
    if test_plans:
        dialect = TEST_PLANS
        environ = {name: environ[name.upper()] for name in astuple(dialect) if name.upper() in environ} | environ
    else:
        dialect = _dialect(environ)
    notes: list[str] = []
    is_dialer = _truth(environ, dialect.role, notes)
    transport = _choice(environ, dialect.transport, Transport)
    ignored = [name for name in (dialect.secure_channel, dialect.muxer) if transport.standalone and name in environ]
    notes += [f"{name}={quoted(environ[name])} is ignored: {transport} has its own" for name in ignored]
    return Settings(
        dialect=dialect,
        is_dialer=is_dialer,
        transport=transport,
        secure_channel=None if transport.standalone else _choice(environ, dialect.secure_channel, SecureChannel),
        muxer=None if transport.standalone else _choice(environ, dialect.muxer, Muxer),
        rendezvous=_rendezvous(environ, dialect),
        listener_ip=_ip(dialect.ip, environ.get(dialect.ip, "0.0.0.0")),  # noqa: S104 - both harnesses set this value
        timeout=_timeout(dialect.timeout, environ.get(dialect.timeout, "180")),
        debug=_truth({"DEBUG": "false"} | environ, "DEBUG", notes),
        notes=tuple(notes),
    )


def quoted(value: str) -> str:
    """Return a value as the line of an error shows it: quoted, printable, and cut to 60 characters."""
    return ascii(value if len(value) <= 60 else value[:57] + "...")


def _fail(name: str, expected: str, value: str | None) -> NoReturn:
    found = "nothing (unset or empty)" if not value else quoted(value)
    raise Failure(Status.SETTINGS, f"{name}: expected {expected}, found {found} in the environment")


def _dialect(environ: Mapping[str, str]) -> Dialect:
    found = [dialect for dialect in (UNIFIED_TESTING, TEST_PLANS) if dialect.role in environ]
    if len(found) != 1:
        expected = "expected IS_DIALER (unified-testing) or is_dialer (test-plans) to be true or false"
        raise Failure(Status.SETTINGS, f"{expected}, found {'both' if found else 'neither'} in the environment")
    return found[0]


def _choice(environ: Mapping[str, str], name: str, kind: type[Choice]) -> Choice:
    value = environ.get(name)
    if value not in list(kind):
        _fail(name, f"one of {', '.join(kind)}", value)
    return kind(value)


def _truth(environ: Mapping[str, str], name: str, notes: list[str]) -> bool:
    value = environ.get(name)
    if value is None or value.lower() not in _YES + _NO:
        _fail(name, "true or false", value)
    found = value.lower() in _YES
    if value.lower() not in (_YES[0], _NO[0]):
        notes.append(f"{name}={quoted(value)} is read as {str(found).lower()}: the contract has only true and false")
    return found


def _timeout(name: str, value: str) -> float:
    seconds = float(value) if re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,6})?", value, re.ASCII) else 0.0
    if not 0 < seconds <= 86_400:
        _fail(name, "a number of seconds, more than 0 and at most 86400", value)
    return seconds


def _ip(name: str, value: str) -> IP:
    expected = "an IPv4 or IPv6 address of this machine to listen on, without a zone"
    try:
        ip = ipaddress.ip_address(value)
    except ValueError:
        _fail(name, expected, value)
    if "%" in value or ip.is_multicast or ip == ipaddress.IPv4Address("255.255.255.255"):
        _fail(name, expected, value)
    return ip


def _rendezvous(environ: Mapping[str, str], dialect: Dialect) -> Redis | Pipe:
    descriptor = environ.get("RENDEZVOUS_FD")
    if descriptor is not None:
        if not re.fullmatch(r"[0-9]{1,6}", descriptor, re.ASCII) or int(descriptor) < 3:
            _fail("RENDEZVOUS_FD", "the number of an inherited pipe, 3 or more", descriptor)
        return Pipe(int(descriptor))
    if dialect is TEST_PLANS:
        return _redis(dialect.redis, environ.get(dialect.redis, "redis:6379"), "listenerAddr")
    key = environ.get("TEST_KEY")
    if key is None or not re.fullmatch(r"[0-9a-fA-F]{8}", key):
        _fail("TEST_KEY", "8 hexadecimal digits", key)
    return _redis(dialect.redis, environ.get(dialect.redis), f"{key}_listener_multiaddr")


def _redis(name: str, value: str | None, key: str) -> Redis:
    expected = "HOST:PORT, a port from 1 to 65535, or redis://[[USER]:PASSWORD@]HOST[:PORT][/DB]"
    if not value or not re.fullmatch(r"[!-~]{1,1000}", value):
        _fail(name, expected, value)
    try:
        parts = urlsplit(value if "://" in value else f"redis://{value}")
        host, port = parts.hostname or "", 6379 if parts.port is None else parts.port
    except ValueError:
        _fail(name, expected, value.rpartition("@")[2])  # without the password, if there is one
    shape = f"{parts.scheme}://{host}{parts.path}" if port and not parts.query else ""
    if not re.fullmatch(r"rediss?://[\w.:-]+(/[0-9]{0,4})?", shape, re.ASCII):
        _fail(name, expected, value.rpartition("@")[2])
    return Redis(parts.geturl(), f"[{host}]:{port}" if ":" in host else f"{host}:{port}", key)
