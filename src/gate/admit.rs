//! Admission: tickets were delivered; which of their jobs may run?

use super::{
    command::{Admission, Grant, Reply, SkipReason},
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
        State::Granted | State::Waiting => hand_over(gate, holder, job),
        State::Queued if gate.store.held()? < gate.limit() => hand_over(gate, holder, job),
        State::Queued => park(gate, job),
        State::Running if job.holder.as_deref() == Some(holder) => grant_of(gate, &job, None),
        State::Running => skip(SkipReason::AlreadyRunning),
        State::Parked => skip(SkipReason::AlreadyParked),
        State::Retrying => skip(SkipReason::Retrying),
        State::Succeeded | State::Failed | State::Cancelled => skip(SkipReason::Ended),
    }
}

/// Hands the job to the holder, under a new epoch.
fn hand_over<S: Store>(
    gate: &mut Gate<'_, S>,
    holder: &str,
    mut job: Job,
) -> Result<Admission, StorageError> {
    let now = gate.now;
    let wait_ms = job
        .started_at
        .is_none()
        .then(|| now.millis_since(job.submitted_at));
    if !job.state.holds_lease() {
        job.granted_at = Some(now);
    }
    job.state = State::Running;
    job.epoch = job.epoch.saturating_add(1);
    job.holder = Some(holder.to_owned());
    job.told_rank = Some(job.rank);
    job.due = Some(now.after(gate.config.lease));
    job.started_at.get_or_insert(now);
    job.stage_record().started_at.get_or_insert(now);
    gate.save(&job)?;
    grant_of(gate, &job, wait_ms)
}

fn grant_of<S: Store>(
    gate: &Gate<'_, S>,
    job: &Job,
    wait_ms: Option<i64>,
) -> Result<Admission, StorageError> {
    let payload = gate.store.payload(&job.job_id)?;
    let missing = || StorageError(format!("job {} has no payload", job.job_id));
    Ok(Admission::Run(Grant {
        epoch: job.epoch,
        kind: job.kind,
        stage: job.current_stage(),
        tier: job.tier,
        priority: job.priority,
        rank: job.pool_rank(),
        attempt: job.attempt(),
        wait_ms,
        active: gate.store.held()?,
        limit: gate.limit(),
        payload: payload.ok_or_else(missing)?,
    }))
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
