"""Wrong environments of a role, chosen from a seed: in each, one variable has a bad value, or is missing."""

import random
from collections.abc import Mapping

from rolekit import unified

SECRET = "hunter2"  # noqa: S105 - a password in some of the values; no message may repeat it
_ODD = (
    "x",
    "-1",
    "0x10",
    "None",
    "\u0661",
    "\udcff",
    "\u202e",
    "\x1b[31m",
    "a\nb",
    "'; --",
    "x" * 9_000,
    "${HOME}",
    "~",
)
_NAMES = ("TCP", "tcp ", "udp", "quic", "webtransport", "tcp,ws", "Noise", "tls1.3", "YAMUX", "qmpx")
_ADDRESSES = (
    *("", ":", ":6379", "localhost:", "localhost:0", "localhost:65536", "localhost:-1", "localhost:6379x", "a b:6379"),
    *("localhost:6379:6379", "http://localhost:6379", "unix:///tmp/redis.sock", "redis://", "redis://localhost:70000"),
    *("redis://localhost:6379/x", "redis://localhost:6379?db=1", "[::1:6379", "::1:6379", "[localhost]:6379"),
    *("redis://localhost:6379/99999", "localhost:\u0661\u0662", "redis:////", "local\thost:6379"),
    *(f"redis://:{SECRET}@localhost:99999", f"redis://user:{SECRET}@:6379", f":{SECRET}@localhost:6379?x=1"),
)
_TIMES = (
    "0",
    "-5",
    "1e3",
    "nan",
    "inf",
    "10s",
    "1,5",
    " 20",
    "20 ",
    "86401",
    "999999999999",
    "0.0",
    ".5",
    "1.",
    "+5",
    "1_0",
)
_HOSTS = (
    *("localhost", "256.0.0.1", "127.0.0", "127.0.0.1/8", "127.0.0.1:80", "::g", "[::1]", "fe80::1%lo", "224.0.0.1"),
    *(
        "255.255.255.255",
        "ff02::1",
        "0",
        "2130706433",
        "0.0.0.0,::",
        " 127.0.0.1",
        "::1%0",
        "010.0.0.1",
        "/ip4/127.0.0.1",
    ),
)
_DESCRIPTORS = ("0", "1", "2", "-1", "9999999", "3.0", "1e1", "stdin", "/dev/fd/3", "\u0663", "9" * 30)
_KEYS = ("1234567", "123456789", "g2345678", "12 45678", "0x123456", "*", "a5b50d5e\n", "\uff11" * 8)
_WRONG: dict[str, tuple[str, ...]] = {
    "IS_DIALER": ("maybe", "2", "TRUE!", "t", "dialer", "truefalse", "y", "on", *_ODD),
    "TRANSPORT": (*_NAMES, *_ODD),
    "SECURE_CHANNEL": (*_NAMES, *_ODD),
    "MUXER": (*_NAMES, *_ODD),
    "REDIS_ADDR": _ADDRESSES,
    "TEST_KEY": (*_KEYS, *_ODD),
    "TEST_TIMEOUT_SECS": (*_TIMES, *_ODD),
    "LISTENER_IP": (*_HOSTS, *_ODD),
    "DEBUG": ("maybe", "2", "debug:all", *_ODD),
    "RENDEZVOUS_FD": (*_DESCRIPTORS, *_ODD),
}
_REQUIRED = ("IS_DIALER", "TRANSPORT", "SECURE_CHANNEL", "MUXER", "REDIS_ADDR", "TEST_KEY")
_LOWER = {
    "IS_DIALER": "is_dialer",
    "TRANSPORT": "transport",
    "SECURE_CHANNEL": "security",
    "MUXER": "muxer",
    "REDIS_ADDR": "redis_addr",
    "TEST_TIMEOUT_SECS": "test_timeout_seconds",
    "LISTENER_IP": "ip",
}


def bad_settings(seed: str) -> tuple[str, dict[str, str]]:
    """Return the name of the wrong variable, and the environment of a role of either harness."""
    chance = random.Random(seed)  # noqa: S311 - the same seed must give the same values
    good = unified(chance.random() < 0.5, "127.0.0.1:1", "a5b50d5e", DEBUG="false")
    name = chance.choice(list(_WRONG))
    if name in _REQUIRED and chance.random() < 0.2:
        del good[name]
    else:
        good[name] = chance.choice(_WRONG[name])
    if name not in _LOWER or chance.random() < 0.6:
        return name, good
    if not good.get("REDIS_ADDR"):  # optional for test-plans
        good["REDIS_ADDR"] = "nonsense:0"
    return _lower(name, good)


def _lower(name: str, good: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    return _LOWER[name], {_LOWER.get(one, one): value for one, value in good.items() if one != "TEST_KEY"}
