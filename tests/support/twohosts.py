"""Two simulated hosts on one machine: network namespaces with their own addresses, and the router between them.

The router is the program `netrelay.py`, which can delay and lose packets.
"""

import ctypes
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from netrelay import HOSTS

RELAY = Path(__file__).with_name("netrelay.py")
_CLOSED = 9  # A TCP port on which nobody listens.


def inside(namespace: str, *command: str | Path) -> list[str | Path]:
    """Return the command line that runs `command` in the network namespace with this path.

    The kernel kills the command if the thread that started it ends first.
    """
    return ["nsenter", f"--net={namespace}", "setpriv", "--pdeathsig", "KILL", *command]


@dataclass(frozen=True)
class Host:
    """One simulated host: its addresses, and the path of its network namespace."""

    ip4: str
    ip6: str
    namespace: str

    def ip(self, version: int) -> str:
        """Return the host's IPv4 address if `version` is 4, else its IPv6 address."""
        return self.ip4 if version == 4 else self.ip6

    def inside(self, *command: str | Path) -> list[str | Path]:
        """Return the command line that runs `command` on this host."""
        return inside(self.namespace, *command)

    def socket(self, version: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
        """Return a socket in this process that belongs to this host; `version` is the version of IP, 4 or 6.

        A socket stays in the namespace of the thread that made it, so a new thread enters the namespace and makes the
        socket.
        """
        made: list[socket.socket] = []

        def make() -> None:
            with Path(self.namespace).open() as namespace:
                libc = ctypes.CDLL(None, use_errno=True)  # Python has os.setns only since 3.12.
                assert libc.setns(namespace.fileno(), 0) == 0, os.strerror(ctypes.get_errno())
            made.append(socket.socket(socket.AF_INET if version == 4 else socket.AF_INET6, kind))

        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        return made[0]


class Network:
    """The two hosts and the running router between them."""

    def __init__(self, relay: subprocess.Popen[str]) -> None:
        self._relay = relay
        assert relay.stdout is not None
        places: dict[str, str] = json.loads(relay.stdout.readline())
        self.dialer, self.listener = (Host(*HOSTS[name], places[name]) for name in HOSTS)

    def round_trips(self, times: int, *, version: int = 4) -> list[float]:
        """Return `times` round trips in ms; each is the time until a TCP connection to a closed port is refused.

        Linux refuses the connection immediately, so the delay of the router is almost the whole time.
        """
        return [self._refusal(version) for _ in range(times)]

    def _refusal(self, version: int) -> float:
        with self.dialer.socket(version) as client:
            client.settimeout(10)
            start = time.perf_counter()
            try:
                client.connect((self.listener.ip(version), _CLOSED))
            except ConnectionRefusedError:
                return (time.perf_counter() - start) * 1000
        raise AssertionError("expected that nobody listens")

    def cut(self) -> None:
        """Cut the link: from now on no packet arrives."""
        assert self._relay.stdin is not None
        self._relay.stdin.write("cut\n")
        self._relay.stdin.flush()

    def end(self) -> dict[str, dict[str, int]]:
        """End the router and both hosts; return the numbers of packets.

        The result has a dict for each direction, `there` (from the dialer) and `back`. Each dict has the numbers of the
        packets that were delivered (`passed`), lost at random (`lost`) and dropped after the cut (`cut`).
        """
        told, _ = self._relay.communicate(timeout=10)
        counts: dict[str, dict[str, int]] = json.loads(told)
        return counts


@contextmanager
def network(
    *,
    delay: float = 0.0,
    loss: float = 0.0,
    seed: int = 1,
    cut_after: float | None = None,
    lose_hello_verify_request: bool = False,
) -> Iterator[Network]:
    """Run two hosts and the router between them during the block.

    `delay` is in seconds, in each direction. `loss` is the share of lost packets, from 0 to 1, and `seed` determines
    which packets these are. `cut_after` cuts the link this number of seconds after the dialer's first packet.
    `lose_hello_verify_request` loses the first HelloVerifyRequest of DTLS that the listener's host sends over IPv4. If
    this process is killed, the hosts end too, because the router ends when its standard input ends.
    """
    options = ["--delay", f"{delay}", "--loss", f"{loss}", "--seed", f"{seed}"]
    options += ["--lose-hello-verify-request"] if lose_hello_verify_request else []
    options += [] if cut_after is None else ["--cut-after", f"{cut_after}"]
    with subprocess.Popen(
        [sys.executable, RELAY, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as relay:
        try:
            yield Network(relay)
        finally:
            relay.kill()


@contextmanager
def first_in_line() -> Iterator[None]:
    """Give processes that this thread starts in the block a high priority, so that other load does not slow them."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, -10)
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, before)
