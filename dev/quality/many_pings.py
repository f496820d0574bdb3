"""A dialer that pings one listener many times: `many_pings.py STREAMS PINGS ROUNDS`.

`scripts/quality soak` starts this program. The program reads the same environment variables as `ping_test.py`. In each
round it opens STREAMS streams at once, pings PINGS times on each stream, closes the streams, and prints a line.
"""

import os
import secrets
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import trio
from libp2p.abc import IHost
from libp2p.peer.peerinfo import PeerInfo

from pingtest.addresses import local_address, parse_target
from pingtest.library import PING, new_host
from pingtest.process import prepare
from pingtest.rendezvous import open_rendezvous
from pingtest.roles import PAYLOAD, read_up_to
from pingtest.settings import read_settings

STREAMS, PINGS, ROUNDS = (int(word) for word in sys.argv[1:])
stdout = prepare()
settings = read_settings(os.environ)


async def ping_on_a_stream(host: IHost, peer: PeerInfo) -> None:
    stream = await host.new_stream(peer.peer_id, [PING])
    for _ in range(PINGS):
        payload = secrets.token_bytes(PAYLOAD)
        await stream.write(payload)
        if await read_up_to(stream, PAYLOAD) != payload:
            raise SystemExit("many_pings: expected the payload back, found other bytes")
    await stream.close()


async def main() -> None:
    rendezvous = open_rendezvous(settings)
    target = parse_target(await rendezvous.take(), rendezvous.source, settings.transport)
    host = new_host(settings, local_address(settings.transport, settings.listener_ip))
    async with host.run(listen_addrs=[]):
        await host.connect(target.peer)
        for number in range(1, ROUNDS + 1):
            async with trio.open_nursery() as nursery:
                for _ in range(STREAMS):
                    nursery.start_soon(ping_on_a_stream, host, target.peer)
            os.write(stdout, f"round {number}: {STREAMS} streams, {PINGS} pings each\n".encode())
        os._exit(0)


trio.run(main)
