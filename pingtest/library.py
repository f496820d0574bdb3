"""libp2p as the ping needs it: the one place that knows what differs between its releases, 0.4.0 to 0.8.1."""

import inspect
import re
from importlib.metadata import version
from typing import Any

import libp2p
from libp2p.abc import IHost, INetStream
from libp2p.crypto.keys import KeyPair
from libp2p.custom_types import TProtocol
from libp2p.peer.id import ID
from multiaddr import Multiaddr

from pingtest.errors import Failure, Status
from pingtest.settings import Muxer, SecureChannel, Settings, Transport

PING = TProtocol("/ipfs/ping/1.0.0")
# What switches a transport on, where the address to listen on does not.
_SWITCHES = {Transport.QUIC_V1: "enable_quic", Transport.WEBRTC_DIRECT: "enable_webrtc"}
_ACCEPTED = inspect.signature(libp2p.new_host).parameters


def new_host(settings: Settings, local: Multiaddr) -> IHost:
    """A host that speaks the settings' transport, secure channel and muxer, and nothing else.

    `local` is the address to listen on; a dialer gives one too, for from it libp2p chooses the transport.
    """
    from libp2p.network.config import ConnectionConfig

    key_pair = _identity()
    wanted: dict[str, Any] = {"key_pair": key_pair, "listen_addrs": [local]}
    if settings.secure_channel is not None:
        wanted["sec_opt"] = _secure_channel(settings.secure_channel, key_pair)
    if settings.muxer is not None:
        yamux, mplex = libp2p.create_yamux_muxer_option, libp2p.create_mplex_muxer_option
        wanted["muxer_opt"] = yamux() if settings.muxer is Muxer.YAMUX else mplex()
    if settings.transport in _SWITCHES:
        wanted[_SWITCHES[settings.transport]] = True
    if settings.transport is Transport.WSS:
        from pingtest.certificate import client_context, server_context

        wanted["tls_client_config"] = client_context()
        wanted["tls_server_config"] = None if settings.is_dialer else server_context()
    if "connection_config" in _ACCEPTED:
        # From 0.7.0 on a dial that has succeeded still waits 250 ms for a second address, unless one
        # connection is all that is wanted: as here.
        wanted["connection_config"] = ConnectionConfig(max_connections_per_peer=1)
    return libp2p.new_host(**wanted)


def require(settings: Settings) -> None:
    """Fail where this release of libp2p has no such transport at all."""
    switch = _SWITCHES.get(settings.transport)
    if switch is not None and switch not in _ACCEPTED:
        found = f"{settings.transport}, which libp2p {version('libp2p')} lacks; use the track v0.8"
        raise Failure(
            Status.SETTINGS, f"{settings.dialect.transport}: expected a transport of the library, found {found}"
        )


def _identity() -> KeyPair:
    """An Ed25519 identity, as other implementations have; secp256k1 where Ed25519 is broken (libp2p 0.4.0)."""
    from libp2p.crypto import ed25519, secp256k1

    pair = ed25519.create_new_key_pair()
    # 0.4.0 signs with 96 bytes, message included, and no one accepts that, itself neither.
    return pair if len(pair.private_key.sign(b"probe")) == 64 else secp256k1.create_new_key_pair()


def _secure_channel(channel: SecureChannel, key_pair: KeyPair) -> dict[TProtocol, Any]:
    if channel is SecureChannel.NOISE:
        from libp2p.crypto import x25519
        from libp2p.security.noise import transport as noise

        static = x25519.create_new_key_pair().private_key
        return {noise.PROTOCOL_ID: noise.Transport(key_pair, static, early_data=None)}
    if channel is SecureChannel.TLS:
        from libp2p.security.tls import transport as tls

        return {tls.PROTOCOL_ID: tls.TLSTransport(key_pair)}
    from libp2p.security.insecure import transport as insecure

    return {insecure.PLAINTEXT_PROTOCOL_ID: insecure.InsecureTransport(key_pair)}


def listening_on(host: IHost) -> Multiaddr:
    """The address that a running host listens on, its port chosen."""
    return host.get_addrs()[0]


def remote_peer(stream: INetStream) -> ID:
    """Who is at the other end of a stream, by what the secure channel found."""
    return stream.muxed_conn.peer_id


def says_other_peer(cause: str) -> bool:
    """Whether the cause of a failed dial is that another peer answered, in each secure channel's words."""
    return re.search(r"peer.?id.*mismatch|mismatch.*peer.?id|PeerIDMismatch", cause, re.IGNORECASE) is not None
