//! Forgetting ended jobs: first their artifacts, which takes calls of the bucket, and then the rows.
//!
//! The object deletes the artifacts beside whatever else it does, so that healing never waits for the bucket. What cannot
//! be deleted is tried again after a pause of its own, and holds up no other.

use super::{
    command::Reply,
    erase,
    job::{Job, State},
    memory::Memory,
    store::{Store, Sweep},
    turn::Gate,
    view, words,
};
use crate::{
    domain::{JobId, Timestamp},
    line::pause::{FAR, doubled},
    storage::StorageError,
};
use std::time::Duration;

/// Jobs whose artifacts are deleted at a time; the next follow at once.
const PURGE_MAX: u32 = 10;

/// Jobs that one wake-up gives another date.
const REDATED_MAX: u32 = 100;

/// How long the deletion of one job's artifacts may take; then it has failed.
pub const PURGE_TIMEOUT: Duration = Duration::from_secs(10);

/// Pause after a deletion that failed; doubles with each further one, up to an hour.
const PAUSE: Duration = Duration::from_mins(1);

/// An upload lands by so long after its job ended, or never: an invocation ends after 15 minutes, and the bucket may take
/// its time.
const LANDED_WITHIN: Duration = Duration::from_mins(30);

/// Has the artifacts deleted of what is due, unless some are being deleted.
pub(super) fn purge<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    if gate.purging.is_some() {
        return Ok(());
    }
    redate(gate)?;
    // Not more than half: if they fail, they hold up nothing else.
    let sweeps = gate.store.sweeps(PURGE_MAX / 2)?.into_iter();
    let sweeps = sweeps.filter(|sweep| sweep.due <= gate.now);
    let mut purge: Vec<JobId> = sweeps.map(|sweep| sweep.job_id).collect();
    let left = PURGE_MAX.saturating_sub(u32::try_from(purge.len()).unwrap_or(PURGE_MAX));
    let ended = gate.now.before(gate.config.retention);
    let ended = gate.store.ended(ended, left)?.into_iter();
    purge.extend(ended.map(|job| job.job_id));
    if !purge.is_empty() {
        gate.purging = Memory::purges(gate.now).purging(gate.now);
    }
    gate.effects.purge = purge;
    Ok(())
}

/// What seems to have ended in the future was recorded before the clock was set back: it is kept from now.
fn redate<S: Store>(gate: &Gate<'_, S>) -> Result<(), StorageError> {
    let late = gate.now.after(FAR);
    for sweep in gate.store.sweeps(REDATED_MAX)? {
        if sweep.due > late {
            let due = gate.now.after(LANDED_WITHIN);
            gate.store.save_sweep(&Sweep { due, ..sweep })?;
        }
    }
    for mut job in gate.store.ended_after(late, REDATED_MAX)? {
        job.due = Some(gate.now);
        gate.store.save(&job)?;
    }
    Ok(())
}

/// The artifacts of these `jobs` are gone; those of the `failed` ones could not be deleted.
pub(super) fn forget<S: Store>(
    gate: &mut Gate<'_, S>,
    jobs: &[JobId],
    failed: &[JobId],
) -> Result<Reply, StorageError> {
    gate.purging = None;
    for job_id in jobs {
        if let Some(job) = ended(gate, job_id)? {
            forget_one(gate, &job)?;
        } else {
            lost(gate, job_id)?;
            gate.store.forget_sweep(job_id)?;
        }
    }
    for job_id in failed {
        again(gate, job_id)?;
    }
    erase::finish(gate)?;
    Ok(Reply::Done)
}

/// A sweep deleted the artifacts of this job, or begins to. They go before the record of them, so that a crash in between
/// repeats it.
pub(super) fn swept<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
    begins: bool,
) -> Result<Reply, StorageError> {
    let Some(mut job) = ended(gate, job_id)? else {
        return view::job(gate, job_id);
    };
    job.past.sweeping = begins.then_some(gate.now);
    let mut is_seen = false;
    if !begins {
        is_seen = job.stages.iter().any(|stage| !stage.artifacts.is_empty());
        let stages = job.stages.iter_mut();
        stages.for_each(|stage| stage.artifacts.clear());
        job.past.is_swept = job.state != State::Succeeded;
    }
    if is_seen {
        gate.save_ended(&mut job, false)?;
    } else {
        gate.save_unseen(&job)?;
    }
    view::job(gate, job_id)
}

/// What a job had made was deleted, and it was replayed meanwhile: it makes it once more when it begins its next stage.
fn lost<S: Store>(gate: &Gate<'_, S>, job_id: &JobId) -> Result<(), StorageError> {
    let job = gate.store.find(job_id)?;
    let Some(mut job) = job.filter(|job| !job.state.is_final()) else {
        return Ok(());
    };
    job.past.is_swept = true;
    gate.store.save(&job)
}

fn ended<S: Store>(gate: &Gate<'_, S>, job_id: &JobId) -> Result<Option<Job>, StorageError> {
    let job = gate.store.find(job_id)?;
    Ok(job.filter(|job| job.state.is_final()))
}

/// One that ended a moment ago may have uploads under way, of a holder that died: its artifacts are deleted once more.
fn forget_one<S: Store>(gate: &mut Gate<'_, S>, job: &Job) -> Result<(), StorageError> {
    let landed = job.finished_at.map(|at| at.after(LANDED_WITHIN));
    if let Some(due) = landed.filter(|due| gate.now < *due && job.started_at.is_some()) {
        gate.store.save_sweep(&sweep(gate, &job.job_id, due))?;
    }
    words::gone(gate, job)?;
    gate.store.delete(job)
}

fn again<S: Store>(gate: &mut Gate<'_, S>, job_id: &JobId) -> Result<(), StorageError> {
    if let Some(mut job) = ended(gate, job_id)? {
        let pause = doubled(PAUSE, job.purges);
        job.purges = job.purges.saturating_add(1);
        job.due = Some(gate.now.after(pause).before(gate.config.retention));
        return gate.save_unseen(&job);
    }
    let due = gate.now.after(PAUSE);
    gate.store.save_sweep(&sweep(gate, job_id, due))
}

fn sweep<S: Store>(gate: &Gate<'_, S>, job_id: &JobId, due: Timestamp) -> Sweep {
    Sweep {
        job_id: job_id.clone(),
        user_id: gate.account.user_id.clone(),
        due,
    }
}
