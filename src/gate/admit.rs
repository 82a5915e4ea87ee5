//! Admission: tickets were delivered; which of their jobs may run?

use super::{
    command::{Admission, Reply, SkipReason},
    job::{Job, State},
    state::Gate,
    store::Store,
};
use crate::{domain::JobId, line::Line, storage::StorageError};

/// Answers for each job in the order asked. Asking again with the same holder gets the same grants, so a
/// caller that lost the answer may repeat the call.
pub(super) fn admit<S: Store>(
    gate: &mut Gate<'_, S>,
    holder: &str,
    jobs: &[JobId],
) -> Result<Reply, StorageError> {
    // A limit raised by configuration frees leases that no turn has handed over yet; the line goes first.
    gate.fill()?;
    let mut admissions = Vec::with_capacity(jobs.len());
    for job_id in jobs {
        let admission = match gate.store.find(job_id)? {
            Some(job) => admit_one(gate, holder, job)?,
            None => Admission::Skip {
                reason: SkipReason::Unknown,
            },
        };
        admissions.push(admission);
    }
    Ok(Reply::Admitted { admissions })
}

fn admit_one<S: Store>(
    gate: &mut Gate<'_, S>,
    holder: &str,
    job: Job,
) -> Result<Admission, StorageError> {
    let skip = |reason| Ok(Admission::Skip { reason });
    match job.state {
        State::Granted | State::Waiting => gate.hand_over(job, holder).map(Admission::Run),
        State::Queued if gate.store.held()? < gate.limit() => {
            gate.hand_over(job, holder).map(Admission::Run)
        }
        State::Queued => park(gate, job),
        State::Running if job.holder.as_deref() == Some(holder) => {
            gate.grant_of(&job, None).map(Admission::Run)
        }
        State::Running => skip(SkipReason::AlreadyRunning),
        State::Parked => skip(SkipReason::AlreadyParked),
        State::Retrying => skip(SkipReason::Retrying),
        State::Succeeded | State::Failed | State::Cancelled => skip(SkipReason::Ended),
    }
}

/// Puts the job into the waiting line: no attempt is spent, and its age is kept.
fn park<S: Store>(gate: &mut Gate<'_, S>, mut job: Job) -> Result<Admission, StorageError> {
    job.state = State::Parked;
    job.due = None;
    job.sends = 0;
    job.times_parked = job.times_parked.saturating_add(1);
    gate.save(&job)?;
    Ok(Admission::Park {
        tier: job.tier,
        priority: job.priority,
        active: gate.store.held()?,
        limit: gate.limit(),
    })
}
