//! Not after: jobs that have not started in time end. Their row says when that is until they begin.

use super::{
    due::DUE_MAX,
    ending::end,
    job::{Job, JobError, State},
    store::Store,
    turn::{Gate, Notice},
};
use crate::storage::StorageError;

/// Ends what has not started in time, a slice of it. The caller has the freed leases handed over.
pub(super) fn expire_late<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    for mut job in gate.store.late(gate.now, DUE_MAX)? {
        expire(gate, &mut job)?;
    }
    Ok(())
}

/// Ends a job that is late.
pub(super) fn expire<S: Store>(gate: &mut Gate<'_, S>, job: &mut Job) -> Result<(), StorageError> {
    let by = job.window.start_by.unwrap_or(gate.now).to_rfc3339();
    job.error = Some(JobError {
        code: "expired".to_owned(),
        message: format!("it had not started by {by}, the startBy of its submission"),
        at: gate.now,
    });
    end(gate, job, State::Expired)?;
    gate.notice(Notice::Ended, job);
    Ok(())
}
