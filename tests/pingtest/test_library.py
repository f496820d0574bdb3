"""Tests of the calls of libp2p that the ping needs: opening a stream that may lose the peer's first answer."""

from typing import cast

import pytest
import trio
from libp2p.abc import IHost, INetStream
from libp2p.peer.id import ID
from rolekit import PEER_ID
from trio.testing import MockClock

from pingtest.library import PING, open_ping_stream
from pingtest.settings import Transport

PEER = ID.from_base58(PEER_ID)


class Losing:
    """A host on which the answers of the peer on the first `lost` streams never arrive."""

    def __init__(self, lost: int) -> None:
        self.lost = lost
        self.opened: list[float] = []

    async def new_stream(self, peer: ID, protocols: list[str]) -> INetStream:
        """Return a stream, or wait for ever if this stream is among the lost ones."""
        assert (peer, protocols) == (PEER, [PING])
        self.opened.append(trio.current_time())
        if len(self.opened) <= self.lost:
            await trio.sleep_forever()
        return cast(INetStream, self)


@pytest.mark.parametrize("lost", [0, 1, 6])
def test_a_webrtc_stream_that_loses_the_answer_is_opened_again(lost: int) -> None:
    host = Losing(lost)
    clock = MockClock(autojump_threshold=0)
    opened = trio.run(open_ping_stream, cast(IHost, host), PEER, Transport.WEBRTC_DIRECT, clock=clock)
    assert opened is cast(INetStream, host)
    waits = [later - earlier for earlier, later in zip(host.opened, host.opened[1:], strict=False)]
    assert waits == pytest.approx([0.25, 0.5, 1.0, 2.0, 2.0, 2.0][:lost])


@pytest.mark.parametrize("transport", [one for one in Transport if one != "webrtc-direct"])
def test_other_transports_wait_for_the_answer_on_the_first_stream(transport: Transport) -> None:
    host = Losing(1)

    async def wait_a_minute() -> None:
        with trio.move_on_after(60):
            await open_ping_stream(cast(IHost, host), PEER, transport)

    trio.run(wait_a_minute, clock=MockClock(autojump_threshold=0))
    assert len(host.opened) == 1
