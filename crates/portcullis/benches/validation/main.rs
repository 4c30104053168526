//! What validating a token costs: `cargo bench -p portcullis --bench validation`.
//!
//! `-- warm N` only serves N warm requests, for callgrind (`just bench-instructions`), `-- cold N` only the first
//! requests with N tokens. How the figures are made and what they must be stands in docs/performance.md.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and fails by panicking"
)]

mod cold;
mod fixture;
mod measure;
mod warm;

use fixture::Fixture;
use portcullis_testkit::Algorithm;

fn main() {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            cold::report();
            warm::report();
        }
        ["cold"] => cold::report(),
        ["warm"] => warm::report(),
        ["cold", count] => Fixture::new(Algorithm::Rs256, count.parse().unwrap()).serve_each(),
        ["warm", count] => Fixture::new(Algorithm::Rs256, 1).serve(count.parse().unwrap()),
        _ => panic!("cargo bench -p portcullis --bench validation -- [cold [N] | warm [N]]"),
    }
}
