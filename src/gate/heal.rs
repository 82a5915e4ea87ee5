//! Healing: what the alarm does. Early, late or twice, it only does what is due.

use super::{
    command::Reply,
    job::{Job, JobError, State},
    state::{Gate, Notice},
    store::Store,
};
use crate::{domain::JobId, storage::StorageError};

/// Jobs looked at in one wake-up, so that it stays a short turn; the next follows at once if more are due.
const DUE_MAX: u32 = 100;

/// Does all that is due, and has the alarm ring for the next.
pub(super) fn wake<S: Store>(gate: &mut Gate<'_, S>) -> Result<Reply, StorageError> {
    let due = gate.store.due(gate.now, DUE_MAX)?;
    for mut job in due {
        match job.state {
            State::Queued | State::Granted => {
                gate.send_ticket(&mut job);
                gate.save(&job)?;
                gate.effects.notices.push(Notice::TicketResent(job));
            }
            State::Running => expire(gate, job)?,
            State::Retrying => into_line(gate, &mut job)?,
            State::Succeeded | State::Failed | State::Cancelled => {
                gate.effects.purge.push(job.job_id);
            }
            // A parked job has no time of its own: a freed lease wakes it.
            State::Parked => {}
        }
    }
    gate.fill()?;
    // Jobs to be purged stay due until they are forgotten; the caller does that before the alarm.
    let next = gate.store.next_due()?;
    gate.wake_by(next);
    Ok(Reply::Done)
}

/// Takes the lease back. The holder is taken for dead, so the attempt counts.
fn expire<S: Store>(gate: &mut Gate<'_, S>, mut job: Job) -> Result<(), StorageError> {
    let record = job.stage_record();
    record.failures = record.failures.saturating_add(1);
    let used_up = record.failures >= gate.config.max_attempts;
    job.error = Some(JobError {
        code: "lease_expired".to_owned(),
        message: "the consumer neither finished nor renewed its lease in time".to_owned(),
        at: gate.now,
    });
    gate.effects.notices.push(Notice::LeaseExpired(job.clone()));
    if job.cancel_requested || used_up {
        let state = if job.cancel_requested {
            State::Cancelled
        } else {
            State::Failed
        };
        gate.end(&mut job, state)?;
        gate.effects.notices.push(Notice::Ended(job));
        return Ok(());
    }
    into_line(gate, &mut job)
}

/// Back into the waiting line with the old rank; [`Gate::fill`] takes the best.
fn into_line<S: Store>(gate: &mut Gate<'_, S>, job: &mut Job) -> Result<(), StorageError> {
    job.state = State::Parked;
    job.holder = None;
    job.due = None;
    gate.save(job)
}

/// Forgets finished jobs whose artifacts are gone.
pub(super) fn forget<S: Store>(
    gate: &mut Gate<'_, S>,
    jobs: &[JobId],
) -> Result<Reply, StorageError> {
    for job_id in jobs {
        if let Some(job) = gate.store.find(job_id)?.filter(|job| job.state.is_final()) {
            gate.store.delete(&job)?;
        }
    }
    let next = gate.store.next_due()?;
    gate.wake_by(next);
    Ok(Reply::Done)
}
