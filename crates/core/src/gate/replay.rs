//! An ended job begins anew: at the stage at which it ended, with what the stages before it made, and with its age.
//!
//! One that has failed ages on while it lies there: it did not ask for that. One that was cancelled or has expired has the age
//! that it had then; otherwise who submits and cancels today would be ahead of everybody tomorrow.
//!
//! What asks for it may be repeated. A job that is on its way is answered as it is; the key of who asked, and of a replay of
//! many its id and the epoch at which the job had ended, keep a late call from replaying a job that has failed again since.

use super::{
    command::{Replay, ReplayOutcome, Reply},
    job::{Job, State},
    lease,
    past::{Entry, LastReplay},
    quota, reprice,
    store::Store,
    submit,
    turn::{Gate, Notice},
    view, words,
};
use crate::{
    domain::{JobId, Timestamp},
    storage::StorageError,
};
use std::time::Duration;

/// How long a deletion of a job's artifacts may be under way; then whoever did it is dead.
const SWEPT_WITHIN: Duration = Duration::from_mins(15);

/// A job that is replayed with many ranks as if it came so much later: what comes live in that time goes ahead of it where
/// the tiers are equal, so that a crowd of replays does not stand before live jobs.
const YIELDS: Duration = Duration::from_mins(1);

pub(super) fn replay<S: Store>(gate: &mut Gate<'_, S>, ask: Replay) -> Result<Reply, StorageError> {
    if gate.account.erasing.is_some() {
        return Ok(Reply::Erasing);
    }
    let found = gate.store.find(&ask.job_id)?;
    let Some(mut job) = found.filter(|job| !is_being_forgotten(gate, job)) else {
        return Ok(Reply::Replayed {
            outcome: ReplayOutcome::Unknown,
            view: None,
        });
    };
    if let Some(outcome) = settled(&job, &ask, gate.now) {
        return answer(gate, outcome, &job.job_id);
    }
    let counts = counts(&job);
    let account = gate.account.clone();
    if let Some(exceeded) = quota::leaves_no_room(gate, &account, &job.kind, counts)? {
        return Ok(Reply::QuotaExceeded { exceeded });
    }
    if counts {
        let mut account = account;
        job.counted_in = quota::count(gate, &mut account, &job.kind);
        gate.account = account;
        gate.save_account()?;
    }
    // Who waits already goes first, where a lease is free.
    lease::level(gate)?;
    words::gone(gate, &job)?;
    begin_anew(gate, &mut job, ask);
    gate.notice(Notice::Replayed, &job);
    submit::admit(gate, &mut job)?;
    gate.save(&mut job)?;
    answer(gate, ReplayOutcome::Begun, &job.job_id)
}

/// What is answered where nothing is to be done.
fn settled(job: &Job, ask: &Replay, now: Timestamp) -> Option<ReplayOutcome> {
    let last = job.past.last.as_ref();
    if let Some(run) = &ask.run {
        let is_done =
            |last: &LastReplay| last.run.as_ref() == Some(&run.id) && last.epoch == run.epoch;
        if last.is_some_and(is_done) {
            return Some(ReplayOutcome::Begun);
        }
        if job.state != State::Failed || job.epoch != run.epoch {
            return Some(ReplayOutcome::Changed);
        }
    }
    let is_same = |last: &LastReplay| ask.key.is_some() && last.key == ask.key;
    if last.is_some_and(is_same) || !job.state.is_final() {
        return Some(ReplayOutcome::Repeated);
    }
    if job.state == State::Succeeded {
        return Some(ReplayOutcome::Succeeded);
    }
    let sweeping = job.past.sweeping;
    let is_sweeping = |since: &Timestamp| *since <= now && now < since.after(SWEPT_WITHIN);
    sweeping
        .filter(is_sweeping)
        .map(|_| ReplayOutcome::Sweeping)
}

/// Whether its retention has passed: its artifacts may be half deleted.
fn is_being_forgotten<S: Store>(gate: &Gate<'_, S>, job: &Job) -> bool {
    let passed = gate.now.before(gate.config.retention);
    let is_due = job.due.is_some_and(|due| due <= passed);
    job.state.is_final() && (is_due || job.purges > 0)
}

/// Whether it counts in no month any more, or never did: it ended before its first start, at its user's word or since it was late.
fn counts(job: &Job) -> bool {
    job.started_at.is_none() && job.state != State::Failed
}

/// From when the age of a job counts that is replayed by itself.
fn aged_from(job: &Job, now: Timestamp) -> Timestamp {
    let from = job.age_from();
    match job.finished_at.filter(|_| job.state != State::Failed) {
        Some(ended) => {
            let age = u64::try_from(ended.millis_since(from)).unwrap_or(0);
            // Where the clock was set back since, it is no older than it was.
            now.before(Duration::from_millis(age)).max(job.submitted_at)
        }
        None => from.min(now),
    }
}

fn begin_anew<S: Store>(gate: &Gate<'_, S>, job: &mut Job, ask: Replay) {
    let ended = job.epoch;
    // Whoever held it before is late.
    job.epoch = job.epoch.saturating_add(1);
    let from = job.state;
    let aged_from = aged_from(job, gate.now);
    let error = job.error.take();
    // A sweep that did not say that it was done may have deleted some.
    if job.past.is_swept || job.past.sweeping.is_some() {
        job.begin_at_first();
    } else if job.stage_record().finished_at.is_some() {
        // It was cancelled while this stage was done.
        job.stage = job.stage.saturating_add(1);
    }
    job.stage_record().failures = 0;
    job.outage = None;
    job.finished_at = None;
    job.cancel_requested = false;
    job.due = None;
    job.purges = 0;
    job.holder = None;
    job.sends = 0;
    job.past.sweeping = None;
    let window = std::mem::take(&mut job.window);
    let loses_its_place = ask.run.is_some() || from != State::Failed;
    if ask.run.is_some() {
        job.past.aged_from = Some(gate.now.max(job.submitted_at).after(YIELDS));
    } else if loses_its_place || window.not_before.is_some() {
        job.past.aged_from = Some(aged_from);
    }
    if loses_its_place {
        (job.room_at, job.granted_at) = (None, None);
    }
    let quota = gate.config.kinds.quota(&job.kind, gate.account.tier);
    job.max_chars = quota.max_chars;
    reprice::age(gate, job, ask.tier_ceiling);
    let run = ask.run.map(|run| run.id);
    let entry = Entry::Replayed {
        at: gate.now,
        stage: job.current_stage(),
        from,
        error,
        run: run.clone(),
    };
    let last = LastReplay {
        at: gate.now,
        epoch: ended,
        key: ask.key,
        run,
    };
    job.past.replayed(entry, last);
}

fn answer<S: Store>(
    gate: &mut Gate<'_, S>,
    outcome: ReplayOutcome,
    job_id: &JobId,
) -> Result<Reply, StorageError> {
    let view = view::shown(gate, job_id)?;
    Ok(Reply::Replayed { outcome, view })
}
