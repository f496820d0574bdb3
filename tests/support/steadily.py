"""Repeats a ping test if a known bug of libp2p lost its stream; other failures are not repeated."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from dev.matrix.plan import Test
from pingtest.settings import Transport

# libp2p 0.8.1 loses the first stream of a WebRTC connection in about one run of 14, and reports one of these errors.
LOST = ("WebRTCStreamError: Stream closed by remote", "MultiselectClientError: response timed out")


class _Outcome(Protocol):
    @property
    def error(self) -> str:
        """Return the error messages of the dialer and the listener."""


Attempted = TypeVar("Attempted", bound=_Outcome)


def steadily(test: Test, run: Callable[[], Attempted]) -> Attempted:
    """Call `run`, which runs `test`, and return the outcome.

    If libp2p loses a WebRTC stream, call `run` again, up to four times in total.
    """
    for _ in range(3):
        outcome = run()
        if test.transport is not Transport.WEBRTC_DIRECT or not any(one in outcome.error for one in LOST):
            return outcome
    return run()
