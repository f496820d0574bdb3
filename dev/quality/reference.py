"""A minimal ping application that uses libp2p directly; `scripts/bench dial` compares `ping_test.py` with it.

The application uses tcp, noise and yamux. It reads the environment variables that unified-testing, libp2p's test
harness, sets. Do not use this application in a harness, because it checks nothing and reports no failure.
"""

import os
import secrets
import time

import redis
import trio
from libp2p import new_host
from libp2p.abc import INetStream
from libp2p.crypto.secp256k1 import create_new_key_pair
from libp2p.custom_types import TProtocol
from libp2p.peer.peerinfo import info_from_p2p_addr
from multiaddr import Multiaddr

PING = TProtocol("/ipfs/ping/1.0.0")
LOCAL = Multiaddr("/ip4/127.0.0.1/tcp/0")


async def answer(stream: INetStream) -> None:
    """Send the 32 bytes of one ping back."""
    await stream.write(await stream.read(32))


async def main() -> None:
    """Run as the dialer if IS_DIALER is `true`, otherwise as the listener.

    The dialer prints its latencies in ms and exits. The listener waits for pings until somebody stops it.
    """
    is_dialer = os.environ["IS_DIALER"] == "true"
    key = os.environ["TEST_KEY"] + "_listener_multiaddr"
    client = redis.Redis.from_url("redis://" + os.environ["REDIS_ADDR"], decode_responses=True)
    host = new_host(create_new_key_pair())
    async with host.run(listen_addrs=[] if is_dialer else [LOCAL]):
        if not is_dialer:
            host.set_stream_handler(PING, answer)
            client.rpush(key, str(host.get_addrs()[0]))
            await trio.sleep_forever()
        _, found = await trio.to_thread.run_sync(lambda: client.blpop([key], timeout=30) or ("", ""))
        target = info_from_p2p_addr(Multiaddr(found))
        start = time.perf_counter()
        await host.connect(target)
        stream = await host.new_stream(target.peer_id, [PING])
        sent = time.perf_counter()
        await stream.write(secrets.token_bytes(32))
        await stream.read(32)
        end = time.perf_counter()
        handshake, ping = 1000 * (end - start), 1000 * (end - sent)
        print(f"latency:\n  handshake_plus_one_rtt: {handshake}\n  ping_rtt: {ping}", flush=True)
        os._exit(0)


if __name__ == "__main__":
    trio.run(main)
