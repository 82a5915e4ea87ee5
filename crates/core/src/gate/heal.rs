//! Healing: what the alarm does. Early, late or twice, it only does what is due.

use super::{
    announce::announce,
    command::Reply,
    due::DUE_MAX,
    ending, erase, expiry, forget,
    hash::fnv_1a,
    job::{Job, JobError, State},
    lease, reading, reprice, schedule,
    store::Store,
    turn::{Gate, Notice},
    words,
};
use crate::{failures::Word, line::want::Holding, storage::StorageError};

/// Does all that is due, and has the alarm ring for the next.
pub(super) fn wake<S: Store>(gate: &mut Gate<'_, S>, entropy: u32) -> Result<Reply, StorageError> {
    expiry::expire_late(gate)?;
    // What a lowered limit takes back is not made known again.
    lease::shed(gate)?;
    let mut come = Vec::new();
    for mut job in gate.store.due(gate.now, DUE_MAX)? {
        match job.state {
            State::Queued => {
                announce(gate, &mut job);
                gate.save_unseen(&job)?;
                if !gate.config.has_pool && job.sends > 1 {
                    gate.notice(Notice::TicketResent, &job);
                }
            }
            State::Running => expire(gate, job, entropy)?,
            State::Scheduled => come.extend(schedule::look(gate, job)?),
            State::Retrying => into_line(gate, &mut job)?,
            // None of these is ever due here: a freed lease wakes the first, and the others are forgotten below.
            State::Parked
            | State::Succeeded
            | State::Failed
            | State::Cancelled
            | State::Expired => {}
        }
    }
    if gate.account.erasing.is_some() {
        erase::go_on(gate)?;
    } else {
        reprice::go_on(gate)?;
        reading::read(gate)?;
    }
    schedule::park(gate, &come)?;
    tell_again(gate)?;
    words::again(gate)?;
    forget::purge(gate)?;
    // Where there is no pool any more, nobody will confirm what the account still waits for.
    erase::finish(gate)?;
    Ok(Reply::Done)
}

/// Takes the lease back. The holder is taken for dead, so the attempt counts, and its epoch ends.
///
/// The job comes back after a pause of its own: the leases of a dead delivery run out together, and if one
/// of its jobs killed it, the same batch must not form again.
fn expire<S: Store>(
    gate: &mut Gate<'_, S>,
    mut job: Job,
    entropy: u32,
) -> Result<(), StorageError> {
    let failures = job.fail_attempt(JobError {
        code: "lease_expired".to_owned(),
        message: "the consumer did not finish, and did not renew its lease in time".to_owned(),
        at: gate.now,
    });
    job.epoch = job.epoch.saturating_add(1);
    gate.notice(Notice::LeaseExpired, &job);
    if job.cancel_requested || failures >= gate.config.max_attempts {
        let state = if job.cancel_requested {
            State::Cancelled
        } else {
            State::Failed
        };
        ending::end(gate, &mut job, state)?;
        gate.notice(Notice::Ended, &job);
        return Ok(());
    }
    // Begun with the entropy of the wake-up: another number for each job.
    let spread = fnv_1a(entropy, job.job_id.as_str());
    lease::retry_later(gate, &mut job, failures, spread)
}

/// Has those whose pause is over wait again, before a limit that was raised goes to the best.
pub(super) fn come_back<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    let due = gate.store.due(gate.now, DUE_MAX)?.into_iter();
    for mut job in due.filter(|job| job.state == State::Retrying) {
        into_line(gate, &mut job)?;
    }
    Ok(())
}

/// Back into the waiting line with the old rank; [`lease::level`] takes the best.
fn into_line<S: Store>(gate: &mut Gate<'_, S>, job: &mut Job) -> Result<(), StorageError> {
    lease::stand_in_line(gate, job);
    job.holder = None;
    job.due = None;
    gate.save(job)
}

/// Tells the pool again what is gone and was not confirmed.
fn tell_again<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    for gone in gate.store.gone(gate.now, DUE_MAX)? {
        if gate.config.has_pool {
            let due = gate.now.after(gate.config.ticket_resend);
            gate.store.save_gone(&gone, due)?;
            gate.effects.tell.gone.push(gone);
        } else {
            gate.store.forget_gone(&gone)?;
        }
    }
    Ok(())
}

/// The pool knows that these are gone.
pub(super) fn told<S: Store>(
    gate: &mut Gate<'_, S>,
    gone: &[Holding],
) -> Result<Reply, StorageError> {
    for gone in gone {
        gate.store.forget_gone(gone)?;
    }
    erase::finish(gate)?;
    Ok(Reply::Done)
}

/// The list has heard these.
pub(super) fn listed<S: Store>(
    gate: &mut Gate<'_, S>,
    words: &[Word],
) -> Result<Reply, StorageError> {
    for word in words {
        gate.store.forget_word(word)?;
    }
    erase::finish(gate)?;
    Ok(Reply::Done)
}
