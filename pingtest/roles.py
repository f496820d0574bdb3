"""The two roles of a ping test: the dialer and the listener."""

import logging
import math
import secrets
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import trio
from libp2p.abc import IHost, INetStream

from pingtest.addresses import Target, announced_address, local_address, parse_target
from pingtest.errors import Failure, Status, named, root_cause
from pingtest.library import (
    PING,
    listening_on,
    new_host,
    open_ping_stream,
    remote_peer,
    require,
    says_other_peer,
)
from pingtest.process import STOPPING, Clock, settle
from pingtest.rendezvous import open_rendezvous
from pingtest.report import Latency
from pingtest.settings import TEST_PLANS, Settings, Transport

PAYLOAD = 32  # bytes of a ping, by the libp2p specification of /ipfs/ping/1.0.0
log = logging.getLogger("pingtest")


def play(settings: Settings, clock: Clock, done: Callable[[Latency], None]) -> int | None:
    """Play the role of the settings until it ends; return the number of the signal that ended the role, or None."""
    require(settings)
    library = logging.getLogger("libp2p")
    library.addHandler(logging.NullHandler())  # without a handler, logging prints warnings next to the failure's line
    library.propagate = settings.debug
    library.setLevel(logging.DEBUG if settings.debug else logging.WARNING)

    async def role() -> int | None:
        stopped: int | None = None

        async def wait_for_stop() -> None:
            nonlocal stopped
            stopped = await anext(signals)
            nursery.cancel_scope.cancel()

        caught = [one for one in STOPPING if signal.getsignal(one) is not signal.SIG_IGN]
        with trio.open_signal_receiver(*caught) as signals:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(wait_for_stop)
                await (dial(settings, clock, done) if settings.is_dialer else listen(settings, clock))
                nursery.cancel_scope.cancel()
        return stopped

    return trio.run(role)


async def dial(settings: Settings, clock: Clock, done: Callable[[Latency], None]) -> None:
    """Start a host, wait for the listener's address, dial it, ping once, pass the result to `done`, then close."""
    rendezvous = open_rendezvous(settings, clock.notes)
    with trio.move_on_after(clock.left()) as time_limit:
        async with _running(settings, clock) as host:
            clock.stage = f"waiting for the listener's address ({rendezvous.source})"
            target = parse_target(await rendezvous.take(), rendezvous.source, settings.transport)
            settle()
            done(await _measure(host, target, settings.transport, clock))
    if time_limit.cancelled_caught:
        raise clock.overdue()


async def listen(settings: Settings, clock: Clock) -> None:
    """Listen, announce the address, and answer pings until cancelled.

    Under test-plans, a listener that nobody stops ends at the end of the test's time, with a Failure.
    """
    rendezvous = open_rendezvous(settings)
    with trio.move_on_after(clock.left() if settings.dialect is TEST_PLANS else math.inf) as time_limit:
        async with _running(settings, clock) as host:
            host.set_stream_handler(PING, answer_pings)
            address = announced_address(settings, listening_on(host), host.get_id())
            clock.stage = f"listening on {address}"
            clock.say_notes()
            log.info("listening on %s, announcing it over %s", address, rendezvous.source)
            settle()
            await rendezvous.announce(address)
    if time_limit.cancelled_caught:
        raise clock.overdue()


async def _measure(host: IHost, target: Target, transport: Transport, clock: Clock) -> Latency:
    """Dial and ping once. Return the time from the start of the dial to the pong, and the time of the ping alone."""
    payload = secrets.token_bytes(PAYLOAD)
    where = f"{target.text} ({target.source})"
    clock.stage = f"dialing {where}"
    clock.blame = Status.DIAL, f"{where}: expected a connection"
    start = time.perf_counter()
    try:
        await host.connect(target.peer)
        clock.stage = f"opening a stream to {where}"
        stream = await open_ping_stream(host, target.peer.peer_id, transport)
    except Exception as error:  # each release of libp2p raises other errors
        why = root_cause(error)
        if says_other_peer(why):
            raise Failure(Status.PEER_ID, f"{where}: expected that peer ID, found: {why}") from error
        cure = "; set the clocks of both machines to the same time" if "not yet valid" in why else ""
        raise Failure(Status.DIAL, f"{where}: expected a connection, found: {why}{cure}") from error
    clock.stage = f"waiting for the pong of {where}"
    clock.blame = Status.PING, f"{where}: expected a pong"
    sent = time.perf_counter()
    try:
        await stream.write(payload)
        pong = await read_up_to(stream, PAYLOAD)
    except Exception as error:  # here too, each release of libp2p raises other errors
        raise Failure(Status.PING, f"{where}: expected a pong, found: {root_cause(error)}") from error
    end = time.perf_counter()
    if pong != payload:
        found = f"{len(pong)} bytes" if len(pong) < PAYLOAD else "other bytes"
        raise Failure(Status.PING, f"{where}: expected the same {PAYLOAD} bytes as in the ping, found {found}")
    if (peer := remote_peer(stream)) != target.peer.peer_id:
        raise Failure(Status.PEER_ID, f"{where}: expected that peer ID, found {peer}")
    return Latency((end - start) * 1000, (end - sent) * 1000)


async def read_up_to(stream: INetStream, size: int) -> bytes:
    """Return `size` bytes, or fewer if the peer closes its side first."""
    data = b""
    while len(data) < size:
        try:
            part = await stream.read(size - len(data))
        except EOFError:  # every release raises this at the end of a stream, over each muxer
            part = b""
        if not part:
            break
        data += part
    return data


async def answer_pings(stream: INetStream) -> None:
    """Echo 32 bytes at a time until the dialer closes its side."""
    try:
        while len(ping := await read_up_to(stream, PAYLOAD)) == PAYLOAD:
            await stream.write(ping)
        await stream.close()
    except Exception as error:  # noqa: BLE001 - the dialer may end its stream in any way, and the listener continues
        log.info("a ping stream ended: %s", root_cause(error))


@asynccontextmanager
async def _running(settings: Settings, clock: Clock) -> AsyncIterator[IHost]:
    """Run a host with its background tasks; raise their errors as one Failure, which names the peer during a dial."""
    local = local_address(settings.transport, settings.listener_ip)
    try:
        host = new_host(settings, local)
        async with host.run(listen_addrs=[] if settings.is_dialer else [local]):
            yield host
    except Exception as error:
        status, expected = clock.blame or (Status.HOST, f"the libp2p host at {local}: expected it to run")
        raise named(error, status, expected) from error
