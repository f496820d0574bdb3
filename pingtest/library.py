"""The calls to libp2p that the ping needs. The module handles the differences between the releases 0.4.0 to 0.8.1."""

import inspect
import logging
import re
from importlib.metadata import version
from typing import Any

import libp2p
import trio
from libp2p.abc import IHost, INetStream
from libp2p.crypto.keys import KeyPair
from libp2p.custom_types import TProtocol
from libp2p.peer.id import ID
from multiaddr import Multiaddr

from pingtest.errors import Failure, Status
from pingtest.settings import Muxer, SecureChannel, Settings, Transport

PING = TProtocol("/ipfs/ping/1.0.0")
# The parameters of libp2p.new_host that switch a transport on, if the address to listen on is not enough.
_SWITCHES = {Transport.QUIC_V1: "enable_quic", Transport.WEBRTC_DIRECT: "enable_webrtc"}
_ACCEPTED = inspect.signature(libp2p.new_host).parameters
_STREAM_WAIT = 0.25  # seconds for the first stream over WebRTC; on one machine, a stream opens in about 10 ms
_LONGEST_WAIT = 2.0  # seconds for a later stream, so that a stream can also open over a slow network
log = logging.getLogger("pingtest")


def new_host(settings: Settings, local: Multiaddr) -> IHost:
    """Return a host with the transport, secure channel and muxer of the settings, and nothing else.

    `local` is the address to listen on. Also for a dialer, libp2p chooses the transport from this address.
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
        # From 0.7.0 on, a successful dial still waits 250 ms for a second address, unless the limit is one connection
        # per peer.
        wanted["connection_config"] = ConnectionConfig(max_connections_per_peer=1)
    return libp2p.new_host(**wanted)


def require(settings: Settings) -> None:
    """Raise Failure if this release of libp2p does not have the transport of the settings."""
    switch = _SWITCHES.get(settings.transport)
    if switch is not None and switch not in _ACCEPTED:
        found = f"{settings.transport}, which libp2p {version('libp2p')} does not have; use the track v0.8"
        raise Failure(
            Status.SETTINGS, f"{settings.dialect.transport}: expected a transport of the library, found {found}"
        )


def _identity() -> KeyPair:
    """Return an Ed25519 key pair, as other implementations have, or secp256k1 if Ed25519 is broken (libp2p 0.4.0)."""
    from libp2p.crypto import ed25519, secp256k1

    pair = ed25519.create_new_key_pair()
    # A signature of 0.4.0 has 96 bytes, because it includes the message. No implementation accepts it, not even 0.4.0.
    return pair if len(pair.private_key.sign(b"probe")) == 64 else secp256k1.create_new_key_pair()


def _secure_channel(channel: SecureChannel, key_pair: KeyPair) -> dict[TProtocol, Any]:
    if channel is SecureChannel.NOISE:
        from libp2p.crypto import x25519
        from libp2p.security.noise import transport as noise

        static = x25519.create_new_key_pair().private_key
        return {noise.PROTOCOL_ID: noise.Transport(key_pair, static, early_data=None)}
    if channel is SecureChannel.TLS:
        from libp2p.security.tls import transport as tls

        from pingtest.certificate import template

        identity = tls.IdentityConfig(cert_template=template())
        return {tls.PROTOCOL_ID: tls.TLSTransport(key_pair, identity_config=identity)}
    from libp2p.security.insecure import transport as insecure

    return {insecure.PLAINTEXT_PROTOCOL_ID: insecure.InsecureTransport(key_pair)}


def listening_on(host: IHost) -> Multiaddr:
    """Return the address that a running host listens on, with the port that the system chose."""
    return host.get_addrs()[0]


async def open_ping_stream(host: IHost, peer: ID, transport: Transport) -> INetStream:
    """Return a new stream for pings to a connected peer; raise the library's error if the library cannot open one.

    Over WebRTC, this function opens another stream if the peer's first answer does not arrive: after 0.25 s, then after
    0.5 s and 1 s, then every 2 s. libp2p 0.8.1 can lose this answer, because the answer can arrive before
    transport/webrtc/connection.py registers the stream. The library itself would wait for 10 s, and then fail.
    """
    if transport is not Transport.WEBRTC_DIRECT:
        return await host.new_stream(peer, [PING])
    wait = _STREAM_WAIT
    while True:
        with trio.move_on_after(wait) as limit:
            stream = await host.new_stream(peer, [PING])
        if not limit.cancelled_caught:
            return stream
        log.info("the peer's answer on a new WebRTC stream did not arrive in %g s: opening another stream", wait)
        wait = min(2 * wait, _LONGEST_WAIT)


def remote_peer(stream: INetStream) -> ID:
    """Return the ID of the peer at the other end of a stream, as the secure channel found it."""
    return stream.muxed_conn.peer_id


def says_other_peer(cause: str) -> bool:
    """Return whether the error `cause` of a dial, from any secure channel, says that another peer answered."""
    words = r"peer.?id.*mismatch|mismatch.*peer.?id|PeerIDMismatch|unexpected peer ID"
    return re.search(words, cause, re.IGNORECASE) is not None
