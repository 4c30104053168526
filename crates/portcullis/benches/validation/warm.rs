//! A token that was verified before: what each request of a busy application pays.

use std::hash::BuildHasher;
use std::hint::black_box;
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use foldhash::quality::RandomState;
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
    let arriving = Arriving::new(&many);
    // In the order of the tokens' numbers: where the next to arrive lies in memory cannot be guessed.
    let copies: Vec<Box<[u8]>> = many.requests.iter().map(|request| header(request).into()).collect();
    let mut cases = requests(&one, &many, &arriving, &copies);
    cases.extend(parts(&one));
    let series = alternate(cases, ROUNDS);
    for one in &series {
        line(&one.name, one.median(), one.best(), "");
    }
    let find = |name: &str| series.iter().find(|series| series.name == name).unwrap();
    let beyond_receiving = |name: &str| find(name).against(find(RECEIVED), |both, received| both - received);
    println!();
    verdict("one hot token", find(HOT));
    verdict("one hot token, with a requirement", find(REQUIREMENT));
    let admitted = beyond_receiving(RECEIVED_AND_ADMITTED);
    for (name, nanos) in [
        ("10,000 tokens: hash, compare with a copy", beyond_receiving(RECEIVED_AND_COMPARED)),
        ("10,000 tokens: the same and both clocks", beyond_receiving(RECEIVED_COMPARED_AND_TIMED)),
    ] {
        println!("{name:<46}{nanos:>9.1}");
    }
    println!("{:<46}{admitted:>9.1}{}", "10,000 tokens: attempt + admit", over(admitted));
}

const HOT: &str = "attempt + admit";
const REQUIREMENT: &str = "attempt + admit, with a requirement";
const RECEIVED: &str = "10,000 tokens: receiving one";
const RECEIVED_AND_COMPARED: &str = "10,000 tokens: receiving one, hash, compare";
const RECEIVED_COMPARED_AND_TIMED: &str = "10,000 tokens: receiving one, hash, compare, clocks";
const RECEIVED_AND_ADMITTED: &str = "10,000 tokens: receiving one, attempt + admit";

fn requests<'f>(one: &'f Fixture, many: &'f Fixture, arriving: &'f Arriving, copies: &'f [Box<[u8]>]) -> Vec<Case<'f>> {
    let (hasher, timed_hasher, clock) = (RandomState::default(), RandomState::default(), SystemClock::new());
    vec![
        Case::new(HOT, || admitted::<()>(one)),
        Case::new(REQUIREMENT, || admitted::<ReadCastles>(one)),
        Case::new(RECEIVED, move || {
            let mut request = one.requests[0].clone();
            timed_after_one_pass(|| arriving.each(|_, header| receive(&mut request, header)))
        }),
        Case::new(RECEIVED_AND_COMPARED, move || {
            let mut request = one.requests[0].clone();
            timed_after_one_pass(|| {
                arriving.each(|index, arrived| {
                    receive(&mut request, arrived);
                    let presented = header(&request);
                    black_box(hasher.hash_one(presented));
                    assert!(*copies[index] == *presented);
                });
            })
        }),
        Case::new(RECEIVED_COMPARED_AND_TIMED, move || {
            let mut request = one.requests[0].clone();
            timed_after_one_pass(|| {
                arriving.each(|index, arrived| {
                    receive(&mut request, arrived);
                    let presented = header(&request);
                    black_box(timed_hasher.hash_one(presented));
                    assert!(*copies[index] == *presented);
                    // As a request does.
                    black_box((clock.about_monotonic(), clock.about_unix_time()));
                });
            })
        }),
        Case::new(RECEIVED_AND_ADMITTED, move || {
            let mut request = one.requests[0].clone();
            timed_after_one_pass(|| {
                arriving.each(|_, header| {
                    receive(&mut request, header);
                    black_box(at_once(admit::<()>(&many.guard, &request)));
                });
            })
        }),
    ]
}

/// Header values in the order of their arrival, which is random. A server has none of them in memory before it arrives,
/// so only what tells them apart is kept, one after the other, and is put into place in a buffer that is always the same.
struct Arriving {
    /// One of them; all are equally long.
    template: Vec<u8>,
    /// Where they differ.
    runs: Vec<Range<usize>>,
    differences: Vec<u8>,
    order: Vec<usize>,
}

impl Arriving {
    fn new(fixture: &Fixture) -> Self {
        let headers: Vec<_> = fixture.requests.iter().map(header).collect();
        let template = headers[0].to_vec();
        assert!(headers.iter().all(|header| header.len() == template.len()));
        let differs = |place: &usize| headers.iter().any(|header| header[*place] != template[*place]);
        let mut runs: Vec<Range<usize>> = Vec::new();
        for place in (0..template.len()).filter(differs) {
            match runs.last_mut() {
                Some(run) if run.end == place => run.end += 1,
                _ => runs.push(place..place + 1),
            }
        }
        let order = shuffled(headers.len());
        let all_runs = order.iter().flat_map(|index| runs.iter().map(|run| &headers[*index][run.clone()]));
        let differences = all_runs.flatten().copied().collect();
        Self { template, runs, differences, order }
    }

    /// Calls `arrive` with the token's number and its header.
    fn each(&self, mut arrive: impl FnMut(usize, &[u8])) {
        let mut buffer = self.template.clone();
        let mut rest = &*self.differences;
        for index in &self.order {
            for run in &self.runs {
                let (difference, behind) = rest.split_at(run.len());
                buffer[run.clone()].copy_from_slice(difference);
                rest = behind;
            }
            arrive(*index, &buffer);
        }
    }
}

/// Nanoseconds per token of two passes over all of them, after one that does not count: it leaves in the processor's
/// caches what this case can keep there, instead of what another one did.
fn timed_after_one_pass(mut pass: impl FnMut()) -> f64 {
    pass();
    let start = thread_time();
    pass();
    pass();
    per_operation(start, 2 * MANY_TOKENS)
}

/// What a warm request waits for: nothing.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("not at once"),
    }
}

/// Where the time goes.
fn parts(one: &Fixture) -> Vec<Case<'_>> {
    let (guard, request) = (&one.guard, &one.requests[0]);
    let clock = SystemClock::new();
    let hasher = RandomState::default();
    let cache: Cache<Box<str>, Arc<str>, UnitWeighter, RandomState> =
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
        Case::new("part: clock, exact", move || batch(OPERATIONS, |_| _ = black_box(clock.unix_time()))),
        Case::new("part: clock, as a request asks", move || {
            batch(OPERATIONS, |_| _ = black_box(clock.about_unix_time()))
        }),
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

fn header(request: &Request<()>) -> &[u8] {
    request.headers()[AUTHORIZATION].as_bytes()
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
