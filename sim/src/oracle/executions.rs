//! The generator as a witness: what really runs, under which lease, and until when that was promised.

use super::{Execution, Oracle, Violation, require};
use crate::{kinds, marks::Mark};
use queue_core::{domain::Timestamp, line::want::Holding};

impl Oracle {
    /// A stage starts at the generator.
    pub(crate) fn started(
        &mut self,
        task: usize,
        execution: Execution,
        now: Timestamp,
    ) -> Result<(), Violation> {
        let user = execution.user;
        let fact = &self.jobs[execution.job];
        require(fact.recorded.is_some(), "I5 no phantom", || {
            format!("job {} runs and was never recorded", execution.job)
        })?;
        self.executions.insert(task, execution);
        self.started += 1;
        self.expire(user, now);
        let live = || {
            self.executions
                .values()
                .filter(|other| other.user == user && !other.expired)
        };
        // All others had their leases when the latest was granted, so together they kept its limit.
        let count = u32::try_from(live().count()).unwrap_or(u32::MAX);
        let limit = live()
            .max_by_key(|other| other.lease.0)
            .map_or(u32::MAX, |last| last.lease.1);
        require(count <= limit, "I1 world limit", || {
            format!("{count} of user{user} run with a lease, the limit was {limit}")
        })?;
        let of_kind = live().filter(|other| self.jobs[other.job].kind == kinds::LIMITED);
        let of_kind = u32::try_from(of_kind.count()).unwrap_or(u32::MAX);
        require(
            of_kind <= self.limit_of_kind(kinds::LIMITED),
            "I1 world limit",
            || format!("{of_kind} of user{user} run of the limited kind"),
        )?;
        if count > self.limit(user) {
            self.tally.mark(Mark::OverLimitAfterLowering);
        }
        let mut jobs: Vec<usize> = live().map(|other| other.job).collect();
        jobs.sort_unstable();
        require(
            jobs.is_sorted_by(|one, other| one < other),
            "I2 one execution a job",
            || format!("jobs that run with a lease: {jobs:?}"),
        )
    }

    /// A delivery is told that these jobs, which it ran under those epochs, lost their slots. Not what it was given
    /// since.
    pub(crate) fn lost_slots<'a>(
        &mut self,
        delivery: usize,
        jobs: impl Iterator<Item = &'a Holding>,
    ) {
        for Holding { job_id, epoch } in jobs {
            let Some(job) = self.index.get(job_id) else {
                continue;
            };
            for execution in self.executions.values_mut() {
                let is_meant = (execution.delivery, execution.job) == (delivery, *job)
                    && execution.given_epoch < *epoch;
                execution.slot_lost |= is_meant;
            }
        }
    }

    /// The holder goes on after its renewal was answered.
    pub(crate) fn goes_on(&self, task: usize) -> Result<(), Violation> {
        let execution = self.executions.get(&task);
        let stops = execution.is_some_and(|execution| execution.slot_lost);
        require(!stops, "I7 lost slot", || {
            format!("{execution:?} goes on without its slot")
        })
    }

    /// By the gate's clock it is now: leases that have ended stay ended.
    pub(crate) fn expire(&mut self, user: usize, now: Timestamp) {
        for execution in self.executions.values_mut() {
            if execution.user == user && now >= execution.until {
                execution.expired = true;
            }
        }
    }
}
