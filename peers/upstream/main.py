"""Run py-libp2p's own application of the ping test, from the wheel of libp2p, with two additions.

The application listens on every address of the machine, and announces a random one of them. This program lets the
application listen only on addresses with the IP version of LISTENER_IP, as the harness expects, because a dialer may
lack the other version. After a failure, this program prints one more line, which the matrix shows.
"""

import os
import sys
from collections.abc import Iterator

import trio
from interop.transport import ping_test
from multiaddr import Multiaddr

every = ping_test.get_available_interfaces


def of_one_version(port: int, protocol: str = "tcp") -> list[Multiaddr]:
    """Return the addresses to listen on; the application calls this function and not `get_available_interfaces`."""
    version = "ip6" if ":" in os.environ.get("LISTENER_IP", "") else "ip4"
    return [one for one in every(port, protocol=protocol) if str(one).startswith(f"/{version}/")]


def reasons(error: BaseException | None) -> Iterator[str]:
    """Yield a text `CLASS: MESSAGE` for `error`, and then for each earlier error that caused it."""
    while error is not None:
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
            continue
        if not isinstance(error, SystemExit):
            yield f"{type(error).__name__}: {' '.join(str(error).split())}"
        error = error.__cause__ or error.__context__


ping_test.get_available_interfaces = of_one_version
try:
    trio.run(ping_test.main)
except BaseException as failed:
    if not isinstance(failed, SystemExit) or failed.code:
        said = "; ".join(dict.fromkeys(reasons(failed))) or "no ping before the time limit"
        print(f"peer-upstream: expected a ping, found: {said}", file=sys.stderr)
    raise
