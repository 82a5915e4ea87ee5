//! Looks at jobs that wait, as their users would look, and what came.

use super::world::{Event, World, clock};
use crate::trace::Arrival;
use queue_core::{
    estimate::Estimate,
    gate::{Command, Reply, State},
    pool,
};
use std::collections::BTreeSet;

/// How long after a look the same job is looked at again, in milliseconds.
const AGAIN: i64 = 1_000;

/// Jobs that are looked at each time.
const EACH: usize = 4;

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

impl Told {
    fn of(estimate: &Estimate) -> Self {
        let zero = clock(0).as_millis();
        let [starts, from, until] = [estimate.starts_at, estimate.from, estimate.until]
            .map(|moment| moment.as_millis() - zero);
        Self {
            starts,
            from,
            until,
        }
    }
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
    every: i64,
    /// Jobs that have come and not started.
    pub(super) waiting: BTreeSet<usize>,
    looks: Vec<(usize, Look)>,
    /// When each job started, and since when it had been in the pool's line.
    starts: Vec<i64>,
    in_line: Vec<i64>,
    rng: fastrand::Rng,
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

impl World<'_> {
    /// Looks at some of those that wait.
    pub(super) fn look(&mut self, now: i64) {
        let Some(watch) = &mut self.watch else {
            return;
        };
        self.agenda.at(now + watch.every, Event::Look);
        let waiting: Vec<usize> = watch.waiting.iter().copied().collect();
        let mut chosen = BTreeSet::new();
        while chosen.len() < EACH.min(waiting.len()) {
            chosen.insert(waiting[watch.rng.usize(..waiting.len())]);
        }
        for job in chosen {
            let Some((is_parked, told)) = self.ask(now, job) else {
                continue;
            };
            let look = Look {
                at: now,
                is_parked,
                told,
                again: None,
                started: 0,
                overtaken: false,
            };
            let Some(watch) = &mut self.watch else {
                return;
            };
            watch.looks.push((job, look));
            let number = watch.looks.len() - 1;
            self.agenda.at(now + AGAIN, Event::LookAgain(number));
        }
    }

    /// Looks at the same job again.
    pub(super) fn look_again(&mut self, now: i64, number: usize) {
        let Some(watch) = &self.watch else { return };
        let job = watch.looks[number].0;
        if watch.waiting.contains(&job)
            && let Some((_, told)) = self.ask(now, job)
            && let Some(watch) = &mut self.watch
        {
            watch.looks[number].1.again = told;
        }
    }

    /// What the user of a job is told.
    fn ask(&mut self, now: i64, job: usize) -> Option<(bool, Option<Told>)> {
        let job_id = self
            .jobs
            .iter()
            .find(|(_, index)| **index == job)?
            .0
            .clone();
        let user = self.trace.arrivals[job].user;
        let Reply::Job { view } = self.gate(now, user, Command::Job { job_id }) else {
            return None;
        };
        let view = view?;
        let pool::Reply::Place { place } = self.pool(now, view.asks()?) else {
            return None;
        };
        let is_parked = view.job.state == State::Parked;
        Some((is_parked, place.estimate.as_ref().map(Told::of)))
    }
}
