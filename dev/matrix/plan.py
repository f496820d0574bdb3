"""Which tests there are: combinations, and what the libraries of the tracks are known not to do."""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from pingtest.settings import Muxer, SecureChannel, Transport


@dataclass(frozen=True)
class Limit:
    """Something that a track's library is known not to do: why, and a pattern that its error matches."""

    cause: str
    shows: str


@dataclass(frozen=True)
class Test:
    """A dialer's track against a listener's on one combination; a standalone transport has no channel and muxer."""

    dialer: str
    listener: str
    transport: Transport
    secure_channel: SecureChannel | None
    muxer: Muxer | None

    __test__ = False  # no test of pytest's

    @property
    def name(self) -> str:
        """The harness's name for it: `dialer x listener (transport, secure channel, muxer)`."""
        parts = [part for part in (self.transport, self.secure_channel, self.muxer) if part is not None]
        return f"{self.dialer} x {self.listener} ({', '.join(parts)})"

    @property
    def key(self) -> str:
        """The harness's TEST_KEY: the first 8 hexadecimal digits of the SHA-256 of the name."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:8]

    @property
    def limit(self) -> Limit | None:
        """Why a library is known to fail this test; None where it should pass."""
        return self._first("limit")

    @property
    def unsteady(self) -> Limit | None:
        """Why a library is known to fail this test now and then; None where it should not."""
        return self._first("unsteady")

    def _first(self, kind: str) -> Limit | None:
        for limit in _limits()[kind]:
            side, other = (self.dialer, self.listener) if limit["role"] == "dialer" else (self.listener, self.dialer)
            if (
                side == limit["track"]
                and other in limit.get("peers", [other])
                and all(
                    limit[key] == getattr(self, key) for key in ("transport", "secure_channel", "muxer") if key in limit
                )
            ):
                return Limit(limit["cause"], limit["shows"])
        return None


def every_test(
    dialer: str,
    listener: str,
    transports: Iterable[str] = tuple(Transport),
    channels: Iterable[str] = tuple(SecureChannel),
    muxers: Iterable[str] = tuple(Muxer),
) -> Iterator[Test]:
    """Every combination of these transports, secure channels and muxers, of two tracks."""
    layered = list(product(map(SecureChannel, channels), map(Muxer, muxers)))
    for transport in map(Transport, transports):
        for channel, muxer in [(None, None)] if transport.standalone else layered:
            yield Test(dialer, listener, transport, channel, muxer)


@cache
def _limits() -> dict[str, list[dict[str, Any]]]:
    """Of each kind, those that name the other side come first: what they show is more than the rule."""
    with Path(__file__).with_name("limits.toml").open("rb") as file:
        kinds: dict[str, list[dict[str, Any]]] = tomllib.load(file)
    return {kind: sorted(limits, key=lambda limit: "peers" not in limit) for kind, limits in kinds.items()}
