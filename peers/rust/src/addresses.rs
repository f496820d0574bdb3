//! The multiaddrs of a ping test: to listen on, to announce, and to dial.

use std::net::IpAddr;

use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};

use crate::errors::{Failure, Status, shown};
use crate::settings::Transport;

/// The listener to dial. `place` is the text for error messages: its address, and the source of the address.
pub struct Target {
    pub peer: PeerId,
    pub address: Multiaddr,
    pub place: String,
}

/// Return the multiaddr of a transport at an IP address. Its port is 0, so that the system chooses a free port.
pub fn local_address(transport: Transport, ip: IpAddr) -> Multiaddr {
    let address = Multiaddr::from(ip);
    match transport {
        Transport::Tcp => address.with(Protocol::Tcp(0)),
        Transport::Ws => address.with(Protocol::Tcp(0)).with(Protocol::Ws("/".into())),
        Transport::QuicV1 => address.with(Protocol::Udp(0)).with(Protocol::QuicV1),
    }
}

/// Return whether to announce the address `listening`: either its IP address is `asked`, or `asked` stands for all
/// addresses and other hosts can reach `listening`.
pub fn is_to_announce(listening: &Multiaddr, asked: IpAddr) -> bool {
    let (ip, link_local) = match listening.iter().next() {
        Some(Protocol::Ip4(ip)) => (IpAddr::V4(ip), ip.is_link_local()),
        Some(Protocol::Ip6(ip)) => (IpAddr::V6(ip), ip.is_unicast_link_local()),
        _ => return false,
    };
    ip == asked || (asked.is_unspecified() && !ip.is_loopback() && !link_local)
}

impl Target {
    /// Parse an announced multiaddr. The failure names `source` and the form that the transport can dial.
    pub fn parse(text: &str, source: &str, transport: Transport) -> Result<Self, Failure> {
        let stack = match transport {
            Transport::Tcp => "/tcp/p2p",
            Transport::Ws => "/tcp/ws/p2p",
            Transport::QuicV1 => "/udp/quic-v1/p2p",
        };
        let failure = |why: &str| {
            let line = format!("{source}: expected an address of /ip4{stack}, found {}: {why}", shown(text));
            Failure::new(Status::Address, line)
        };
        let address: Multiaddr = text.parse().map_err(|error| failure(&format!("{error}")))?;
        let found = address.protocol_stack().fold(String::new(), |stack, name| stack + "/" + name);
        match address.iter().last() {
            Some(Protocol::P2p(peer)) if found == format!("/ip4{stack}") || found == format!("/ip6{stack}") => {
                Ok(Self { peer, place: format!("{address} ({source})"), address })
            }
            _ => Err(failure(&format!("it is one of {found}"))),
        }
    }
}
