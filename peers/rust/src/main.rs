//! The Rust peer for the ping test of py-libp2p. It plays one role of one test, the dialer or the listener, as
//! docs/reference/harness.md describes.

mod addresses;
mod clock;
mod errors;
mod node;
mod rendezvous;
mod roles;
mod settings;

use std::io::{self, Write};
use std::process::exit;

use tokio::runtime;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::LevelFilter;

use clock::Clock;
use errors::{Failure, Status};
use roles::Latency;
use settings::Settings;

fn main() {
    std::panic::set_hook(Box::new(|panic| {
        eprintln!("peer-rust: {}", Failure::new(Status::Fault, format!("expected no panic, found: {panic}")));
        exit(Status::Fault as i32);
    }));
    if let Err(failure) = Settings::read().and_then(|settings| run(&settings)) {
        eprintln!("peer-rust: {failure}");
        exit(failure.status as i32);
    }
}

fn run(settings: &Settings) -> Result<(), Failure> {
    let level = if settings.debug { LevelFilter::DEBUG } else { LevelFilter::OFF };
    tracing_subscriber::fmt().with_writer(io::stderr).with_max_level(level).init();
    // The crate libp2p-stream resets a stream that arrives while the listener has not yet accepted an earlier stream.
    // With the interval 1, the listener accepts a stream before the task of the next connection runs.
    let mut builder = runtime::Builder::new_current_thread();
    let runtime = builder.event_interval(1).enable_all().build().map_err(|error| fault(&error))?;
    let played = runtime.block_on(play(settings));
    runtime.shutdown_background(); // do not wait for a task that still looks up the host name of Redis
    played
}

/// Play the role that the settings name until the role ends, or until SIGINT or SIGTERM stops it.
async fn play(settings: &Settings) -> Result<(), Failure> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|error| fault(&error))?;
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| fault(&error))?;
    let clock = Clock::new(settings.timeout);
    let role = async {
        if settings.is_dialer {
            print(&roles::dial(settings, &clock).await?).map_err(|error| fault(&error))
        } else {
            match roles::listen(settings, &clock).await? {}
        }
    };
    let (status, name) = tokio::select! {
        ended = role => return ended,
        _ = interrupt.recv() => (Status::Interrupted, "SIGINT"),
        _ = terminate.recv() => (Status::Terminated, "SIGTERM"),
    };
    if settings.is_dialer {
        return Err(Failure::new(status, format!("expected a result, found none before {name}")));
    }
    Ok(())
}

fn print(latency: &Latency) -> io::Result<()> {
    let [handshake, ping] = [latency.handshake_plus_one_rtt, latency.ping_rtt].map(|span| span.as_secs_f64() * 1e3);
    let mut stdout = io::stdout();
    writeln!(stdout, "latency:\n  handshake_plus_one_rtt: {handshake:.3}\n  ping_rtt: {ping:.3}\n  unit: ms")?;
    stdout.flush()
}

fn fault(error: &io::Error) -> Failure {
    Failure::new(Status::Fault, format!("expected a working process, found: {error}"))
}
