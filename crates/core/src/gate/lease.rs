//! Who holds a lease: how it is granted, carried and taken back.

use super::{
    announce::{announce, leave_line},
    command::Grant,
    job::{Job, State},
    store::{Counts, Store},
    turn::Gate,
};
use crate::{line::pause::doubled, storage::StorageError};

/// More than the largest limit of a tier, so that all jobs with a lease are found.
const HELD_MAX: u32 = 1_000;

/// Gives free leases to the best parked jobs, or takes leases above a lowered limit from the worst of the jobs that
/// have not started. Called in every turn that may change either, so that no lease idles while a job is parked.
pub(super) fn level<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    let Counts {
        mut held,
        has_parked,
    } = gate.counts()?;
    let limit = gate.limit();
    if held > limit {
        return shed(gate);
    }
    while has_parked
        && held < limit
        && let Some(mut job) = gate.store.best_parked()?
    {
        // Once granted a lease, it keeps its age through every retry.
        if job.epoch == 0 {
            job.room_at = Some(gate.now);
        }
        grant(gate, &mut job);
        gate.save(&job)?;
        held += 1;
    }
    Ok(())
}

/// Takes leases above a lowered limit from the worst of the jobs that have not begun.
pub(super) fn shed<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    let excess = gate.counts()?.held.saturating_sub(gate.limit());
    if excess == 0 {
        return Ok(());
    }
    let queued = queued(gate)?.into_iter().rev();
    let excess = usize::try_from(excess).unwrap_or(usize::MAX);
    for mut job in queued.filter(|job| !job.has_begun()).take(excess) {
        leave_line(gate, &job)?;
        job.due = None;
        park(&mut job);
        gate.save(&job)?;
    }
    Ok(())
}

/// The jobs that hold a lease and wait for their turn, best first.
pub(super) fn queued<S: Store>(gate: &Gate<'_, S>) -> Result<Vec<Job>, StorageError> {
    let mut jobs = gate.store.page(Some(State::Queued), None, None, HELD_MAX)?;
    jobs.sort_by_cached_key(|job| (job.rank, job.job_id.clone()));
    Ok(jobs)
}

/// Grants the job a lease. Its clock does not run before the job does.
pub(super) fn grant<S: Store>(gate: &mut Gate<'_, S>, job: &mut Job) {
    job.granted_at = Some(gate.now);
    queue(gate, job);
    job.granted_epoch = job.epoch;
}

/// Has the job wait for its turn, under its lease and a new epoch.
pub(super) fn queue<S: Store>(gate: &mut Gate<'_, S>, job: &mut Job) {
    job.state = State::Queued;
    job.epoch = job.epoch.saturating_add(1);
    job.holder = None;
    job.sends = 0;
    announce(gate, job);
}

/// Puts the job into the hands of that holder, under a new epoch: the lease's clock runs from now.
pub(super) fn run_by<S: Store>(
    gate: &mut Gate<'_, S>,
    job: &mut Job,
    holder: &str,
) -> Result<(), StorageError> {
    let now = gate.now;
    job.state = State::Running;
    job.epoch = job.epoch.saturating_add(1);
    job.holder = Some(holder.to_owned());
    job.due = Some(now.after(gate.config.lease));
    job.started_at.get_or_insert(now);
    job.stage_record().started_at.get_or_insert(now);
    gate.save_held(job)
}

/// What the holder of a running job needs.
pub(super) fn grant_of<S: Store>(
    gate: &mut Gate<'_, S>,
    job: &Job,
    payload: String,
    wait_ms: Option<i64>,
) -> Result<Grant, StorageError> {
    Ok(Grant {
        epoch: job.epoch,
        kind: job.kind,
        stage: job.current_stage(),
        tier: job.tier,
        priority: job.priority,
        attempt: job.attempt(),
        wait_ms,
        active: gate.counts()?.held,
        limit: gate.limit(),
        payload,
    })
}

/// Has the job tried again after a pause, without a lease meanwhile. Full jitter: evenly between zero and
/// the doubled back-off, so that failures do not come back together.
pub(super) fn retry_later<S: Store>(
    gate: &mut Gate<'_, S>,
    job: &mut Job,
    failures: u32,
    entropy: u32,
) -> Result<(), StorageError> {
    let longest = doubled(gate.config.retry_backoff, failures.saturating_sub(1));
    let pause = longest.mul_f64(f64::from(entropy) / f64::from(u32::MAX));
    job.state = State::Retrying;
    job.holder = None;
    job.due = Some(gate.now.after(pause));
    gate.save(job)
}

/// Has the job wait for a lease: no attempt is spent, and its age is kept.
pub(super) fn park(job: &mut Job) {
    job.state = State::Parked;
    job.times_parked = job.times_parked.saturating_add(1);
}
