//! A small harness: cases take turns, so that what the machine does meanwhile meets all of them alike.

use std::time::Duration;

use nix::time::ClockId;

/// One thing to measure; runs a batch and returns nanoseconds of this thread's CPU time per operation.
pub(crate) struct Case<'c> {
    name: String,
    run: Box<dyn FnMut() -> f64 + 'c>,
}

impl<'c> Case<'c> {
    pub(crate) fn new(name: impl Into<String>, run: impl FnMut() -> f64 + 'c) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }
}

/// What one case took, by round.
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) rounds: Vec<f64>,
}

impl Series {
    pub(crate) fn median(&self) -> f64 {
        median(self.rounds.clone())
    }

    pub(crate) fn best(&self) -> f64 {
        self.rounds.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The median over the rounds of what `combine` makes of this series and another.
    pub(crate) fn against(&self, other: &Self, combine: impl Fn(f64, f64) -> f64) -> f64 {
        median(self.rounds.iter().zip(&other.rounds).map(|(mine, theirs)| combine(*mine, *theirs)).collect())
    }
}

/// Runs every case once per round, after one round that does not count.
pub(crate) fn alternate(mut cases: Vec<Case<'_>>, rounds: usize) -> Vec<Series> {
    let mut series: Vec<_> =
        cases.iter().map(|case| Series { name: case.name.clone(), rounds: Vec::with_capacity(rounds) }).collect();
    for round in 0..=rounds {
        for (case, series) in cases.iter_mut().zip(&mut series) {
            let nanos = (case.run)();
            if round > 0 {
                series.rounds.push(nanos);
            }
        }
    }
    series
}

/// CPU time that this thread has used.
pub(crate) fn thread_time() -> Duration {
    ClockId::CLOCK_THREAD_CPUTIME_ID.now().unwrap().into()
}

/// Nanoseconds per operation of a batch that began at `start`.
pub(crate) fn per_operation(start: Duration, operations: usize) -> f64 {
    (thread_time() - start).as_nanos() as f64 / operations as f64
}

/// Runs `operation` so often.
pub(crate) fn batch(operations: usize, mut operation: impl FnMut(usize)) -> f64 {
    let start = thread_time();
    (0..operations).for_each(&mut operation);
    per_operation(start, operations)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
