//! A back end is out: the job keeps its lease, its age and its attempts, and waits; but not for ever.

use super::{
    ending::end_at,
    job::{Job, JobError, MetOutage, State},
    lease,
    store::Store,
    turn::{Gate, Notice},
};
use crate::{
    domain::{Blame, Stage, Timestamp, backend::named},
    line::pause::doubled,
    storage::StorageError,
};
use std::{collections::BTreeMap, time::Duration};

/// The longest pause after a first fault, before the pool hears of the job again; doubles up to [`PAUSE_MAX`].
const PAUSE: Duration = Duration::from_secs(1);

/// The longest of these pauses. Where many jobs meet the fault, the pool's breaker holds them, not this.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// So long after the last fault, the next one begins another wait.
const OVER: Duration = Duration::from_hours(2);

/// How often at least a gate tells of a job that waits, and a little more.
const LOOK: Duration = Duration::from_mins(70);

/// The stage met a fault of a back end. The job keeps its lease and is in the pool's line again after a pause, drawn with
/// `entropy` between half of it and all.
pub(super) fn meet<S: Store>(
    gate: &mut Gate<'_, S>,
    job: &mut Job,
    (error, blame): (JobError, Blame),
    entropy: u32,
) -> Result<(), StorageError> {
    let at = error.at;
    // One that was met long ago is over.
    let is_of = |met: &MetOutage| met.backend == blame.backend && gate.now <= met.at.after(OVER);
    let met = job.outage.filter(is_of);
    let met = met.unwrap_or(MetOutage {
        backend: blame.backend,
        since: gate.now,
        at: gate.now,
        times: 0,
    });
    job.note_failure(&error, Some(blame.backend));
    job.error = Some(error);
    job.outage = Some(MetOutage {
        times: met.times.saturating_add(1),
        at: gate.now,
        ..met
    });
    if gate.now >= met.since.after(gate.config.outage_max) {
        job.error = Some(waited_out(gate));
        return end_at(gate, job, State::Failed, at);
    }
    let longest = doubled(PAUSE, met.times).min(PAUSE_MAX);
    let share = 0.5 + f64::from(entropy) / f64::from(u32::MAX) / 2.0;
    let own = gate.now.after(longest.mul_f64(share));
    job.state = State::Queued;
    job.epoch = job.epoch.saturating_add(1);
    job.holder = None;
    job.sends = 0;
    job.due = Some(named(blame.until, gate.now, own));
    gate.save_held(job)
}

/// The pool says at which stages no job may begin. Those that have waited there for too long end; for the others, the
/// alarm rings in time.
pub(super) fn heard<S: Store>(
    gate: &mut Gate<'_, S>,
    out: &BTreeMap<Stage, Timestamp>,
) -> Result<(), StorageError> {
    // A gate tells at least once an hour of each job that waits, so this is soon enough.
    let soon = gate.now.after(LOOK);
    if !out
        .values()
        .any(|since| since.after(gate.config.outage_max) <= soon)
    {
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
            gate.save_unseen(&job)?;
        }
    }
    if ended {
        lease::level(gate)?;
    }
    Ok(())
}

fn waited_out<S>(gate: &Gate<'_, S>) -> JobError {
    let hours = gate.config.outage_max.as_secs() / 3_600;
    JobError {
        code: "backend_unavailable".to_owned(),
        message: format!("what it needs was out for {hours} hours"),
        at: gate.now,
    }
}

fn give_up<S: Store>(gate: &mut Gate<'_, S>, job: &mut Job) -> Result<(), StorageError> {
    job.error = Some(waited_out(gate));
    end_at(gate, job, State::Failed, gate.now)?;
    gate.notice(Notice::Ended, job);
    Ok(())
}
