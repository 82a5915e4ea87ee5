//! Whether more work is accepted: not while too many jobs of all users wait for a slot. Each isolate of the Worker asks the
//! pool now and then and remembers the answer, so that a flood costs the pool no call for each submission. What is accepted
//! in between may pass the bound.

use crate::domain::Timestamp;
use std::time::Duration;

/// How long an answer holds.
const HOLDS: Duration = Duration::from_secs(5);

/// What an isolate knows of the line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backlog {
    asked_at: Option<Timestamp>,
    waiting: u32,
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
    pub fn answered(&mut self, waiting: Option<u32>) {
        self.waiting = waiting.unwrap_or(0);
    }

    /// Whether nothing more is accepted, where at most `most` may wait; 0 means no bound.
    #[must_use]
    pub const fn is_full(&self, most: u32) -> bool {
        most > 0 && self.waiting >= most
    }
}
