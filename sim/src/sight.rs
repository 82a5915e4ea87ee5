//! What a defective gate sees of its rows.

use crate::{liar::Liar, planted::Defect};
use queue_core::gate::{Command, Job, State};

impl Liar<'_> {
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
