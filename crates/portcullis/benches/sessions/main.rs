//! What a login session costs: `cargo bench -p portcullis --bench sessions`.
//!
//! Opening a sealed session is AEAD and base64, then parsing; the first is measured by itself with the same primitives.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and fails by panicking"
)]

mod login;
#[path = "../validation/measure.rs"]
#[allow(dead_code, reason = "shared with the other benchmark")]
mod measure;
mod memory;

use std::alloc::System;
use std::hint::black_box;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

use login::Login;
use measure::{Case, alternate, thread_time};
use portcullis::SessionKind;

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const BATCH: u32 = 2_000;
const ROUNDS: usize = 15;

fn main() {
    let (memory, cookie) = (Login::new(SessionKind::Memory), Login::new(SessionKind::Cookie));
    let sealed = cookie.session_bytes();
    println!("\na sealed session: {sealed} characters in its cookies");
    let cases = vec![
        Case::new("AEAD and base64 of a sealed session", opening(sealed)),
        Case::new("a request with a sealed session", || per_request(&cookie)),
        Case::new("a request with a session in memory", || per_request(&memory)),
    ];
    println!("{:<40}{:>12}{:>12}", "", "median µs", "best µs");
    for series in alternate(cases, ROUNDS) {
        println!("{:<40}{:>12.2}{:>12.2}", series.name, series.median() / 1000.0, series.best() / 1000.0);
    }
    memory::report(COUNTING);
}

/// `attempt`, `admit::<UserInfo>` and `write_back`, in nanoseconds.
fn per_request(login: &Login) -> f64 {
    let began = thread_time();
    for _ in 0..BATCH {
        black_box(login.serve());
    }
    nanoseconds(began)
}

/// The primitives alone, over text of this length.
fn opening(characters: usize) -> impl FnMut() -> f64 {
    let key = || LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, &[7; 32]).unwrap());
    let nonce = || Nonce::assume_unique_for_key([1; 12]);
    let mut sealed = vec![b'x'; characters / 4 * 3 - 33];
    key().seal_in_place_append_tag(nonce(), Aad::from(b"name"), &mut sealed).unwrap();
    let (text, key) = (BASE64_URL_SAFE_NO_PAD.encode(&sealed), key());
    move || {
        let began = thread_time();
        for _ in 0..BATCH {
            let mut sealed = BASE64_URL_SAFE_NO_PAD.decode(black_box(&text)).unwrap();
            black_box(key.open_in_place(nonce(), Aad::from(b"name"), &mut sealed).unwrap());
        }
        nanoseconds(began)
    }
}

fn nanoseconds(began: std::time::Duration) -> f64 {
    (thread_time() - began).as_nanos() as f64 / f64::from(BATCH)
}
