//! Reads and checks the environment variables of a role, before the node opens anything.

use std::env;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use crate::errors::{Failure, Status, shown};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Tcp,
    Ws,
    QuicV1,
}

#[derive(Clone, Copy, Debug)]
pub enum SecureChannel {
    Noise,
    Tls,
}

#[derive(Clone, Copy, Debug)]
pub enum Muxer {
    Yamux,
    Mplex,
}

/// The layers below the streams. `above` is the secure channel and the muxer, or None for QUIC, which already has
/// both of them.
#[derive(Clone, Copy, Debug)]
pub struct Layers {
    pub transport: Transport,
    pub above: Option<(SecureChannel, Muxer)>,
}

#[derive(Debug)]
pub struct Settings {
    pub is_dialer: bool,
    pub redis: (String, u16),
    pub key: String,
    pub layers: Layers,
    pub listener_ip: IpAddr,
    pub timeout: Duration,
    pub debug: bool,
}

impl Settings {
    /// Read the settings. A failure names a wrong variable, its expected and its found value.
    pub fn read() -> Result<Self, Failure> {
        let transport =
            choice("TRANSPORT", &[("tcp", Transport::Tcp), ("ws", Transport::Ws), ("quic-v1", Transport::QuicV1)])?;
        let is_dialer = choice("IS_DIALER", &[("true", true), ("false", false)])?;
        let above = if transport == Transport::QuicV1 { None } else { Some(above()?) };
        let (any, usual) = (Some(Ipv4Addr::UNSPECIFIED.into()), Some(Duration::from_secs(180)));
        let limits = "a number of seconds, more than 0 and at most 86400";
        let debug = variable("DEBUG").is_some_and(|value| !value.is_empty());
        Ok(Self {
            is_dialer,
            redis: parsed("REDIS_ADDR", "HOST:PORT", None, host_and_port)?,
            key: parsed("TEST_KEY", "8 hexadecimal digits", None, key)?,
            layers: Layers { transport, above },
            listener_ip: parsed("LISTENER_IP", "an IPv4 or IPv6 address to listen on", any, |value| {
                value.parse().ok()
            })?,
            timeout: parsed("TEST_TIMEOUT_SECS", limits, usual, seconds)?,
            debug: debug && choice("DEBUG", &[("true", true), ("false", false)])?,
        })
    }
}

fn above() -> Result<(SecureChannel, Muxer), Failure> {
    let channel = choice("SECURE_CHANNEL", &[("noise", SecureChannel::Noise), ("tls", SecureChannel::Tls)])?;
    Ok((channel, choice("MUXER", &[("yamux", Muxer::Yamux), ("mplex", Muxer::Mplex)])?))
}

fn variable(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

fn choice<T: Copy>(name: &str, choices: &[(&str, T)]) -> Result<T, Failure> {
    let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
    parsed(name, &format!("one of {}", names.join(", ")), None, |value| {
        choices.iter().find(|(name, _)| *name == value).map(|(_, chosen)| *chosen)
    })
}

fn parsed<T>(name: &str, expected: &str, unset: Option<T>, parse: impl Fn(&str) -> Option<T>) -> Result<T, Failure> {
    let found = match (variable(name).as_deref(), unset) {
        (None, Some(default)) => return Ok(default),
        (None, None) => "nothing (unset)".to_owned(),
        (Some(""), _) => "nothing (empty)".to_owned(),
        (Some(text), _) => match parse(text) {
            Some(parsed) => return Ok(parsed),
            None => shown(text),
        },
    };
    let line = format!("{name}: expected {expected}, found {found} in the environment");
    Err(Failure::new(Status::Settings, line))
}

fn host_and_port(value: &str) -> Option<(String, u16)> {
    let (host, port) = value.rsplit_once(':')?;
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let plain = !bare.is_empty() && bare.chars().all(|sign| sign.is_ascii_alphanumeric() || "-._:".contains(sign));
    let port = port.parse().ok().filter(|port| *port > 0)?;
    (plain && (bare != host || !host.contains(':'))).then(|| (bare.to_owned(), port))
}

fn key(value: &str) -> Option<String> {
    (value.len() == 8 && value.chars().all(|sign| sign.is_ascii_hexdigit())).then(|| value.to_owned())
}

fn seconds(value: &str) -> Option<Duration> {
    let plain = value.len() <= 12 && value.chars().all(|sign| sign.is_ascii_digit() || sign == '.');
    let seconds: f64 = plain.then(|| value.parse().ok())??;
    (seconds > 0.0 && seconds <= 86_400.0).then(|| Duration::from_secs_f64(seconds))
}
