//! Tells the lies of [`Defect`] about times: when a job may start, and which of the ended ones are looked at.

use crate::{memory_store::MemoryStore, planted::Defect};
use queue_core::{
    domain::{Rank, Timestamp},
    gate::{Command, Job, Store},
    storage::StorageError,
};
use std::time::Duration;

/// How much too early a job starts.
const EARLY: Duration = Duration::from_secs(1);

/// A new row.
pub(crate) fn record(defect: Defect, job: &Job) -> Job {
    let mut job = job.clone();
    if defect == Defect::AgeFromSubmission {
        let put_off = job.age_from().millis_since(job.submitted_at);
        let rank = Timestamp::from_millis(job.rank.as_millis() - put_off);
        job.rank = Rank::new(rank, 0, Duration::ZERO);
    }
    job
}

/// A row, as a command finds it.
pub(crate) fn seen(defect: Defect, command: &Command, mut job: Job) -> Job {
    if defect == Defect::StartsLate && matches!(command, Command::Start { .. }) {
        job.window.start_by = None;
    }
    job
}

/// What is due.
pub(crate) fn due(
    rows: &MemoryStore,
    defect: Defect,
    (now, limit): (Timestamp, u32),
) -> Result<Vec<Job>, StorageError> {
    if defect != Defect::StartsEarly {
        return rows.due(now, limit);
    }
    let mut jobs = rows.due(now.after(EARLY), limit)?;
    jobs.retain_mut(|job| {
        let soon = job.window.not_before.filter(|at| *at > now);
        if soon.is_some() {
            job.window.not_before = Some(now);
        }
        soon.is_some() || job.due.is_some_and(|due| due <= now)
    });
    Ok(jobs)
}

/// What has not started in time.
pub(crate) fn late(
    rows: &MemoryStore,
    defect: Defect,
    (now, limit): (Timestamp, u32),
) -> Result<Vec<Job>, StorageError> {
    let mut jobs = rows.late(now, limit)?;
    if defect == Defect::ExpiredCounted {
        for job in &mut jobs {
            job.counted_in = None;
        }
    }
    Ok(jobs)
}

/// The best of the line.
pub(crate) fn best_parked(rows: &MemoryStore) -> Result<Option<Job>, StorageError> {
    let mut best = rows.best_parked()?;
    if let Some(job) = &mut best {
        job.window.start_by = None;
    }
    Ok(best)
}

/// The ended jobs.
pub(crate) fn ended(
    rows: &MemoryStore,
    defect: Defect,
    (by, limit): (Timestamp, u32),
) -> Result<Vec<Job>, StorageError> {
    if defect == Defect::OldestOnly {
        let oldest = oldest_ended(rows)?.into_iter();
        return Ok(oldest.filter(|job| job.due <= Some(by)).collect());
    }
    rows.ended(by, limit)
}

/// When the first of them is to be forgotten, and the first sweep is due.
pub(crate) fn first_ended(
    rows: &MemoryStore,
    defect: Defect,
) -> Result<(Option<Timestamp>, Option<Timestamp>), StorageError> {
    let (ended, sweep) = rows.first_ended()?;
    if defect == Defect::OldestOnly {
        let oldest = oldest_ended(rows)?;
        return Ok((oldest.and_then(|job| job.due), sweep));
    }
    Ok((ended, sweep))
}

fn oldest_ended(rows: &MemoryStore) -> Result<Option<Job>, StorageError> {
    let ended = rows.ended(Timestamp::from_millis(i64::MAX), u32::MAX)?;
    Ok(ended.into_iter().min_by_key(|job| job.job_id.clone()))
}
