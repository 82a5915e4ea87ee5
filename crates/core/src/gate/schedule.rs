//! Not before: jobs whose time has not come wait for the alarm, without a lease.

use super::{
    job::{Job, State},
    lease,
    store::Store,
    turn::{Gate, Notice},
};
use crate::{domain::JobId, line::pause::by_then, storage::StorageError};

/// Puts the job off until its time comes, if that is yet to come. The alarm looks at it once a day until then: a row that
/// is due later than that would pass for one that was written before the clock was set back.
pub(super) fn puts_off<S>(gate: &Gate<'_, S>, job: &mut Job) -> bool {
    let Some(opens_at) = job.window.opens_at(gate.now) else {
        return false;
    };
    job.state = State::Scheduled;
    job.due = Some(by_then(opens_at, gate.now));
    true
}

/// Has the job stand in line and names it, if its time has come; [`lease::level`] takes the best.
pub(super) fn look<S: Store>(
    gate: &mut Gate<'_, S>,
    mut job: Job,
) -> Result<Option<JobId>, StorageError> {
    let waits = puts_off(gate, &mut job);
    if !waits {
        lease::stand_in_line(gate, &mut job);
        job.due = None;
    }
    gate.save(&mut job)?;
    Ok((!waits).then_some(job.job_id))
}

/// The time of these jobs has come, and the free leases are given: those without one wait for the user's limit from now.
pub(super) fn park<S: Store>(gate: &mut Gate<'_, S>, come: &[JobId]) -> Result<(), StorageError> {
    for job_id in come {
        let job = gate.store.find(job_id)?;
        if let Some(mut job) = job.filter(|job| job.state == State::Parked) {
            lease::park(gate, &mut job);
            gate.save(&mut job)?;
            let lease::Bound { active, limit, .. } = lease::bound(gate, &job)?;
            gate.notice(Notice::Parked { active, limit }, &job);
        }
    }
    Ok(())
}
