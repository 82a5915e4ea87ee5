//! Kinds of jobs: how many of each wait and hold a lease, and what their limits allow.

use super::{Oracle, User, Violation, require};
use crate::{kinds::LIMITED, marks::Mark};
use queue_core::gate::{Job, State};

impl Oracle {
    /// The limit of a kind.
    pub(crate) fn limit_of_kind(&self, number: usize) -> u32 {
        let limited = Some(self.kind_limit).filter(|limit| number == LIMITED && *limit > 0);
        limited.unwrap_or(u32::MAX)
    }

    /// How many of the user's parked jobs a free lease could go to.
    pub(super) fn could_start(&self, user: &User) -> u32 {
        let kinds = user.kinds.iter().enumerate();
        let open = kinds.filter(|(number, of)| of.held < self.limit_of_kind(*number));
        open.map(|(_, of)| of.parked).sum()
    }

    /// No kind has more leases than its limit.
    pub(super) fn kinds_within(&self, user: &User) -> Result<(), Violation> {
        let mut kinds = user.kinds.iter().enumerate();
        let over = kinds.find(|(number, of)| of.held > self.limit_of_kind(*number));
        require(over.is_none(), "P1 limit of a kind", || format!("{user:?}"))
    }

    /// A new job waits for its kind alone, or does not.
    pub(super) fn notes_kind(&mut self, user: usize, job: &Job) {
        let is_open = self.users[user].held < self.limit(user);
        if job.by_kind && job.state == State::Parked && is_open {
            self.tally.mark(Mark::KindFull);
        }
    }

    /// Whether a free lease could go to the job, as far as its kind is concerned.
    pub(super) fn could_have(&self, user: usize, job: &Job) -> bool {
        let number = self.index.get(&job.job_id).map(|job| self.jobs[*job].kind);
        number
            .is_some_and(|number| self.users[user].kinds[number].held < self.limit_of_kind(number))
    }
}
