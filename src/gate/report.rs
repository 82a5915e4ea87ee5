//! Reports of holders, each fenced by its epoch, and the user's cancellation.

use super::{
    command::{Holding, Outcome, Reply},
    job::{ArtifactRecord, Job, JobError, State},
    state::{Gate, Notice, reported},
    store::Store,
    view,
};
use crate::{
    domain::JobId,
    line::{
        Line,
        pause::{PAUSE_MAX, doubled},
    },
    storage::StorageError,
};
use std::time::Duration;

/// Longest pause before a pool that could not be asked is asked again: its slots may idle meanwhile.
const POOL_PAUSE_MAX: Duration = Duration::from_mins(5);

/// Has the holder of `epoch` change its job, and hands on what lease that frees. Anybody else's report changes
/// nothing.
fn as_holder<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
    epoch: u32,
    change: impl FnOnce(&mut Gate<'_, S>, &mut Job) -> Result<(), StorageError>,
) -> Result<Reply, StorageError> {
    let Some(mut job) = gate.store.find(job_id)? else {
        return Ok(reported(Outcome::Stale, None, Vec::new()));
    };
    let is_running = job.state == State::Running;
    if job.epoch == epoch && is_running {
        change(gate, &mut job)?;
        gate.fill()?;
        let handed = std::mem::take(&mut gate.handed);
        return Ok(reported(Outcome::Accepted, Some(&job), handed));
    }
    // Handed on to the same delivery by this very report.
    let went_on = is_running && gate.holder.is_some() && job.holder == gate.holder;
    let outcome = if job.epoch == epoch || (went_on && job.epoch == epoch.saturating_add(1)) {
        Outcome::Repeated
    } else {
        Outcome::Stale
    };
    let handed = gate.held_by_holder()?;
    Ok(reported(outcome, Some(&job), handed))
}

/// The stage succeeded: on to the next, under the same lease, or to the end.
pub(super) fn complete<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
    epoch: u32,
    artifacts: Vec<ArtifactRecord>,
) -> Result<Reply, StorageError> {
    as_holder(gate, job_id, epoch, |gate, job| {
        let record = job.stage_record();
        record.finished_at = Some(gate.now);
        record.artifacts = artifacts;
        if job.stage.saturating_add(1) >= job.kind.stages().len() {
            // Everything was made before the wish to cancel could reach anybody.
            gate.end(job, State::Succeeded)
        } else if job.cancel_requested {
            gate.end(job, State::Cancelled)
        } else {
            job.stage += 1;
            gate.grant(job)
        }
    })
}

/// The stage failed: again after a pause drawn with `entropy`, or, without one, for good.
pub(super) fn fail<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
    epoch: u32,
    error: JobError,
    entropy: Option<u32>,
) -> Result<Reply, StorageError> {
    as_holder(gate, job_id, epoch, |gate, job| {
        if job.cancel_requested {
            return gate.end(job, State::Cancelled);
        }
        let record = job.stage_record();
        record.failures = record.failures.saturating_add(1);
        let failures = record.failures;
        job.error = Some(error);
        match entropy.filter(|_| failures < gate.config.max_attempts) {
            Some(entropy) => gate.retry_later(job, failures, entropy),
            None => gate.end(job, State::Failed),
        }
    })
}

/// The holder did not start: another delivery shall, under the same lease. No attempt is spent.
pub(super) fn hand_back<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
    epoch: u32,
) -> Result<Reply, StorageError> {
    as_holder(gate, job_id, epoch, |gate, job| {
        unstart(job);
        if job.cancel_requested {
            gate.end(job, State::Cancelled)?;
            gate.notice(Notice::Ended, job);
            return Ok(());
        }
        gate.grant(job)
    })
}

/// The holder got no slot: the jobs wait for one under their leases. No attempt is spent.
pub(super) fn wait<S: Store>(
    gate: &mut Gate<'_, S>,
    jobs: &[Holding],
    in_line: bool,
) -> Result<Reply, StorageError> {
    for Holding { job_id, epoch } in jobs {
        as_holder(gate, job_id, *epoch, |gate, job| {
            unstart(job);
            if job.cancel_requested {
                gate.end(job, State::Cancelled)?;
                gate.notice(Notice::Ended, job);
                return Ok(());
            }
            job.state = State::Waiting;
            job.holder = None;
            if job.told_rank != Some(job.rank) {
                // Repriced meanwhile: the pool has it at its old place.
                gate.send_ticket(job);
            } else if in_line {
                // The pool's row owes the ticket; should that be lost with it, the gate's does, too, but rarely:
                // waiting must cost nothing.
                job.due = Some(gate.now.after(PAUSE_MAX));
            } else {
                let pause = doubled(gate.config.ticket_resend, job.sends);
                job.due = Some(gate.now.after(pause.min(POOL_PAUSE_MAX)));
            }
            gate.save(job)
        })?;
    }
    Ok(Reply::Done)
}

/// Forgets a start that did not come to anything: a holder was named, but nothing ran.
fn unstart(job: &mut Job) {
    if job.attempt() == 1 {
        job.stage_record().started_at = None;
        if job.stage == 0 {
            job.started_at = None;
        }
    }
}

/// The holder is still at it: the lease goes on from now.
pub(super) fn renew<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
    epoch: u32,
) -> Result<Reply, StorageError> {
    as_holder(gate, job_id, epoch, |gate, job| {
        job.due = Some(gate.now.after(gate.config.lease));
        gate.save(job)
    })
}

/// The job's ticket ended in the dead-letter queue: noted on the job, which goes on; the alarm sends the
/// ticket again as long as it is owed.
pub(super) fn bury<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
    message: String,
) -> Result<Reply, StorageError> {
    let Some(mut job) = gate.store.find(job_id)? else {
        return Ok(reported(Outcome::Stale, None, Vec::new()));
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
    Ok(reported(Outcome::Accepted, Some(&job), Vec::new()))
}

/// Ends the job at once if nobody works on it; otherwise as soon as its holder reports.
pub(super) fn cancel<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
) -> Result<Reply, StorageError> {
    if let Some(mut job) = gate.store.find(job_id)?.filter(|job| !job.state.is_final()) {
        job.cancel_requested = true;
        if job.state == State::Running {
            gate.save(&job)?;
        } else {
            gate.end(&mut job, State::Cancelled)?;
            gate.notice(Notice::Ended, &job);
            gate.fill()?;
        }
    }
    view::job(gate, job_id)
}
