"""Repeats a ping test if a known bug of libp2p lost its stream; other failures are not repeated."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from dev.matrix.plan import Test
from pingtest.settings import Transport

# libp2p 0.8.1 loses the first stream of a WebRTC connection in about one run of 14, and reports one of these errors.
LOST = ("WebRTCStreamError: Stream closed by remote", "MultiselectClientError: response timed out")
# On a network that loses one packet in a hundred, about one WebRTC dial in a hundred never ends. Its handshake has
# four protocols: STUN, DTLS, SCTP and Noise. The log of one such dial has a second INIT of SCTP, which ends the
# connection for the listener (pion/sctp 1.8.39). In another log the listener had given up, and the packet with
# this news was lost. libp2p 0.8.1 waits 30 s for each protocol, as long as the whole time limit of the tests.
HUNG = "found none: still dialing "


class _Outcome(Protocol):
    @property
    def error(self) -> str:
        """Return the error messages of the dialer and the listener."""


Attempted = TypeVar("Attempted", bound=_Outcome)


def steadily(test: Test, run: Callable[[], Attempted], *, lossy: bool = False) -> Attempted:
    """Call `run`, which runs `test`, and return the outcome.

    If libp2p loses a WebRTC stream, call `run` again, up to four times in total. On a network that loses packets
    (`lossy`), also call `run` again if a WebRTC dial does not end.
    """
    known = (*LOST, HUNG) if lossy else LOST
    for _ in range(3):
        outcome = run()
        if test.transport is not Transport.WEBRTC_DIRECT or not any(one in outcome.error for one in known):
            return outcome
    return run()
