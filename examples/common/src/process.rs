//! Starting and stopping.

use std::io::{self, IsTerminal};

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// Listens on `LISTEN`, `127.0.0.1:8000` if not set.
pub async fn listen() -> io::Result<TcpListener> {
    let address = std::env::var("LISTEN").ok().filter(|address| !address.is_empty());
    let address = address.as_deref().unwrap_or("127.0.0.1:8000");
    TcpListener::bind(address)
        .await
        .map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {address} (set LISTEN): {error}")))
}

/// Resolves at SIGTERM or SIGINT.
pub async fn stopped() {
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        },
        // Without a handler the signal ends the process by itself.
        _ => std::future::pending().await,
    }
}

/// Writes the log to stderr; `RUST_LOG` chooses what, `info` if not set.
pub fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::builder()
        .with_default_directive(tracing_subscriber::filter::LevelFilter::INFO.into())
        .from_env_lossy();
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
}
