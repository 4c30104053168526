//! What a warm request allocates: `cargo bench -p portcullis --bench allocations`.
//!
//! A program of its own, because an allocator that counts would slow down what the other one measures.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and fails by panicking"
)]

#[path = "validation/fixture.rs"]
mod fixture;

use std::alloc::System;
use std::hint::black_box;

use fixture::{Fixture, admit};
use portcullis::{Head, requirements};
use portcullis_testkit::Algorithm;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const REQUESTS: usize = 10_000;
const TOKENS: usize = 2_000;

requirements! {
    struct ReadCastles = scope("castles") & permission("castles:read");
}

fn main() {
    let fixture = Fixture::new(Algorithm::Rs256, TOKENS);
    println!("\nallocations per request           number      bytes");
    cold(&fixture);
    let (guard, request, runtime) = (&fixture.guard, &fixture.requests[0], &fixture.runtime);
    line("warm: attempt", REQUESTS, &counted(|| (0..REQUESTS).for_each(|_| drop(guard.attempt(&Head::of(request))))));
    let warm = counted(|| {
        runtime.block_on(async {
            for _ in 0..REQUESTS {
                black_box(admit::<()>(guard, request).await);
            }
        });
    });
    line("warm: attempt + admit", REQUESTS, &warm);
    let required = counted(|| {
        runtime.block_on(async {
            for _ in 0..REQUESTS {
                black_box(admit::<ReadCastles>(guard, request).await);
            }
        });
    });
    line("warm: with a requirement", REQUESTS, &required);
}

/// First requests with their tokens, and what stays in memory of each.
fn cold(fixture: &Fixture) {
    let stats = counted(|| fixture.warm_up());
    line("cold", TOKENS, &stats);
    let kept = stats.bytes_allocated as i64 - stats.bytes_deallocated as i64 + stats.bytes_reallocated as i64;
    println!("cold: kept in memory                      {:>11.1}", kept as f64 / TOKENS as f64);
}

fn counted(work: impl FnOnce()) -> Stats {
    let region = Region::new(COUNTING);
    work();
    region.change()
}

fn line(name: &str, requests: usize, stats: &Stats) {
    let per_request = |total: usize| total as f64 / requests as f64;
    println!(
        "{name:<30}{:>10.2}{:>11.1}",
        per_request(stats.allocations + stats.reallocations),
        per_request(stats.bytes_allocated),
    );
}
