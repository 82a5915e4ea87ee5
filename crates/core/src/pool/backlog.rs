//! Whether more work is accepted: not while too many jobs of all users wait for a slot. Each isolate of the Worker asks the
//! pool now and then and remembers the answer, so that a flood costs the pool no call for each submission. What is accepted
//! in between may pass the bound.

use crate::domain::Timestamp;
use std::time::Duration;

/// How long an answer holds.
const HOLDS: Duration = Duration::from_secs(5);

/// How long it may refuse somebody while the next one is awaited: after a quiet time, an old one says nothing.
const REFUSES: Duration = Duration::from_secs(10);

/// What an isolate knows of the line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backlog {
    asked_at: Option<Timestamp>,
    /// How many waited, and when that was.
    waiting: Option<(u32, Timestamp)>,
}

impl Backlog {
    /// Whether the pool is to be asked before the next submission. Whoever is told so asks; others go by the last answer.
    pub fn asks(&mut self, now: Timestamp) -> bool {
        let asked_at = self.asked_at;
        let holds = asked_at.is_some_and(|at| at <= now && now < at.after(HOLDS));
        if !holds {
            self.asked_at = Some(now);
        }
        !holds
    }

    /// The pool answered; if it could not be reached, submissions are accepted.
    pub fn answered(&mut self, waiting: Option<u32>, now: Timestamp) {
        self.waiting = waiting.map(|waiting| (waiting, now));
    }

    /// Whether nothing more is accepted, where at most `most` may wait; 0 means no bound.
    #[must_use]
    pub fn is_full(&self, most: u32, now: Timestamp) -> bool {
        let is_recent = |at: Timestamp| at <= now && now < at.after(REFUSES);
        most > 0
            && self
                .waiting
                .is_some_and(|(waiting, at)| waiting >= most && is_recent(at))
    }
}
