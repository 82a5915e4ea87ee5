//! Reports of holders, each fenced by its epoch, and the user's cancellation.

use super::{
    announce::want,
    command::{Going, Grant, Outcome, Reply},
    ending::{end, end_at},
    job::{ArtifactRecord, Job, JobError, State},
    lease, outage,
    store::Store,
    turn::{Gate, Notice},
    view,
};
use crate::{
    domain::{Blame, JobId, Timestamp},
    line::pause::PAUSE_MAX,
    storage::StorageError,
};
use std::time::Duration;

/// Has the holder of `epoch` end its work on the job, and hands over what lease that frees. Anybody else's report
/// changes nothing.
fn as_holder<S: Store>(
    gate: &mut Gate<'_, S>,
    (job_id, epoch): (&JobId, u32),
    going: Going,
    change: impl FnOnce(&mut Gate<'_, S>, &mut Job) -> Result<(), StorageError>,
) -> Result<Reply, StorageError> {
    gate.carries = going.carries;
    let Some(mut job) = gate.store.find(job_id)? else {
        return Ok(Reply::reported(Outcome::Stale, None));
    };
    if job.epoch == epoch && job.state == State::Running {
        job.reported = epoch;
        change(gate, &mut job)?;
        lease::level(gate)?;
        let next = next_stage(gate, &job, epoch, going)?;
        let granted = std::mem::take(&mut gate.granted);
        return Ok(Reply::reported_with(
            Outcome::Accepted,
            Some(&job),
            next,
            granted,
        ));
    }
    if job.reported != epoch {
        return Ok(Reply::reported(Outcome::Stale, Some(&job)));
    }
    // Its first answer may have been lost, and what it was to take along with it.
    let next = next_stage(gate, &job, epoch, going)?;
    let queued = if going.carries {
        lease::queued(gate)?
    } else {
        Vec::new()
    };
    // Those that wait out a pause for a back end are told when it is over.
    let told = queued.iter().filter(|job| job.sends > 0);
    let granted = told.map(|job| want(gate, job)).collect();
    Ok(Reply::reported_with(
        Outcome::Repeated,
        Some(&job),
        next,
        granted,
    ))
}

/// What the delivery goes on with: the stage after that of `epoch`.
fn next_stage<S: Store>(
    gate: &mut Gate<'_, S>,
    job: &Job,
    epoch: u32,
    going: Going,
) -> Result<Option<Grant>, StorageError> {
    if !going.on || job.state != State::Running || job.epoch != epoch.saturating_add(1) {
        return Ok(None);
    }
    let payload = gate.store.payload(&job.job_id)?;
    let missing = || StorageError(format!("job {} has no payload", job.job_id));
    let payload = payload.ok_or_else(missing)?;
    lease::grant_of(gate, job, payload, None).map(Some)
}

/// When the work of the current stage ended, by the clock of who did it: neither before its start nor after now.
fn worked_until<S>(gate: &Gate<'_, S>, job: &mut Job, at: Timestamp) -> Timestamp {
    let began = job.stage_record().started_at;
    began.map_or(at, |began| at.max(began)).min(gate.now)
}

/// The stage succeeded: on to the next, under the same lease, or to the end.
pub(super) fn complete<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
    epoch: u32,
    (artifacts, ended_at): (Vec<ArtifactRecord>, Option<Timestamp>),
    going: Going,
) -> Result<Reply, StorageError> {
    as_holder(gate, (job_id, epoch), going, |gate, job| {
        let at = worked_until(gate, job, ended_at.unwrap_or(gate.now));
        let record = job.stage_record();
        record.finished_at = Some(at);
        record.artifacts = artifacts;
        job.outage = None;
        if job.is_at_last_stage() {
            // Everything was made before the wish to cancel could reach anybody.
            end_at(gate, job, State::Succeeded, at)
        } else if job.cancel_requested {
            end_at(gate, job, State::Cancelled, at)
        } else {
            job.stage += 1;
            if let Some(holder) = job.holder.clone().filter(|_| going.on) {
                lease::run_by(gate, job, &holder)
            } else {
                lease::queue(gate, job);
                gate.save_held(job)
            }
        }
    })
}

/// The stage failed: again after a pause drawn with `entropy`, or, without one, for good. Where a back end is to blame, the
/// job waits for that, and no attempt is spent.
pub(super) fn fail<S: Store>(
    gate: &mut Gate<'_, S>,
    holding: (&JobId, u32),
    (mut error, blame): (JobError, Option<Blame>),
    entropy: Option<u32>,
    going: Going,
) -> Result<Reply, StorageError> {
    as_holder(gate, holding, going, |gate, job| {
        let at = worked_until(gate, job, error.at);
        error.at = at;
        if job.cancel_requested {
            job.note_failure(&error, None);
            return end_at(gate, job, State::Cancelled, at);
        }
        if let (Some(blame), Some(entropy)) = (blame, entropy) {
            return outage::meet(gate, job, (error, blame), entropy);
        }
        job.outage = None;
        let failures = job.fail_attempt(error);
        match entropy.filter(|_| failures < gate.config.max_attempts) {
            Some(entropy) => lease::retry_later(gate, job, failures, entropy),
            None => end_at(gate, job, State::Failed, at),
        }
    })
}

/// The work cannot be done now: the job waits for another slot under its lease or, with a pause, without one. No attempt is
/// spent.
pub(super) fn requeue<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
    epoch: u32,
    pause_ms: Option<u32>,
    going: Going,
) -> Result<Reply, StorageError> {
    as_holder(gate, (job_id, epoch), going, |gate, job| {
        if job.cancel_requested {
            return end(gate, job, State::Cancelled);
        }
        if let Some(millis) = pause_ms {
            let pause = Duration::from_millis(millis.into()).min(PAUSE_MAX);
            return lease::pause(gate, job, pause);
        }
        lease::queue(gate, job);
        gate.save_held(job)
    })
}

/// The holder is still at it: the lease goes on from now.
pub(super) fn renew<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
    epoch: u32,
) -> Result<Reply, StorageError> {
    let Some(mut job) = gate.store.find(job_id)? else {
        return Ok(Reply::reported(Outcome::Stale, None));
    };
    if job.epoch != epoch || job.state != State::Running {
        return Ok(Reply::reported(Outcome::Stale, Some(&job)));
    }
    job.due = Some(gate.now.after(gate.config.lease));
    gate.save_unseen(&job)?;
    lease::level(gate)?;
    Ok(Reply::reported(Outcome::Accepted, Some(&job)))
}

/// The job's ticket ended in the dead-letter queue: noted on the job, which goes on; as long as it
/// waits for its turn, the alarm makes it known again.
pub(super) fn bury<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
    message: String,
) -> Result<Reply, StorageError> {
    let Some(mut job) = gate.store.find(job_id)? else {
        return Ok(Reply::reported(Outcome::Stale, None));
    };
    if !job.state.is_final() {
        let code = "dead_lettered".to_owned();
        job.error = Some(JobError {
            code,
            message,
            at: gate.now,
        });
        gate.save(&mut job)?;
    }
    Ok(Reply::reported(Outcome::Accepted, Some(&job)))
}

/// Ends the job at once if nobody works on it; otherwise as soon as its holder reports.
pub(super) fn cancel<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
) -> Result<Reply, StorageError> {
    if let Some(mut job) = gate.store.find(job_id)?.filter(|job| !job.state.is_final()) {
        job.cancel_requested = true;
        if job.state == State::Running {
            gate.save(&mut job)?;
        } else {
            end(gate, &mut job, State::Cancelled)?;
            gate.notice(Notice::Ended, &job);
            lease::level(gate)?;
        }
    }
    view::job(gate, job_id)
}
