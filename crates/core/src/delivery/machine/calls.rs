//! When a delivery calls the pool, and what it makes of a call that failed.

use super::jobs::{Jobs, PAUSE};
use crate::{domain::Timestamp, line::pause::doubled, pool::command::Exchange};
use std::time::Duration;

/// Longest pause after a call that failed; the first is [`PAUSE`], and each is twice the one before.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Calls of the pool in a row that may fail before a delivery that runs nothing gives up.
const TRIES: u32 = 4;

/// A call that is due.
pub(super) enum Due {
    /// The pool must hear something, or, at the beginning, that the delivery is there.
    Exchange,
    /// There is a place for more.
    Listen,
}

/// The calls of the pool.
#[derive(Clone, Debug)]
pub(super) struct Calls {
    /// How many so far.
    pub(super) count: u32,
    /// The exchange under way, to be made again if it fails.
    pub(super) exchange: Option<Exchange>,
    /// Exchanges that were answered.
    pub(super) answered: u32,
    pub(super) is_listening: bool,
    /// Exchanges that failed in a row.
    failures: u32,
    /// No call before then.
    pause_until: Option<Timestamp>,
    /// It does not listen before then.
    pub(super) listen_at: Timestamp,
    /// When slots must be renewed.
    renew_at: Timestamp,
    renew_after: Duration,
}

impl Calls {
    pub(super) fn new(now: Timestamp, lease: Duration) -> Self {
        let renew_after = lease / 4;
        Self {
            count: 0,
            exchange: None,
            answered: 0,
            is_listening: false,
            failures: 0,
            pause_until: None,
            listen_at: now,
            renew_at: now.after(renew_after),
            renew_after,
        }
    }

    /// The call that is due now; `listens` says whether it would listen.
    pub(super) fn due(&mut self, now: Timestamp, jobs: &Jobs, listens: bool) -> Option<Due> {
        self.pause_until = self.pause_until.filter(|until| now < *until);
        if self.exchange.is_some() || self.pause_until.is_some() {
            return None;
        }
        if self.has_news(now, jobs) {
            return Some(Due::Exchange);
        }
        (listens && !self.is_listening && self.listen_at <= now).then_some(Due::Listen)
    }

    fn has_news(&self, now: Timestamp, jobs: &Jobs) -> bool {
        let mut running = jobs.at_work();
        self.answered == 0
            || !jobs.freed.is_empty()
            || !jobs.wants.is_empty()
            || jobs.seen.is_news()
            || running.any(|running| {
                running.confirm_at.is_some_and(|at| at <= now) || self.renew_at <= now
            })
    }

    /// When a call is due at the latest, whatever happens meanwhile.
    pub(super) fn next_due(&self, jobs: &Jobs, listens: bool) -> Option<Timestamp> {
        if self.exchange.is_some() {
            return None;
        }
        let confirms = jobs.at_work().filter_map(|running| running.confirm_at);
        let renews = jobs.at_work().next().map(|_| self.renew_at);
        let listens = (listens && !self.is_listening).then_some(self.listen_at);
        let calls = confirms
            .chain(renews)
            .chain(listens)
            .chain(self.pause_until);
        // While calls pause, nothing of them is due before.
        calls
            .min()
            .map(|at| self.pause_until.map_or(at, |until| at.max(until)))
    }

    /// The number of the next call.
    pub(super) const fn next(&mut self) -> u32 {
        self.count = self.count.saturating_add(1);
        self.count
    }

    /// Whether a call that is made now renews the slots; then the next does so after a while.
    pub(super) fn renews(&mut self, now: Timestamp) -> bool {
        let is_renewal = self.renew_at <= now;
        if is_renewal {
            self.renew_at = now.after(self.renew_after);
        }
        is_renewal
    }

    /// An exchange was answered.
    pub(super) const fn succeeded(&mut self) {
        self.failures = 0;
        self.answered = self.answered.saturating_add(1);
    }

    /// An exchange failed: the next call follows after a pause.
    pub(super) fn failed(&mut self, now: Timestamp) {
        let pause = doubled(PAUSE, self.failures).min(PAUSE_MAX);
        self.failures = self.failures.saturating_add(1);
        self.pause_until = Some(now.after(pause));
        self.renew_at = self.renew_at.min(now);
    }

    /// Whether so many failed that a delivery which runs nothing gives up.
    pub(super) const fn has_given_up(&self) -> bool {
        self.failures >= TRIES
    }
}
