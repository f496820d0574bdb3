"""A libp2p listener with a fault: `faulty_listener.py FAULT`, which reads the same variables as ping_test.py.

FAULT is silent, wrong-bytes, short, closes, resets, drips or other-peer.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import trio
from libp2p.abc import INetStream
from libp2p.peer.id import ID
from multiaddr import Multiaddr
from rolekit import PEER_ID

import ping_test
from pingtest import addresses, roles
from pingtest.settings import Settings

fault = sys.argv.pop()
announced_address = addresses.announced_address


async def answer(stream: INetStream) -> None:
    ping = await roles.read_up_to(stream, roles.PAYLOAD)
    if fault == "silent":
        await trio.sleep_forever()
    elif fault == "wrong-bytes":
        await stream.write(bytes(byte ^ 0xFF for byte in ping))
    elif fault == "short":
        await stream.write(ping[:-1])
        await stream.close()
    elif fault == "closes":
        await stream.muxed_conn.close()
    elif fault == "resets":
        await stream.reset()
    elif fault == "drips":
        for byte in ping:
            await stream.write(bytes([byte]))


def announce(settings: Settings, listening: Multiaddr, peer_id: ID) -> str:
    address = announced_address(settings, listening, peer_id)
    return address.replace(str(peer_id), PEER_ID) if fault == "other-peer" else address


roles.answer_pings = answer
setattr(roles, "announced_address", announce)  # noqa: B010 - the module only imports this name
sys.exit(ping_test.main())
