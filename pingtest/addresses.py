"""The multiaddrs of a ping test: those that a role listens on, announces or dials."""

import re
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]
from libp2p.peer.id import ID
from libp2p.peer.peerinfo import PeerInfo, info_from_p2p_addr
from multiaddr import Multiaddr
from multiaddr.utils import get_network_addrs

from pingtest.errors import Failure, Status
from pingtest.settings import IP, Redis, Settings, Transport, quoted

# Addresses for documentation (RFC 5737 and RFC 3849). No machine has them, so their route is the default route.
_ELSEWHERE = {4: "192.0.2.1", 6: "2001:db8::1"}


@dataclass(frozen=True)
class Target:
    """A peer to dial. `text` is its announced multiaddr, and `source` names the Redis or pipe that it came from."""

    text: str
    source: str
    peer: PeerInfo


def local_address(transport: Transport, ip: IP) -> Multiaddr:
    """Return the multiaddr to listen on, for a transport at an IP address. The port is 0: the system chooses one."""
    layer, *rest = transport.protocols[0].removesuffix("/certhash").split("/")
    return Multiaddr("/".join([f"/ip{ip.version}/{ip}/{layer}/0", *rest]))


def announced_address(settings: Settings, listening: Multiaddr, peer_id: ID) -> str:
    """Return the multiaddr for the dialer: the address that we listen on, with our peer ID.

    If LISTENER_IP is 0.0.0.0 or ::, the IP address is that of `reachable_ip`, which raises Failure if it finds none.
    """
    ip = reachable_ip(settings) if settings.listener_ip.is_unspecified else settings.listener_ip
    rest = "/".join(str(listening).partition("/p2p/")[0].split("/")[3:])
    return f"/ip{ip.version}/{ip}/{rest}/p2p/{peer_id}"


def reachable_ip(settings: Settings) -> IP:
    """Return an IP address of this machine that other machines can reach, never loopback.

    Try the source address of packets to Redis, then the source address of packets along the default route, then the
    addresses of the network interfaces. An address of a bridge between containers, such as docker0, comes last. Raise
    Failure if the machine has no such address.
    """
    version = settings.listener_ip.version
    to_redis = []
    if isinstance(settings.rendezvous, Redis):
        parts = urlsplit(settings.rendezvous.url)
        to_redis = _source_towards(str(parts.hostname), parts.port or 6379, version)
    along_default = _source_towards(_ELSEWHERE[version], 9, version)
    found = [ip_address(one) for one in [*to_redis, *along_default, *get_network_addrs(version)]]
    bridges = _bridge_addresses()
    ours = [ip for ip in found if not (ip.is_loopback or ip.is_link_local or ip.is_unspecified)]
    for ip in sorted(ours, key=lambda ip: ip in bridges):
        return ip
    way_out = f"listen on loopback only, with {settings.dialect.ip}={'127.0.0.1' if version == 4 else '::1'}"
    expected = f"{settings.dialect.ip}={settings.listener_ip}: expected an IPv{version} address other than loopback"
    raise Failure(Status.ADDRESS, f"{expected} on this machine, found none; {way_out}")


def _source_towards(host: str, port: int, version: int) -> list[str]:
    """Return a list with the address that packets to a host would come from; empty if there is no route to the host."""
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((host, port))  # UDP: this chooses a route and sends nothing
            return [probe.getsockname()[0].partition("%")[0]]
    except OSError:
        return []


def _bridge_addresses() -> set[IP]:
    """Return the addresses of Linux bridges without a physical network card; such a bridge connects containers."""
    bridges = [
        bridge.parent.name
        for bridge in Path("/sys/class/net").glob("*/bridge")
        if not list(bridge.parent.glob("brif/*/device"))
    ]
    found = psutil.net_if_addrs() if bridges else {}
    families = (socket.AF_INET, socket.AF_INET6)
    addresses = [one for name in bridges for one in found.get(name, ()) if one.family in families]
    return {ip_address(one.address.partition("%")[0]) for one in addresses}


def _dialable(address: Multiaddr) -> Multiaddr:
    """Return the address with /wss in place of /tls/ws. Both mean the same, but libp2p dials only /wss."""
    return Multiaddr(re.sub(r"/tls/ws(?=/|$)", "/wss", str(address)))


def parse_target(text: str, source: str, transport: Transport) -> Target:
    """Return the peer that an announced multiaddr names; raise Failure if `transport` cannot dial the multiaddr."""
    try:
        if len(text) > 2_000:
            raise ValueError(f"it is {len(text)} characters long")
        if "/sni/" in text:  # libp2p 0.4.0 cannot even parse such an address
            raise ValueError("libp2p cannot dial an address with /sni/")
        address = Multiaddr(text)
        names = [protocol.name for protocol in address.protocols()]
        if "p2p" not in names:
            raise ValueError("it has no peer ID")
        place, told = names[0], "/".join(names[1:-1])
        if place not in ("ip4", "ip6", "dns", "dns4", "dns6") or told not in transport.protocols:
            raise ValueError(f"it is for another transport: {'/'.join(names)}")
        return Target(text, source, info_from_p2p_addr(_dialable(address)))
    except Exception as error:  # multiaddr does not document what its codecs raise
        form = f"/ip4/…/{transport.protocols[0]}/p2p/…"
        expected = f"expected the listener's {transport} multiaddr with its peer ID, {form}"
        why = str(error)[:200] or type(error).__name__
        raise Failure(Status.ADDRESS, f"{source}: {expected}, found {quoted(text)}: {why}") from error
