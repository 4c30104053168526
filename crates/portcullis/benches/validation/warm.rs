//! A token that was verified before: what each request of a busy application pays.

use std::hint::black_box;
use std::sync::Arc;

use http::Request;
use http::header::AUTHORIZATION;
use moka::sync::Cache;
use portcullis::{AccessToken, Clock, Guard, Head, Require, SystemClock, requirements};
use portcullis_testkit::Algorithm;

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
    let many_just_read = find(READ_AND_ADMITTED).against(find(READ), |both, read| both - read);
    println!();
    verdict("one hot token", find(HOT));
    verdict("one hot token, with a requirement", find(REQUIREMENT));
    line("10,000 tokens, header just read", many_just_read, many_just_read, over(many_just_read));
}

const HOT: &str = "attempt + admit";
const REQUIREMENT: &str = "attempt + admit, with a requirement";
const READ: &str = "10,000 tokens: reading the header";
const READ_AND_ADMITTED: &str = "10,000 tokens: reading it, attempt + admit";

fn requests<'f>(one: &'f Fixture, many: &'f Fixture, order: &'f [usize]) -> Vec<Case<'f>> {
    let header = |index: usize| many.requests[index].headers()[AUTHORIZATION].as_bytes();
    vec![
        Case::new(HOT, || admitted::<()>(one)),
        Case::new(REQUIREMENT, || admitted::<ReadCastles>(one)),
        Case::new("10,000 tokens: attempt + admit", move || in_order(many, order, |_| {})),
        Case::new(READ, move || {
            batch(order.len(), |index| {
                black_box(read(header(order[index])));
            })
        }),
        Case::new(READ_AND_ADMITTED, move || {
            in_order(many, order, |index| {
                black_box(read(header(index)));
            })
        }),
    ]
}

/// Where the time goes.
fn parts(one: &Fixture) -> Vec<Case<'_>> {
    let (guard, request) = (&one.guard, &one.requests[0]);
    let clock = SystemClock::new();
    let cache: Cache<Box<str>, Arc<str>, ahash::RandomState> =
        Cache::builder().build_with_hasher(ahash::RandomState::new());
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
        Case::new("part: moka get by the whole token", move || {
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

fn in_order(fixture: &Fixture, order: &[usize], before: impl Fn(usize)) -> f64 {
    fixture.runtime.block_on(async {
        let start = thread_time();
        for index in order {
            before(*index);
            black_box(admit::<()>(&fixture.guard, &fixture.requests[*index]).await);
        }
        per_operation(start, order.len())
    })
}

/// A server has just read the header from its socket: it is in the processor's cache.
fn read(header: &[u8]) -> u32 {
    header.iter().fold(0, |sum, byte| sum.wrapping_add(u32::from(*byte)))
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
