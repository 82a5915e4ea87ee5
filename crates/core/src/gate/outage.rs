//! A back end is out: the job keeps its lease, its age and its attempts, and waits; but not for ever.

use super::{
    ending::end_at,
    job::{Job, JobError, MetOutage, State},
    lease,
    store::Store,
    turn::{Gate, Notice},
};
use crate::{
    domain::{Blame, Stage, Timestamp},
    line::pause::doubled,
    storage::StorageError,
};
use std::{collections::BTreeMap, time::Duration};

/// The longest pause after a first fault, before the pool hears of the job again; doubles up to [`PAUSE_MAX`].
const PAUSE: Duration = Duration::from_secs(1);

/// The longest of these pauses. Where many jobs meet the fault, the pool's breaker holds them, not this.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// The stage met a fault of a back end. The job keeps its lease and is in the pool's line again after a pause, drawn with
/// `entropy` between half of it and all.
pub(super) fn meet<S: Store>(
    gate: &mut Gate<'_, S>,
    job: &mut Job,
    (error, blame): (JobError, Blame),
    entropy: u32,
) -> Result<(), StorageError> {
    let at = error.at;
    let met = job.outage.filter(|met| met.backend == blame.backend);
    let met = met.unwrap_or(MetOutage {
        backend: blame.backend,
        since: gate.now,
        times: 0,
    });
    job.error = Some(error);
    job.outage = Some(MetOutage {
        times: met.times.saturating_add(1),
        ..met
    });
    if gate.now >= met.since.after(gate.config.outage_max) {
        return end_at(gate, job, State::Failed, at);
    }
    let longest = doubled(PAUSE, met.times).min(PAUSE_MAX);
    let share = 0.5 + f64::from(entropy) / f64::from(u32::MAX) / 2.0;
    job.state = State::Queued;
    job.epoch = job.epoch.saturating_add(1);
    job.holder = None;
    job.sends = 0;
    job.due = Some(gate.now.after(longest.mul_f64(share)));
    gate.wake_by(job.due);
    gate.save_held(job)
}

/// The pool says at which stages no job may begin. Those that have waited there for too long end; for the others, the
/// alarm rings in time.
pub(super) fn heard<S: Store>(
    gate: &mut Gate<'_, S>,
    out: &BTreeMap<Stage, Timestamp>,
) -> Result<(), StorageError> {
    if out.is_empty() {
        return Ok(());
    }
    let mut ended = false;
    for mut job in lease::queued(gate)? {
        let Some(since) = out.get(&job.current_stage()) else {
            continue;
        };
        let waits_since = job.granted_at.map_or(*since, |at| at.max(*since));
        let until = waits_since.after(gate.config.outage_max);
        if until <= gate.now {
            give_up(gate, &mut job)?;
            ended = true;
        } else if job.due.is_none_or(|due| until < due) {
            job.due = Some(until);
            gate.wake_by(job.due);
            gate.save_held(&job)?;
        }
    }
    if ended {
        lease::level(gate)?;
    }
    Ok(())
}

fn give_up<S: Store>(gate: &mut Gate<'_, S>, job: &mut Job) -> Result<(), StorageError> {
    let hours = gate.config.outage_max.as_secs() / 3_600;
    job.error = Some(JobError {
        code: "backend_unavailable".to_owned(),
        message: format!("what it needs was out for {hours} hours"),
        at: gate.now,
    });
    end_at(gate, job, State::Failed, gate.now)?;
    gate.notice(Notice::Ended, job);
    Ok(())
}
