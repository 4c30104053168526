//! What authentication adds to a request: `cargo bench -p portcullis-axum --bench requests`.
//!
//! The server, the provider and the load are three processes, this program each. Two routes of the server answer with
//! the same body, one of them without asking who is calling; the difference of the server's CPU time is the price.
//! How the figures are made and what they must be stands in docs/performance.md.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and fails by panicking"
)]

mod connection;
mod load;
mod process;
mod provider;
mod server;

fn main() {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => load::report(),
        ["provider", tokens] => provider::run(tokens.parse().unwrap()),
        ["server", issuer, audience] => server::run(issuer, audience),
        _ => panic!("cargo bench -p portcullis-axum --bench requests"),
    }
}
