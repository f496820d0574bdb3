//! The two roles of a ping test, the listener and the dialer.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::swarm::{DialError, Swarm, SwarmEvent};
use libp2p::{Stream, StreamProtocol};
use libp2p_stream as stream;
use tokio::time::timeout;

use crate::addresses::{Target, is_to_announce, local_address};
use crate::clock::Clock;
use crate::errors::{Failure, Status, causes};
use crate::node;
use crate::rendezvous::Rendezvous;
use crate::settings::Settings;

const PING: StreamProtocol = StreamProtocol::new("/ipfs/ping/1.0.0");
const PAYLOAD: usize = 32; // the size of a ping in bytes
const GRACE: Duration = Duration::from_millis(500); // the longest wait for the end of the connection

/// The two latencies. One starts before the dial, the other before the ping is written. Both end when the pong arrives.
pub struct Latency {
    pub handshake_plus_one_rtt: Duration,
    pub ping_rtt: Duration,
}

/// Listen, announce the address, and answer pings until the caller drops the future.
pub async fn listen(settings: &Settings, clock: &Clock) -> Result<Infallible, Failure> {
    let rendezvous = Rendezvous::new(settings);
    let mut node = node::new(settings.layers, settings.timeout)?;
    let mut pings = node.behaviour().new_control().accept(PING).expect("nobody else accepts them");
    let local = local_address(settings.layers.transport, settings.listener_ip);
    let deaf = |error: &(dyn Error + 'static)| {
        Failure::new(Status::Host, format!("{local}: expected to listen there, found: {}", causes(error)))
    };
    node.listen_on(local.clone()).map_err(|error| deaf(&error))?;
    let listening = async {
        loop {
            match node.select_next_some().await {
                SwarmEvent::NewListenAddr { address, .. } if is_to_announce(&address, settings.listener_ip) => {
                    return Ok(address);
                }
                SwarmEvent::ListenerError { error, .. } | SwarmEvent::ListenerClosed { reason: Err(error), .. } => {
                    return Err(deaf(&error));
                }
                _ => {}
            }
        }
    };
    let stage = format!("waiting for an address at {local} that is not loopback");
    let address = clock.within(&stage, listening).await?;
    let address = address.with_p2p(*node.local_peer_id()).expect("a listening address names no peer").to_string();
    let stage = format!("announcing {address} ({})", rendezvous.source);
    clock.within(&stage, rendezvous.announce(&address)).await?;
    eprintln!("peer-rust: listening on {address}");
    loop {
        tokio::select! {
            Some((_, stream)) = pings.next() => { tokio::spawn(answer(stream)); },
            event = node.select_next_some() => {
                let why = match event {
                    SwarmEvent::IncomingConnectionError { error, .. } => causes(&error),
                    SwarmEvent::ConnectionClosed { cause: Some(error), .. } => causes(&error),
                    _ => continue,
                };
                eprintln!("peer-rust: {}", Failure::new(Status::Dial, format!("a connection ended: {why}")));
            },
        }
    }
}

/// Start a node, take the listener's address, dial it, ping once, close the connection, and return the latencies.
pub async fn dial(settings: &Settings, clock: &Clock) -> Result<Latency, Failure> {
    let rendezvous = Rendezvous::new(settings);
    let mut node = node::new(settings.layers, settings.timeout)?;
    let stage = format!("waiting for the listener's address ({})", rendezvous.source);
    let text = clock.within(&stage, rendezvous.take()).await?;
    let target = Target::parse(&text, &rendezvous.source, settings.layers.transport)?;

    let payload: [u8; PAYLOAD] = rand::random();
    let start = Instant::now();
    clock.within(&format!("dialing {}", target.place), connect(&mut node, &target)).await?;
    let mut control = node.behaviour().new_control();
    let ping = async {
        let open = async {
            control.open_stream(target.peer, PING).await.map_err(|error| {
                let line = format!("{}: expected a stream, found: {}", target.place, causes(&error));
                Failure::new(Status::Dial, line)
            })
        };
        let mut stream = clock.within(&format!("opening a stream to {}", target.place), open).await?;
        let sent = Instant::now();
        let stage = format!("waiting for the pong of {}", target.place);
        clock.within(&stage, exchange(&mut stream, payload, &target)).await?;
        Ok(Latency { handshake_plus_one_rtt: start.elapsed(), ping_rtt: sent.elapsed() })
    };
    let mut ping = pin!(ping);
    let (pinged, ended) = tokio::select! {
        ended = end_of_connection(&mut node) => (ping.await, Some(ended)),
        pinged = &mut ping => {
            if pinged.is_ok() {
                node.disconnect_peer_id(target.peer).ok();
            }
            (pinged, timeout(GRACE, end_of_connection(&mut node)).await.ok())
        }
    };
    pinged.map_err(|failure: Failure| ended.iter().fold(failure, |failure, ended| failure.and(ended)))
}

async fn connect(node: &mut Swarm<stream::Behaviour>, target: &Target) -> Result<(), Failure> {
    let failure = |error: DialError| {
        let why = match &error {
            DialError::WrongPeerId { obtained, .. } => {
                let line = format!("{}: expected that peer ID, found {obtained}", target.place);
                return Failure::new(Status::PeerId, line);
            }
            DialError::Transport(errors) => errors.iter().map(|(_, error)| causes(error)).collect(),
            other => causes(other),
        };
        Failure::new(Status::Dial, format!("{}: expected a connection, found: {why}", target.place))
    };
    node.dial(target.address.clone()).map_err(failure)?;
    loop {
        match node.select_next_some().await {
            SwarmEvent::ConnectionEstablished { .. } => return Ok(()),
            SwarmEvent::OutgoingConnectionError { error, .. } => return Err(failure(error)),
            _ => {}
        }
    }
}

async fn exchange(stream: &mut Stream, sent: [u8; PAYLOAD], target: &Target) -> Result<(), Failure> {
    let mut back = [0; PAYLOAD];
    let exchanged = async {
        stream.write_all(&sent).await?;
        stream.flush().await?;
        stream.read_exact(&mut back).await
    };
    let found = match exchanged.await {
        Ok(()) if back == sent => return Ok(()),
        Ok(()) => "other bytes".to_owned(),
        Err(error) => causes(&error),
    };
    let line = format!("{}: expected the same {PAYLOAD} bytes as in the ping, found: {found}", target.place);
    Err(Failure::new(Status::Ping, line))
}

async fn end_of_connection(node: &mut Swarm<stream::Behaviour>) -> String {
    loop {
        if let SwarmEvent::ConnectionClosed { cause, .. } = node.select_next_some().await {
            let why = cause.map_or_else(|| "the peer closed it".to_owned(), |error| causes(&error));
            return format!("the connection ended: {why}");
        }
    }
}

/// Echo one ping at a time, until the dialer closes its side or the connection ends.
async fn answer(mut stream: Stream) -> io::Result<()> {
    let mut ping = [0; PAYLOAD];
    while stream.read_exact(&mut ping).await.is_ok() {
        stream.write_all(&ping).await?;
        stream.flush().await?;
    }
    stream.close().await
}
