"""The tests of a matrix: their combinations, their names, and the known limits that apply to them.

A combination is a transport, a secure channel and a muxer. A known limit is a bug or a missing feature of a library.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from dev.matrix.limits import KnownLimit, known_limits
from pingtest.settings import Muxer, SecureChannel, Transport


@dataclass(frozen=True)
class Test:
    """One test: a dialer and a listener, by the names of their implementations, on one combination.

    `secure_channel` and `muxer` are None for a standalone transport, for example QUIC, which already contains both.
    """

    dialer: str
    listener: str
    transport: Transport
    secure_channel: SecureChannel | None
    muxer: Muxer | None

    __test__ = False  # pytest must not collect this class

    @property
    def name(self) -> str:
        """Return unified-testing's name for the test: `dialer x listener (transport, secure channel, muxer)`."""
        parts = [part for part in (self.transport, self.secure_channel, self.muxer) if part is not None]
        return f"{self.dialer} x {self.listener} ({', '.join(parts)})"

    @property
    def key(self) -> str:
        """Return the TEST_KEY, as in unified-testing: the first 8 hexadecimal digits of the SHA-256 of the name."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:8]

    @property
    def limit(self) -> KnownLimit | None:
        """Return the known limit because of which this test fails, or None if the test should pass.

        If several limits fit, prefer a limit that names the other side's implementation, because it is more exact.
        """
        fitting = [limit for limit in known_limits() if self._fits(limit)]
        return min(fitting, key=lambda limit: not limit.peers, default=None)

    def _fits(self, limit: KnownLimit) -> bool:
        side, other = (self.dialer, self.listener) if limit.role == "dialer" else (self.listener, self.dialer)
        return (
            side == limit.track
            and (not limit.peers or other in limit.peers)
            and limit.transport in (None, self.transport)
            and limit.secure_channel in (None, self.secure_channel)
            and limit.muxer in (None, self.muxer)
        )


def every_test(
    dialer: str,
    listener: str,
    transports: Iterable[str] = tuple(Transport),
    channels: Iterable[str] = tuple(SecureChannel),
    muxers: Iterable[str] = tuple(Muxer),
) -> Iterator[Test]:
    """Yield the tests of two implementations on every combination of these transports, secure channels and muxers.

    A standalone transport, which already contains a secure channel and a muxer, gives only one test.
    """
    layered = list(product(map(SecureChannel, channels), map(Muxer, muxers)))
    for transport in map(Transport, transports):
        for channel, muxer in [(None, None)] if transport.standalone else layered:
            yield Test(dialer, listener, transport, channel, muxer)


def plain_test(dialer: str, listener: str) -> Test:
    """Return the test of a pair on the combination that every implementation supports: tcp, noise and yamux."""
    return Test(dialer, listener, Transport.TCP, SecureChannel.NOISE, Muxer.YAMUX)
