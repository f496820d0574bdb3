"""Run py-libp2p's own application of the ping test, from the wheel of libp2p, with one change.

The application listens on every address of the machine, and announces one of them by chance. Here it listens only on
addresses with the IP version of LISTENER_IP, as the contract says, because a dialer may lack the other version.
"""

import os

import trio
from interop.transport import ping_test
from multiaddr import Multiaddr

every = ping_test.get_available_interfaces


def of_one_version(port: int, protocol: str = "tcp") -> list[Multiaddr]:
    """Return the addresses to listen on; the application calls this function with the same arguments."""
    version = "ip6" if ":" in os.environ.get("LISTENER_IP", "") else "ip4"
    return [one for one in every(port, protocol=protocol) if str(one).startswith(f"/{version}/")]


ping_test.get_available_interfaces = of_one_version
trio.run(ping_test.main)
