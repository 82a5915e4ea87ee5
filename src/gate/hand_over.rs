//! Putting a job into the hands of a delivery: by admission of its ticket, or on the spot, when the delivery that
//! frees a lease goes on with what the lease goes to.

use super::{
    command::{Grant, Handed},
    job::{Job, State},
    state::Gate,
    store::Store,
};
use crate::{line::Line, storage::StorageError};

/// More than the largest limit of a tier, so that all jobs of one holder are found.
const HELD_MAX: u32 = 1_000;

impl<S: Store> Gate<'_, S> {
    /// Hands the job to the holder, under a new epoch.
    pub(super) fn hand_over(&mut self, mut job: Job, holder: &str) -> Result<Grant, StorageError> {
        if !job.state.holds_lease() {
            job.granted_at = Some(self.now);
        }
        self.run_by(&mut job, holder)
    }

    /// Hands a job that was just granted its lease to the delivery that goes on.
    pub(super) fn hand_on(&mut self, job: &mut Job, holder: &str) -> Result<(), StorageError> {
        job.sends = 0;
        let grant = self.run_by(job, holder)?;
        let ticket = self.ticket(job);
        self.handed.push(Handed { ticket, grant });
        Ok(())
    }

    fn run_by(&mut self, job: &mut Job, holder: &str) -> Result<Grant, StorageError> {
        let now = self.now;
        let is_first = job.started_at.is_none();
        job.state = State::Running;
        job.epoch = job.epoch.saturating_add(1);
        job.holder = Some(holder.to_owned());
        job.told_rank = Some(job.rank);
        job.due = Some(now.after(self.config.lease));
        job.started_at.get_or_insert(now);
        job.stage_record().started_at.get_or_insert(now);
        self.save(job)?;
        self.grant_of(job, is_first.then(|| now.millis_since(job.submitted_at)))
    }

    /// What the holder of a running job needs.
    pub(super) fn grant_of(&self, job: &Job, wait_ms: Option<i64>) -> Result<Grant, StorageError> {
        let payload = self.store.payload(&job.job_id)?;
        let missing = || StorageError(format!("job {} has no payload", job.job_id));
        Ok(Grant {
            epoch: job.epoch,
            kind: job.kind,
            stage: job.current_stage(),
            tier: job.tier,
            priority: job.priority,
            rank: job.pool_rank(),
            attempt: job.attempt(),
            wait_ms,
            active: self.store.held()?,
            limit: self.limit(),
            payload: payload.ok_or_else(missing)?,
        })
    }

    /// All that the delivery which goes on holds: for a report whose first answer it may not have got.
    pub(super) fn held_by_holder(&self) -> Result<Vec<Handed>, StorageError> {
        if self.holder.is_none() {
            return Ok(Vec::new());
        }
        let running = self
            .store
            .page(Some(State::Running), None, None, HELD_MAX)?;
        let own = running.into_iter().filter(|job| job.holder == self.holder);
        let handed = own.map(|job| {
            let (grant, ticket) = (self.grant_of(&job, None)?, self.ticket(&job));
            Ok(Handed { ticket, grant })
        });
        handed.collect()
    }
}
