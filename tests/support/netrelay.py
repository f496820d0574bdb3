"""A program that simulates two hosts on one machine and the router between them: it joins two network namespaces.

Each namespace has one TUN device with an IPv4 address, an IPv6 address and a default route. The router receives each
packet that one device sends, and delivers it to the other device after a delay. A seeded random generator chooses the
packets that are lost. The router can also lose the first HelloVerifyRequest of DTLS. The namespaces have no names: the
kernel removes them, with their devices and routes, when the last process that uses them ends.

The program prints one JSON line with the paths of the namespaces. Then it forwards packets until its standard input
ends, and prints a second JSON line with the numbers of packets. Data on standard input cuts the link: from then on no
packet arrives. The exit status is 0, or 2 if this machine cannot make the hosts; then one line on standard error has
the reason.
"""

import argparse
import ctypes
import fcntl
import json
import os
import random
import select
import signal
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass

HOSTS = {"dialer": ("192.0.2.1", "2001:db8:1::1"), "listener": ("198.51.100.1", "2001:db8:2::1")}
"""The addresses of each host, from ranges that are reserved for documentation, so that no real host has them."""
_CLONE_NEWNET = 0x40000000
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_MTU = 1500
_SETUP = """\
link set lo up
link set tun0 mtu {mtu} up
address add {ip4}/32 dev tun0
address add {ip6}/128 dev tun0 nodad
route add default dev tun0
route add ::/0 dev tun0
"""


@dataclass
class Count:
    """The numbers of packets in one direction that were delivered, lost at random, and dropped after the cut."""

    passed: int = 0
    lost: int = 0
    cut: int = 0


class Way:
    """One direction of the link, from one device to the other; packets keep their order."""

    def __init__(self, source: int, target: int, delay: float, loss: random.Random, share: float) -> None:
        self.source = source
        self.count = Count()
        self.lose_hello_verify_request = False
        self._target = target
        self._delay = delay
        self._loss = loss
        self._share = share
        self._waiting: deque[tuple[float, bytes]] = deque()

    @property
    def due(self) -> float | None:
        """Return the time at which the next packet must arrive, by time.monotonic(); None if no packet is waiting."""
        return self._waiting[0][0] if self._waiting else None

    def take(self) -> int:
        """Read all packets that the source has sent; return their number, without multicast packets."""
        taken = 0
        while True:
            try:
                packet = os.read(self.source, _MTU)
            except BlockingIOError:
                return taken
            if packet[0] >> 4 == 6 and packet[24] == 0xFF:
                continue  # A router does not forward multicast, which hosts use only on their own link.
            taken += 1
            if self.lose_hello_verify_request and is_hello_verify_request(packet):
                self.lose_hello_verify_request = False
                self.count.lost += 1
            elif self._loss.random() < self._share:
                self.count.lost += 1
            else:
                self._waiting.append((time.monotonic() + self._delay, packet))

    def give(self, now: float, cut: bool) -> None:
        """Deliver the packets that are due at the time `now`; if the link is cut, drop all waiting packets."""
        if cut:
            self.count.cut += len(self._waiting)
            self._waiting.clear()
        while self._waiting and self._waiting[0][0] <= now:
            os.write(self._target, self._waiting.popleft()[1])
            self.count.passed += 1


def is_hello_verify_request(packet: bytes) -> bool:
    """Return whether an IPv4 packet is a HelloVerifyRequest of DTLS over UDP (RFC 6347, section 4.2.1)."""
    version, protocol, data = packet[0] >> 4, packet[9], packet[28:]
    return (version, protocol) == (4, 17) and len(data) > 13 and (data[0], data[13]) == (22, 3)


def open_host(ip4: str, ip6: str) -> tuple[int, int]:
    """Return file descriptors of a new network namespace and of its device; this process stays in the namespace.

    `ip4` and `ip6` are the device's addresses. Raises OSError if this machine cannot make the namespace or device.
    """
    libc = ctypes.CDLL(None, use_errno=True)  # Python has os.unshare only since 3.12.
    if libc.unshare(_CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), "a new network namespace")
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", b"tun0", _IFF_TUN | _IFF_NO_PI))
    setup = _SETUP.format(mtu=_MTU, ip4=ip4, ip6=ip6)
    done = subprocess.run(["ip", "-batch", "-"], input=setup, text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise OSError(f"ip -batch: {' '.join(done.stderr.split())}")
    return os.open("/proc/self/ns/net", os.O_RDONLY), device


def forward(there: Way, back: Way, cut_after: float | None) -> None:
    """Forward packets in both directions until standard input ends.

    Cut the link when standard input has data, or `cut_after` seconds after the first packet.
    """
    cut_at = float("inf")
    while True:
        now = time.monotonic()
        for way in (there, back):
            way.give(now, now >= cut_at)
        times = [way.due for way in (there, back) if way.due is not None]
        # select measures its time limit in microseconds, epoll only in milliseconds.
        left = max(0.0, min(times) - time.monotonic()) if times else None
        ready, _, _ = select.select([0, there.source, back.source], [], [], left)
        if 0 in ready:
            if not os.read(0, 64):
                return
            cut_at = time.monotonic()
        if there.take() and cut_after is not None and cut_at == float("inf"):
            cut_at = time.monotonic() + cut_after
        back.take()


def main(arguments: Sequence[str]) -> int:
    """Make the hosts, print their namespaces, and forward packets; return the exit status."""
    parser = argparse.ArgumentParser(
        allow_abbrev=False, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="only check that this machine can make the hosts")
    parser.add_argument("--delay", type=float, default=0.0, help="the delay in each direction, in seconds")
    parser.add_argument("--loss", type=float, default=0.0, help="the share of packets that is lost, 0 to 1")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the generator that chooses lost packets")
    parser.add_argument(
        "--lose-hello-verify-request", action="store_true", help="lose the listener's first such packet over IPv4"
    )
    parser.add_argument("--cut-after", type=float, help="cut the link this many seconds after the first packet")
    options = parser.parse_args(arguments)
    try:
        places, devices = zip(*(open_host(*addresses) for addresses in HOSTS.values()), strict=True)
    except OSError as error:
        found = f"expected root, network namespaces, ip and /dev/net/tun, found: {error}"
        print(f"netrelay: {found}", file=sys.stderr)
        return 2
    if options.check:
        return 0
    # On Ctrl-C, a terminal sends SIGINT to every process, but only the process that started this program may end it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # With a normal priority the router might wait for a CPU core, and the tests would measure this wait.
    os.setpriority(os.PRIO_PROCESS, 0, -20)
    dialer, listener = devices
    # Each direction has its own random generator, so its losses do not depend on the packets of the other direction.
    there = Way(dialer, listener, options.delay, random.Random(f"{options.seed} there"), options.loss)  # noqa: S311
    back = Way(listener, dialer, options.delay, random.Random(f"{options.seed} back"), options.loss)  # noqa: S311
    back.lose_hello_verify_request = options.lose_hello_verify_request
    print(json.dumps({name: f"/proc/{os.getpid()}/fd/{place}" for name, place in zip(HOSTS, places, strict=True)}))
    sys.stdout.flush()
    forward(there, back, options.cut_after)
    with suppress(BrokenPipeError):  # The process that started this program was killed.
        print(json.dumps({"there": asdict(there.count), "back": asdict(back.count)}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
