//! What a defective gate sees of its rows.

use crate::{liar::Liar, planted::Defect};
use queue_core::{
    domain::Timestamp,
    gate::{Command, Job, State, Store as _},
    storage::StorageError,
};

impl Liar<'_> {
    pub(crate) fn oldest_ended(&self) -> Result<Option<Job>, StorageError> {
        let ended = self
            .rows
            .ended(Timestamp::from_millis(i64::MAX), u32::MAX)?;
        Ok(ended.into_iter().min_by_key(|job| job.job_id.clone()))
    }

    pub(crate) fn seen(&self, job: Job) -> Job {
        let cancels = matches!(self.command, Command::Cancel { .. });
        let starts = matches!(self.command, Command::Start { .. });
        let lies = (self.defect == Defect::DoubleLease && starts)
            || (self.defect == Defect::CancelUnderHolder && cancels);
        if lies && job.state == State::Running {
            let epoch = job.epoch.saturating_sub(u32::from(starts));
            return Job {
                state: State::Queued,
                epoch,
                ..job
            };
        }
        job
    }
}
