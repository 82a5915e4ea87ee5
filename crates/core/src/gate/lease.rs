//! Who holds a lease: how it is granted, carried and taken back.

pub(super) use super::bound::{Bound, bound, bound_of_user};

use super::{
    announce::{announce, leave_line},
    command::Grant,
    expiry,
    job::{Job, State},
    store::Store,
    turn::Gate,
};
use crate::{
    domain::{JobId, Kind, Rank},
    line::pause::doubled,
    storage::StorageError,
};
use std::time::Duration;

/// More than any user's limit, and nobody's, so that all jobs with a lease are found.
pub(super) const HELD_MAX: u32 = 2_000;

/// Parked jobs that one turn moves to the line of their kind, after a deploy gave it a limit, or ends since they are late.
const MOVED_MAX: u32 = 100;

/// Gives free leases to the best parked jobs, or takes leases above a lowered limit from the worst of the jobs that
/// have not started. Called in every turn that may change either, so that no lease idles while a job is parked that may
/// have it.
pub(super) fn level<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    let mut held = gate.counts()?.held;
    let limit = gate.limit();
    if held > limit {
        return shed(gate);
    }
    if gate.account.walk.is_some() {
        return Ok(());
    }
    let mut moves = 0;
    while held < limit
        && let Some(mut job) = next_parked(gate, &mut moves)?
    {
        if job.is_late(gate.now) {
            expiry::expire(gate, &mut job)?;
            moves += 1;
            continue;
        }
        // Once granted a lease, it keeps its age through every retry. One whose time has just come did not wait for room.
        if job.granted_at.is_none() && job.times_parked > 0 {
            job.room_at = Some(gate.now);
        }
        grant(gate, &mut job);
        gate.save(&mut job)?;
        held += 1;
    }
    Ok(())
}

/// The parked job that goes next: the best of those whose kind is below its limit; none, once so many were moved that the
/// next turn goes on.
fn next_parked<S: Store>(
    gate: &mut Gate<'_, S>,
    moves: &mut u32,
) -> Result<Option<Job>, StorageError> {
    let mut best = None;
    if gate.counts()?.has_parked {
        best = unlimited(gate, moves)?;
    }
    if *moves >= MOVED_MAX {
        gate.wake_by(Some(gate.now));
        return Ok(None);
    }
    if gate.counts()?.has_parked_by_kind {
        for job in gate.store.best_of_kinds()? {
            let is_better = best.as_ref().is_none_or(|best| place(&job) < place(best));
            if is_better && kind_has_room(gate, &job)? {
                best = Some(job);
            }
        }
    }
    Ok(best)
}

/// The best of the common line. Where its kind has a limit since it was parked, it goes into the line of its kind.
fn unlimited<S: Store>(
    gate: &mut Gate<'_, S>,
    moves: &mut u32,
) -> Result<Option<Job>, StorageError> {
    while *moves < MOVED_MAX {
        let Some(mut job) = gate.store.best_parked()? else {
            return Ok(None);
        };
        if gate.config.kinds.limit(&job.kind).is_none() {
            return Ok(Some(job));
        }
        job.by_kind = true;
        gate.save(&mut job)?;
        *moves += 1;
    }
    Ok(None)
}

fn place(job: &Job) -> (Rank, &JobId) {
    (job.rank, &job.job_id)
}

/// Whether the job may have a lease now.
pub(super) fn has_room<S: Store>(gate: &mut Gate<'_, S>, job: &Job) -> Result<bool, StorageError> {
    Ok(gate.counts()?.held < gate.limit() && kind_has_room(gate, job)?)
}

fn kind_has_room<S: Store>(gate: &Gate<'_, S>, job: &Job) -> Result<bool, StorageError> {
    let Some(limit) = gate.config.kinds.limit(&job.kind) else {
        return Ok(true);
    };
    Ok(gate.store.held_of(&job.kind)? < limit)
}

/// Takes leases above a lowered limit from the worst of the jobs that have not begun.
pub(super) fn shed<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    let excess = gate.counts()?.held.saturating_sub(gate.limit());
    take_back(gate, excess, |_| true)
}

/// The same for the limit of a kind, which only a deploy lowers: before a job of it begins. Says whether it took any.
pub(super) fn shed_kind<S: Store>(
    gate: &mut Gate<'_, S>,
    kind: &Kind,
) -> Result<bool, StorageError> {
    let limit = gate.config.kinds.limit(kind).unwrap_or(u32::MAX);
    let excess = gate.store.held_of(kind)?.saturating_sub(limit);
    take_back(gate, excess, |job| job.kind == *kind)?;
    Ok(excess > 0)
}

/// Takes so many leases from the worst such jobs that have not begun.
fn take_back<S: Store>(
    gate: &mut Gate<'_, S>,
    excess: u32,
    is_such: impl Fn(&Job) -> bool,
) -> Result<(), StorageError> {
    if excess == 0 {
        return Ok(());
    }
    let queued = queued(gate)?.into_iter().rev();
    let excess = usize::try_from(excess).unwrap_or(usize::MAX);
    for mut job in queued
        .filter(|job| !job.has_begun() && is_such(job))
        .take(excess)
    {
        leave_line(gate, &job)?;
        job.due = None;
        park(gate, &mut job);
        gate.save(&mut job)?;
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
    if job.past.is_swept {
        // What it had made was deleted when it was replayed.
        job.begin_at_first();
    }
    job.state = State::Running;
    job.epoch = job.epoch.saturating_add(1);
    job.holder = Some(holder.to_owned());
    job.due = Some(now.after(gate.config.lease));
    job.started_at.get_or_insert(now);
    let record = job.stage_record();
    record.started_at.get_or_insert(now);
    record.began_at = Some(now);
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
        kind: job.kind.clone(),
        stage: job.current_stage(),
        is_last: job.is_at_last_stage(),
        next: job
            .stages
            .get(job.stage.saturating_add(1))
            .map(|stage| stage.name),
        tier: job.tier,
        priority: job.priority,
        attempt: job.attempt(),
        wait_ms,
        active: gate.counts()?.held,
        limit: gate.limit(),
        max_chars: job.max_chars,
        made: job
            .stages
            .iter()
            .take(job.stage)
            .flat_map(|stage| stage.artifacts.iter().cloned())
            .collect(),
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
    pause(
        gate,
        job,
        longest.mul_f64(f64::from(entropy) / f64::from(u32::MAX)),
    )
}

/// Has the job wait so long, without a lease.
pub(super) fn pause<S: Store>(
    gate: &mut Gate<'_, S>,
    job: &mut Job,
    pause: Duration,
) -> Result<(), StorageError> {
    job.state = State::Retrying;
    job.holder = None;
    job.due = Some(gate.now.after(pause));
    gate.save(job)
}

/// Has the job wait for a lease: no attempt is spent, and its age is kept.
pub(super) fn park<S>(gate: &Gate<'_, S>, job: &mut Job) {
    stand_in_line(gate, job);
    job.times_parked = job.times_parked.saturating_add(1);
}

/// Puts it into the line of its kind, if that has a limit of its own, or into the common one.
pub(super) fn stand_in_line<S>(gate: &Gate<'_, S>, job: &mut Job) {
    job.state = State::Parked;
    job.by_kind = gate.config.kinds.limit(&job.kind).is_some();
}
