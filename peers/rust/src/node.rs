//! The libp2p node, with only the transport, the secure channel and the muxer that the settings name.

use std::error::Error;
use std::time::Duration;

use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::Boxed;
use libp2p::core::upgrade::Version;
use libp2p::identity::Keypair;
use libp2p::swarm::{self, Swarm};
use libp2p::{PeerId, Transport as _, noise, quic, tcp, tls, yamux};
use libp2p_mplex as mplex;
use libp2p_stream as stream;
use libp2p_websocket as websocket;

use crate::errors::{Failure, Status, causes};
use crate::settings::{Layers, Muxer, SecureChannel, Transport};

/// Return a node with a new Ed25519 identity. The node closes a connection that is idle for the time `idle`.
pub fn new(layers: Layers, idle: Duration) -> Result<Swarm<stream::Behaviour>, Failure> {
    let identity = Keypair::generate_ed25519();
    let transport = transport(layers, &identity).map_err(|error| {
        Failure::new(Status::Host, format!("{layers:?}: expected a node, found: {}", causes(&*error)))
    })?;
    let config = swarm::Config::with_tokio_executor().with_idle_connection_timeout(idle);
    Ok(Swarm::new(transport, stream::Behaviour::new(), identity.public().to_peer_id(), config))
}

type Connections = Boxed<(PeerId, StreamMuxerBox)>;

fn transport(layers: Layers, identity: &Keypair) -> Result<Connections, Box<dyn Error>> {
    let tcp = || tcp::tokio::Transport::new(tcp::Config::default());
    match (layers.transport, layers.above) {
        (Transport::Tcp, Some(above)) => secured(tcp(), above, identity),
        (Transport::Ws, Some(above)) => secured(websocket::Config::new(tcp()), above, identity),
        (Transport::QuicV1, _) => Ok(quic::tokio::Transport::new(quic::Config::new(identity))
            .map(|(peer, connection), _| (peer, StreamMuxerBox::new(connection)))
            .boxed()),
        (Transport::Tcp | Transport::Ws, None) => unreachable!("the settings have both"),
    }
}

fn secured<T>(base: T, above: (SecureChannel, Muxer), identity: &Keypair) -> Result<Connections, Box<dyn Error>>
where
    T: libp2p::Transport + Send + Unpin + 'static,
    T::Output: futures::AsyncRead + futures::AsyncWrite + Send + Unpin + 'static,
    T::Error: Send + Sync + 'static,
    T::Dial: Send,
    T::ListenerUpgrade: Send,
{
    let base = base.upgrade(Version::V1);
    let (yamux, mplex) = (yamux::Config::default(), mplex::Config::default());
    Ok(match above {
        (SecureChannel::Noise, Muxer::Yamux) => {
            base.authenticate(noise::Config::new(identity)?).multiplex(yamux).boxed()
        }
        (SecureChannel::Noise, Muxer::Mplex) => {
            base.authenticate(noise::Config::new(identity)?).multiplex(mplex).boxed()
        }
        (SecureChannel::Tls, Muxer::Yamux) => base.authenticate(tls::Config::new(identity)?).multiplex(yamux).boxed(),
        (SecureChannel::Tls, Muxer::Mplex) => base.authenticate(tls::Config::new(identity)?).multiplex(mplex).boxed(),
    })
}
