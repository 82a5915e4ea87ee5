//! The end of a job.

use super::{
    announce::leave_line,
    job::{Job, State},
    quota,
    store::Store,
    turn::Gate,
};
use crate::{domain::Timestamp, storage::StorageError};

/// Ends the job. The caller has the freed lease handed over.
pub(super) fn end<S: Store>(
    gate: &mut Gate<'_, S>,
    job: &mut Job,
    state: State,
) -> Result<(), StorageError> {
    leave_line(gate, job)?;
    let frees = job.state.holds_lease();
    job.state = state;
    job.holder = None;
    job.finished_at = Some(gate.now);
    job.due = Some(forget_at(gate));
    if state == State::Cancelled && job.started_at.is_none() && job.counted {
        quota::give_back(gate, job)?;
    }
    gate.save_ended(job, frees)
}

/// When a job that ends now may be forgotten: after the retention, at a full hour, so that one alarm
/// serves all jobs of that hour.
///
/// At once while its user is being deleted.
fn forget_at<S: Store>(gate: &Gate<'_, S>) -> Timestamp {
    const HOUR_MS: i64 = 3_600_000;
    if gate.account.erasing.is_some() {
        return gate.now;
    }
    let earliest = gate.now.after(gate.config.retention).as_millis();
    Timestamp::from_millis(
        earliest
            .div_euclid(HOUR_MS)
            .saturating_add(1)
            .saturating_mul(HOUR_MS),
    )
}
