//! What was told at looks at jobs that wait, and what came.

use crate::trace::Arrival;
use std::collections::BTreeSet;

/// What was told at a look: milliseconds of the trace.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// When its turn comes.
    pub starts: i64,
    /// Not before, probably.
    pub from: i64,
    /// Not after, probably.
    pub until: i64,
}

/// A look at a job that waits.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// When.
    pub at: i64,
    /// It waits for its own user's limit.
    pub is_parked: bool,
    /// What was told.
    pub told: Option<Told>,
    /// What was told a second later, if it still waited.
    pub again: Option<Told>,
    /// When it started.
    pub started: i64,
    /// While it was in the pool's line, a job started that was submitted after the look.
    pub overtaken: bool,
}

/// Looks from time to time.
pub(super) struct Watch {
    pub(super) every: i64,
    /// Jobs that have come and not started.
    pub(super) waiting: BTreeSet<usize>,
    pub(super) looks: Vec<(usize, Look)>,
    /// When each job started, and since when it had been in the pool's line.
    starts: Vec<i64>,
    in_line: Vec<i64>,
    pub(super) rng: fastrand::Rng,
}

impl Watch {
    pub(super) fn new(every: i64, jobs: usize) -> Self {
        Self {
            every,
            waiting: BTreeSet::new(),
            looks: Vec::new(),
            starts: vec![i64::MAX; jobs],
            in_line: vec![0; jobs],
            rng: fastrand::Rng::with_seed(5),
        }
    }

    /// A job starts, which has been in the pool's line since then.
    pub(super) fn starts(&mut self, job: usize, in_line: i64, now: i64) {
        self.waiting.remove(&job);
        self.starts[job] = now;
        self.in_line[job] = in_line;
    }

    /// The looks, with what came.
    pub(super) fn close(self, arrivals: &[Arrival]) -> Vec<Look> {
        let judged = |(job, look): (usize, Look)| {
            let started = self.starts[job];
            let later = arrivals.partition_point(|arrival| arrival.at <= look.at);
            let there = arrivals.partition_point(|arrival| arrival.at < started);
            let since = self.in_line[job]..started;
            Look {
                started,
                overtaken: (later..there).any(|other| since.contains(&self.starts[other])),
                ..look
            }
        };
        self.looks.into_iter().map(judged).collect()
    }
}
