//! Looks at jobs that wait, as their users would look.

use super::{
    looks::{Look, Told},
    world::{Event, World, clock},
};
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

fn told(estimate: &Estimate) -> Told {
    let zero = clock(0).as_millis();
    let [starts, from, until] =
        [estimate.starts_at, estimate.from, estimate.until].map(|moment| moment.as_millis() - zero);
    Told {
        starts,
        from,
        until,
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
        Some((is_parked, place.estimate.as_ref().map(told)))
    }
}
