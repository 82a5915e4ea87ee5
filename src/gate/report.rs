//! Reports of holders, each fenced by its epoch, and the user's cancellation.

use super::{
    command::{Outcome, Reply},
    job::{ArtifactRecord, Job, JobError, State},
    state::{Gate, Notice, reported},
    store::Store,
    view,
};
use crate::{domain::JobId, storage::StorageError};

/// The job that the holder of `epoch` may report on, or the answer that it may not.
fn held_by<S: Store>(
    gate: &Gate<'_, S>,
    job_id: &JobId,
    epoch: u32,
) -> Result<Result<Job, Reply>, StorageError> {
    let Some(job) = gate.store.find(job_id)? else {
        return Ok(Err(reported(Outcome::Stale, None)));
    };
    if job.epoch != epoch {
        return Ok(Err(reported(Outcome::Stale, Some(&job))));
    }
    if job.state != State::Running {
        return Ok(Err(reported(Outcome::Repeated, Some(&job))));
    }
    Ok(Ok(job))
}

/// The stage succeeded: on to the next, under the same lease, or to the end.
pub(super) fn complete<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
    epoch: u32,
    artifacts: Vec<ArtifactRecord>,
) -> Result<Reply, StorageError> {
    let mut job = match held_by(gate, job_id, epoch)? {
        Ok(job) => job,
        Err(reply) => return Ok(reply),
    };
    let record = job.stage_record();
    record.finished_at = Some(gate.now);
    record.artifacts = artifacts;
    if job.stage + 1 >= job.kind.stages().len() {
        // Everything was made before the wish to cancel could reach anybody.
        gate.end(&mut job, State::Succeeded)?;
        gate.fill()?;
    } else if job.cancel_requested {
        gate.end(&mut job, State::Cancelled)?;
        gate.fill()?;
    } else {
        job.stage += 1;
        gate.grant(&mut job)?;
    }
    Ok(reported(Outcome::Accepted, Some(&job)))
}

/// The stage failed: again after a pause drawn with `entropy`, or, without one, for good.
pub(super) fn fail<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
    epoch: u32,
    error: JobError,
    entropy: Option<u32>,
) -> Result<Reply, StorageError> {
    let mut job = match held_by(gate, job_id, epoch)? {
        Ok(job) => job,
        Err(reply) => return Ok(reply),
    };
    if job.cancel_requested {
        gate.end(&mut job, State::Cancelled)?;
        gate.fill()?;
        return Ok(reported(Outcome::Accepted, Some(&job)));
    }
    let record = job.stage_record();
    record.failures = record.failures.saturating_add(1);
    let failures = record.failures;
    job.error = Some(error);
    match entropy.filter(|_| failures < gate.config.max_attempts) {
        Some(entropy) => gate.retry_later(&mut job, failures, entropy)?,
        None => gate.end(&mut job, State::Failed)?,
    }
    gate.fill()?;
    Ok(reported(Outcome::Accepted, Some(&job)))
}

/// The holder did not start: another delivery shall, under the same lease. No attempt is spent.
pub(super) fn hand_back<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
    epoch: u32,
) -> Result<Reply, StorageError> {
    let mut job = match held_by(gate, job_id, epoch)? {
        Ok(job) => job,
        Err(reply) => return Ok(reply),
    };
    if job.cancel_requested {
        gate.end(&mut job, State::Cancelled)?;
        gate.notice(Notice::Ended, &job);
        gate.fill()?;
    } else {
        gate.grant(&mut job)?;
    }
    Ok(reported(Outcome::Accepted, Some(&job)))
}

/// The holder is still at it: the lease goes on from now.
pub(super) fn renew<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
    epoch: u32,
) -> Result<Reply, StorageError> {
    let mut job = match held_by(gate, job_id, epoch)? {
        Ok(job) => job,
        Err(reply) => return Ok(reply),
    };
    job.due = Some(gate.now.after(gate.config.lease));
    gate.save(&job)?;
    Ok(reported(Outcome::Accepted, Some(&job)))
}

/// The job's ticket ended in the dead-letter queue: noted on the job, which goes on; the alarm sends the
/// ticket again as long as it is owed.
pub(super) fn bury<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
    message: String,
) -> Result<Reply, StorageError> {
    let Some(mut job) = gate.store.find(job_id)? else {
        return Ok(reported(Outcome::Stale, None));
    };
    if !job.state.is_final() {
        let code = "dead_lettered".to_owned();
        job.error = Some(JobError {
            code,
            message,
            at: gate.now,
        });
        gate.save(&job)?;
    }
    Ok(reported(Outcome::Accepted, Some(&job)))
}

/// Ends the job at once if nobody works on it; otherwise as soon as its holder reports.
pub(super) fn cancel<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
) -> Result<Reply, StorageError> {
    if let Some(mut job) = gate.store.find(job_id)? {
        if job.state == State::Running && !job.cancel_requested {
            job.cancel_requested = true;
            gate.save(&job)?;
        } else if job.state != State::Running && !job.state.is_final() {
            job.cancel_requested = true;
            gate.end(&mut job, State::Cancelled)?;
            gate.notice(Notice::Ended, &job);
            gate.fill()?;
        }
    }
    view::job(gate, job_id)
}
