//! Multiaddrs of a ping test: the one to listen on, the one to announce, the one to dial.

use std::net::IpAddr;

use libp2p::multiaddr::Protocol;
use libp2p::{Multiaddr, PeerId};

use crate::errors::{Failure, Status, shown};
use crate::settings::Transport;

/// A peer to dial.
pub struct Target {
    pub peer: PeerId,
    pub address: Multiaddr,
    /// The address and where it came from, for a failure's line.
    pub place: String,
}

/// The multiaddr of a transport at an IP address, the port for the system to choose.
pub fn local_address(transport: Transport, ip: IpAddr) -> Multiaddr {
    let address = Multiaddr::from(ip);
    match transport {
        Transport::Tcp => address.with(Protocol::Tcp(0)),
        Transport::Ws => address.with(Protocol::Tcp(0)).with(Protocol::Ws("/".into())),
        Transport::QuicV1 => address.with(Protocol::Udp(0)).with(Protocol::QuicV1),
    }
}

/// Whether a listening address is one that others reach, or the one that was asked for.
pub fn is_to_announce(listening: &Multiaddr, asked: IpAddr) -> bool {
    let ip = match listening.iter().next() {
        Some(Protocol::Ip4(ip)) => IpAddr::V4(ip),
        Some(Protocol::Ip6(ip)) => IpAddr::V6(ip),
        _ => return false,
    };
    let link_local = match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    };
    ip == asked || (asked.is_unspecified() && !ip.is_loopback() && !link_local)
}

impl Target {
    /// Judge an announced multiaddr; the failure says what a dialable one looks like.
    pub fn parse(text: &str, source: &str, transport: Transport) -> Result<Self, Failure> {
        let judged = || {
            let address: Multiaddr = text.parse().map_err(|error| format!("{error}"))?;
            let mut parts = address.iter();
            let Some(Protocol::P2p(peer)) = address.iter().last() else {
                return Err("it does not end with a peer ID".to_owned());
            };
            let ip = matches!(parts.next(), Some(Protocol::Ip4(_) | Protocol::Ip6(_)));
            let above = (parts.next(), parts.next(), parts.next(), parts.next());
            let of_transport = match transport {
                Transport::Tcp => matches!(above, (Some(Protocol::Tcp(_)), Some(Protocol::P2p(_)), None, None)),
                Transport::Ws => {
                    matches!(above, (Some(Protocol::Tcp(_)), Some(Protocol::Ws(_)), Some(Protocol::P2p(_)), None))
                }
                Transport::QuicV1 => {
                    matches!(above, (Some(Protocol::Udp(_)), Some(Protocol::QuicV1), Some(Protocol::P2p(_)), None))
                }
            };
            if !(ip && of_transport) {
                return Err("it is of another transport".to_owned());
            }
            Ok(Self { peer, place: format!("{address} ({source})"), address })
        };
        judged().map_err(|why| {
            let like = format!("/ip4/…{}/p2p/…", &local_address(transport, [0, 0, 0, 0].into()).to_string()[12..]);
            let line = format!("{source}: expected a multiaddr like {like}, found {}: {why}", shown(text));
            Failure::new(Status::Address, line)
        })
    }
}
