//! The end of a job.

use super::{
    announce::leave_line,
    job::{Job, State},
    quota,
    store::Store,
    turn::Gate,
    words,
};
use crate::{domain::Timestamp, storage::StorageError};

/// Ends the job now. The caller has the freed lease handed over.
pub(super) fn end<S: Store>(
    gate: &mut Gate<'_, S>,
    job: &mut Job,
    state: State,
) -> Result<(), StorageError> {
    end_at(gate, job, state, gate.now)
}

/// The same, of a job whose work ended `at` that time.
pub(super) fn end_at<S: Store>(
    gate: &mut Gate<'_, S>,
    job: &mut Job,
    state: State,
    at: Timestamp,
) -> Result<(), StorageError> {
    leave_line(gate, job)?;
    let frees = job.state.holds_lease();
    job.state = state;
    job.holder = None;
    job.finished_at = Some(at);
    job.due = Some(kept_from(gate));
    if matches!(state, State::Cancelled | State::Expired)
        && job.started_at.is_none()
        && let Some(month) = job.counted_in
    {
        quota::give_back(gate, &job.kind, month)?;
    }
    gate.save_ended(job, frees)?;
    words::ended(gate, job)
}

/// From when the retention of a job that ends now counts: the next full hour, so that one alarm serves all jobs of an
/// hour. While its user is being deleted, it may be forgotten at once.
fn kept_from<S: Store>(gate: &Gate<'_, S>) -> Timestamp {
    const HOUR_MS: i64 = 3_600_000;
    if gate.account.erasing.is_some() {
        return gate.now.before(gate.config.retention);
    }
    let hours = gate.now.as_millis().div_euclid(HOUR_MS);
    Timestamp::from_millis(hours.saturating_add(1).saturating_mul(HOUR_MS))
}
