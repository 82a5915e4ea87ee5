//! Lines with a perfect hand-over: a slot that frees takes the best job of its line at once.

use super::agenda::Agenda;
use crate::{
    ledger::{Ledger, Outcome},
    trace::{Arrival, Trace},
};
use queue_core::{config::GateConfig, domain::Tier};
use std::collections::BTreeSet;

/// The place in its line of a job of that index, for which its user's limit had room since that time.
pub type Key = Box<dyn Fn(usize, &Arrival, i64) -> i64>;

/// An order of service.
pub struct Discipline {
    /// The slots of each line.
    pub slots: Vec<u32>,
    /// The line of each tier.
    pub line_of: fn(Tier) -> usize,
    /// The smallest goes first.
    pub key: Key,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Event {
    // Before an arrival of the same moment only if set before it; no result depends on that.
    End(usize),
    Arrive(usize),
}

#[derive(Clone, Default)]
struct User {
    /// Running, or in the line.
    taken: u32,
    /// At the limit: not in the line, by time.
    kept: BTreeSet<(i64, usize)>,
}

struct Service<'a> {
    trace: &'a Trace,
    config: &'a GateConfig,
    discipline: &'a Discipline,
    free: Vec<u32>,
    lines: Vec<BTreeSet<(i64, usize)>>,
    users: Vec<User>,
    agenda: Agenda<Event>,
    ledger: Ledger<'a>,
}

/// Serves the trace in that order.
#[must_use]
pub fn serve(trace: &Trace, config: &GateConfig, discipline: &Discipline) -> Outcome {
    let mut service = Service {
        trace,
        config,
        discipline,
        free: discipline.slots.clone(),
        lines: vec![BTreeSet::new(); discipline.slots.len()],
        users: vec![User::default(); trace.users.len()],
        agenda: Agenda::new(),
        ledger: Ledger::new(trace, config),
    };
    for (job, arrival) in trace.arrivals.iter().enumerate() {
        service.agenda.at(arrival.at, Event::Arrive(job));
    }
    while let Some((now, event)) = service.agenda.pop() {
        match event {
            Event::Arrive(job) => service.arrive(job, now),
            Event::End(job) => service.end(job, now),
        }
    }
    service.ledger.close()
}

impl Service<'_> {
    fn arrive(&mut self, job: usize, now: i64) {
        let arrival = &self.trace.arrivals[job];
        self.ledger.arrive(job, now);
        // One message a job: a perfect queue delivers to a free worker only.
        self.ledger.deliver(1);
        self.users[arrival.user].kept.insert((arrival.at, job));
        self.admit(arrival.user, arrival.tier, now);
        self.dispatch(now);
    }

    fn end(&mut self, job: usize, now: i64) {
        let arrival = &self.trace.arrivals[job];
        self.ledger.end(job, now);
        self.free[(self.discipline.line_of)(arrival.tier)] += 1;
        self.users[arrival.user].taken -= 1;
        self.admit(arrival.user, arrival.tier, now);
        self.dispatch(now);
    }

    /// Puts what the limit leaves room for into the line.
    fn admit(&mut self, user: usize, tier: Tier, now: i64) {
        let limit = self.config.tiers.of(tier).max_concurrent_jobs;
        let user = &mut self.users[user];
        while user.taken < limit
            && let Some((_, job)) = user.kept.pop_first()
        {
            user.taken += 1;
            let key = (self.discipline.key)(job, &self.trace.arrivals[job], now);
            self.lines[(self.discipline.line_of)(tier)].insert((key, job));
        }
    }

    fn dispatch(&mut self, now: i64) {
        for (line, free) in self.lines.iter_mut().zip(&mut self.free) {
            while *free > 0
                && let Some((_, job)) = line.pop_first()
            {
                *free -= 1;
                self.ledger.start(job, now);
                let end = now + self.trace.arrivals[job].service;
                self.agenda.at(end, Event::End(job));
            }
        }
    }
}
