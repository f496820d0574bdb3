"""Multiaddrs of a ping test: the one to listen on, the one to announce, the one to dial."""

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from libp2p.peer.id import ID
from libp2p.peer.peerinfo import PeerInfo, info_from_p2p_addr
from libp2p.utils.address_validation import get_available_interfaces
from multiaddr import Multiaddr

from pingtest.errors import AddressFailure
from pingtest.settings import Redis, Settings, Transport, shown

IP = IPv4Address | IPv6Address

# What stands after the IP address: the layer with the port, then the transport's own protocols.
_LAYER = {Transport.QUIC_V1: "udp", Transport.WEBRTC_DIRECT: "udp"}
_SUFFIX = {transport: f"/{transport}" for transport in Transport} | {Transport.TCP: ""}
_NAMES = {
    Transport.TCP: [["tcp"]],
    Transport.WS: [["tcp", "ws"]],
    Transport.WSS: [["tcp", "wss"], ["tcp", "tls", "ws"]],
    Transport.QUIC_V1: [["udp", "quic-v1"]],
    Transport.WEBRTC_DIRECT: [["udp", "webrtc-direct"], ["udp", "webrtc-direct", "certhash"]],
}


@dataclass(frozen=True)
class Target:
    """A peer to dial: the text that was announced, where it came from, and what it says."""

    text: str
    source: str
    peer: PeerInfo


def local_address(transport: Transport, ip: IP, port: int = 0) -> Multiaddr:
    """The multiaddr of a transport at an IP address; port 0 lets the system choose."""
    layer = _LAYER.get(transport, "tcp")
    return Multiaddr(f"/ip{ip.version}/{ip}/{layer}/{port}{_SUFFIX[transport]}")


def announced_address(settings: Settings, listening: Multiaddr, peer_id: ID) -> str:
    """What the dialer is told: where we listen, at an address that others reach, with our peer ID."""
    ip = settings.listener_ip
    if ip.is_unspecified:
        ip = reachable_ip(settings)
    kept = str(listening).split("/")[3:]
    tail = "/".join(kept).partition("/p2p/")[0]
    return f"/ip{ip.version}/{ip}/{tail}/p2p/{peer_id}"


def reachable_ip(settings: Settings) -> IP:
    """Our own address, no loopback: the one that packets to Redis leave from, else an interface's."""
    version = settings.listener_ip.version
    for ip in [*_route(settings, version), *_interfaces(version)]:
        if not (ip.is_loopback or ip.is_link_local or ip.is_unspecified):
            return ip
    raise AddressFailure(
        f"LISTENER_IP={settings.listener_ip}: expected an IPv{version} address other than loopback on this machine,"
        f" found none; LISTENER_IP={'127.0.0.1' if version == 4 else '::1'} listens on loopback alone"
    )


def _route(settings: Settings, version: int) -> list[IP]:
    if not isinstance(settings.rendezvous, Redis):
        return []
    parts = urlsplit(settings.rendezvous.url)
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 6379, family, socket.SOCK_DGRAM)[0]
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(found[4])  # of a datagram socket: chooses a route, sends nothing
            return [ip_address(probe.getsockname()[0].partition("%")[0])]
    except OSError:
        return []  # Redis is reached over the other family, or by another process's network


def _interfaces(version: int) -> list[IP]:
    if version == 4:
        return [ip_address(str(found.value_for_protocol("ip4"))) for found in get_available_interfaces(0)]
    names = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET6)
    return [ip_address(name[4][0].partition("%")[0]) for name in names]


def parse_target(text: str, source: str, transport: Transport) -> Target:
    """Judge an announced multiaddr; AddressFailure says what a dialable one looks like."""
    expected = f"the listener's {transport} multiaddr, {local_address(transport, IPv4Address('192.0.2.1'), 4001)}/p2p/PEER_ID"
    try:
        address = Multiaddr(text)
        protocols = [protocol.name for protocol in address.protocols()]
        if "/p2p/" not in text or protocols[0] not in ("ip4", "ip6", "dns", "dns4", "dns6"):
            raise ValueError("no peer ID" if "/p2p/" not in text else f"/{protocols[0]}/ is no place to dial")
        if protocols[1:-1] not in _NAMES[transport]:
            raise ValueError(f"it is of another transport: /{'/'.join(protocols[1:-1])}")
        return Target(text, source, info_from_p2p_addr(address))
    except Exception as error:  # multiaddr raises what its codecs raise, which no contract lists
        why = " ".join(str(error).split())[:200] or type(error).__name__
        raise AddressFailure(f"{source}: expected {expected}, found {shown(text)}: {why}") from error
