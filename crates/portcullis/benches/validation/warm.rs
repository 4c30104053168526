//! A token that was verified before: what each request of a busy application pays.

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};
use portcullis::{AccessToken, Clock, Guard, Head, Require, SystemClock, requirements};
use portcullis_testkit::Algorithm;
use quick_cache::UnitWeighter;
use quick_cache::sync::{Cache, DefaultLifecycle};

use crate::fixture::{Fixture, admit};
use crate::measure::{Case, Series, alternate, batch, per_operation, thread_time};

const ROUNDS: usize = 41;
const OPERATIONS: usize = 20_000;
const MANY_TOKENS: usize = 10_000;
const LIMIT: f64 = 500.0;

requirements! {
    struct ReadCastles = scope("castles") & permission("castles:read");
}

pub(crate) fn report() {
    let one = Fixture::new(Algorithm::Rs256, 1);
    let many = Fixture::new(Algorithm::Rs256, MANY_TOKENS);
    one.warm_up();
    many.warm_up();
    println!("\nwarm: a token seen before; ns, medians of {ROUNDS} rounds of {OPERATIONS} requests (best)");
    let order = shuffled(MANY_TOKENS);
    let mut cases = requests(&one, &many, &order);
    cases.extend(parts(&one));
    let series = alternate(cases, ROUNDS);
    for one in &series {
        line(&one.name, one.median(), one.best(), "");
    }
    let find = |name: &str| series.iter().find(|series| series.name == name).unwrap();
    let many_received = find(RECEIVED_AND_ADMITTED).against(find(RECEIVED), |both, received| both - received);
    println!();
    verdict("one hot token", find(HOT));
    verdict("one hot token, with a requirement", find(REQUIREMENT));
    line("10,000 tokens, in random order", many_received, many_received, over(many_received));
}

const HOT: &str = "attempt + admit";
const REQUIREMENT: &str = "attempt + admit, with a requirement";
const RECEIVED: &str = "10,000 tokens: receiving one";
const RECEIVED_AND_ADMITTED: &str = "10,000 tokens: receiving one, attempt + admit";

fn requests<'f>(one: &'f Fixture, many: &'f Fixture, order: &'f [usize]) -> Vec<Case<'f>> {
    let header = |index: usize| many.requests[index].headers()[AUTHORIZATION].as_bytes();
    vec![
        Case::new(HOT, || admitted::<()>(one)),
        Case::new(REQUIREMENT, || admitted::<ReadCastles>(one)),
        Case::new(RECEIVED, move || {
            let mut request = one.requests[0].clone();
            batch(order.len(), |index| receive(&mut request, header(order[index])))
        }),
        Case::new(RECEIVED_AND_ADMITTED, move || {
            let mut request = one.requests[0].clone();
            many.runtime.block_on(async {
                let start = thread_time();
                for index in order {
                    receive(&mut request, header(*index));
                    black_box(admit::<()>(&many.guard, &request).await);
                }
                per_operation(start, order.len())
            })
        }),
    ]
}

/// Where the time goes.
fn parts(one: &Fixture) -> Vec<Case<'_>> {
    let (guard, request) = (&one.guard, &one.requests[0]);
    let clock = SystemClock::new();
    let hasher = ahash::RandomState::new();
    let cache: Cache<Box<str>, Arc<str>, UnitWeighter, ahash::RandomState> =
        Cache::with(MANY_TOKENS, MANY_TOKENS as u64, UnitWeighter, hasher, DefaultLifecycle::default());
    cache.insert(one.token(0).into(), one.token(0).into());
    vec![
        Case::new("part: attempt", move || batch(OPERATIONS, |_| drop(black_box(attempt(guard, request))))),
        Case::new("part: admit", move || {
            let attempt = attempt(guard, request);
            one.runtime.block_on(async {
                let start = thread_time();
                for _ in 0..OPERATIONS {
                    black_box(attempt.admit::<AccessToken, ()>().await.unwrap());
                }
                per_operation(start, OPERATIONS)
            })
        }),
        Case::new("part: cache get by the whole token", move || {
            batch(OPERATIONS, |_| drop(black_box(cache.get(one.token(0)))))
        }),
        Case::new("part: wall clock", move || batch(OPERATIONS, |_| _ = black_box(clock.unix_time()))),
        Case::new("part: monotonic clock", move || batch(OPERATIONS, |_| _ = black_box(clock.monotonic()))),
    ]
}

fn attempt(guard: &Guard, request: &Request<()>) -> portcullis::Attempt {
    guard.attempt(&Head::of(request))
}

fn admitted<R: Require>(fixture: &Fixture) -> f64 {
    fixture.runtime.block_on(async {
        let start = thread_time();
        for _ in 0..OPERATIONS {
            black_box(admit::<R>(&fixture.guard, &fixture.requests[0]).await);
        }
        per_operation(start, OPERATIONS)
    })
}

/// What a server does before: the header comes from the socket into a new buffer, and is in the processor's cache.
fn receive(request: &mut Request<()>, header: &[u8]) {
    let value = HeaderValue::from_maybe_shared(Bytes::copy_from_slice(header)).unwrap();
    request.headers_mut().insert(AUTHORIZATION, value);
}

/// A permutation that no prefetcher guesses, the same in every run.
fn shuffled(count: usize) -> Vec<usize> {
    let mut order: Vec<_> = (0..count).collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for index in (1..count).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order.swap(index, (state % (index as u64 + 1)) as usize);
    }
    order
}

fn verdict(name: &str, series: &Series) {
    line(name, series.median(), series.best(), over(series.median()));
}

fn over(nanos: f64) -> &'static str {
    if nanos <= LIMIT { "" } else { "  over the limit" }
}

fn line(name: &str, median: f64, best: f64, remark: &str) {
    println!("{name:<46}{median:>9.1} ({best:.1}){remark}");
}

/// TEMPORARY
pub(crate) fn many() {
    let many = Fixture::new(Algorithm::Rs256, MANY_TOKENS);
    many.warm_up();
    let order = shuffled(MANY_TOKENS);
    let header = |index: usize| many.requests[index].headers()[AUTHORIZATION].as_bytes();
    let copies: Vec<Box<[u8]>> = (0..MANY_TOKENS).map(|i| header(i).into()).collect();
    let mut request = many.requests[0].clone();
    let hasher = foldhash::quality::RandomState::default();
    use std::hash::BuildHasher;
    let bytes: Vec<Bytes> = (0..MANY_TOKENS).map(|i| Bytes::copy_from_slice(header(i))).collect();
    let mut r2 = many.requests[0].clone();
    let mut r3 = many.requests[0].clone();
    let cases = vec![
        Case::new("receive", || batch(order.len(), |i| receive(&mut request, header(order[i])))),
        Case::new("receive + hash + compare copy", || batch(order.len(), |i| {
            receive(&mut r2, header(order[i]));
            let p = r2.headers()[AUTHORIZATION].as_bytes();
            black_box(hasher.hash_one(p));
            assert!(black_box(&*copies[order[i]]) == p);
        })),
        Case::new("receive + hash", || batch(order.len(), |i| {
            receive(&mut r3, header(order[i]));
            let p = r3.headers()[AUTHORIZATION].as_bytes();
            black_box(hasher.hash_one(p));
        })),
        Case::new("compare copy only, source too", || batch(order.len(), |i| {
            assert!(black_box(&*copies[order[i]]) == black_box(header(order[i])));
        })),
        Case::new("read source", || batch(order.len(), |i| {
            black_box(header(order[i]).iter().fold(0u8, |a, b| a ^ b));
        })),
        Case::new("read copy direct", || batch(order.len(), |i| {
            black_box(copies[order[i]].iter().fold(0u8, |a, b| a ^ b));
        })),
        Case::new("bytes", || batch(order.len(), |i| {
            black_box(bytes[order[i]].iter().fold(0u8, |a, b| a ^ b));
        })),
        Case::new("direct attempt+admit", || many.runtime.block_on(async {
                let start = thread_time();
                for index in &order {
                    black_box(admit::<()>(&many.guard, &many.requests[*index]).await);
                }
                per_operation(start, order.len())
            })),
    ];
    for one in &alternate(cases, ROUNDS) {
        line(&one.name, one.median(), one.best(), "");
    }
}
