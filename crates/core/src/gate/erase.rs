//! Deleting a user: what waits ends, what runs is asked to stop, and then everything is forgotten.
//!
//! The account remembers that it is being deleted until its last job is forgotten and the pool knows that none is left.
//! The alarm forgets ended jobs, artifacts first, whatever their age. That takes neither leases nor slots.

use super::{
    command::Reply,
    ending::end,
    job::{Job, State},
    store::Store,
    turn::{Gate, Notice},
    walk,
};
use crate::{domain::Timestamp, storage::StorageError};
use std::time::Duration;

/// Later than anything is due.
const EVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// How long a call may be on its way.
const ON_THE_WAY: Duration = Duration::from_mins(5);

/// What has ended comes last: by then, that is all jobs but those that run.
const ROUTE: walk::Route = &[
    Some(State::Scheduled),
    Some(State::Retrying),
    Some(State::Parked),
    None,
];

/// Begins the deletion, or says how far it is.
pub(super) fn delete_user<S: Store>(gate: &mut Gate<'_, S>) -> Result<Reply, StorageError> {
    if !gate.is_known() {
        // What was on its way when the deletion came must make no account either.
        gate.forget_account()?;
        return Ok(Reply::UserDeleted {
            running: 0,
            is_gone: true,
        });
    }
    if gate.account.erasing.is_none() {
        gate.account.erasing = Some(gate.now);
        walk::begin(gate, ROUTE, visit)?;
    }
    let is_gone = finish(gate)?;
    let running = if is_gone {
        0
    } else {
        gate.store.count(State::Running)?
    };
    Ok(Reply::UserDeleted { running, is_gone })
}

/// Whether what was asked then was on its way when the user was deleted: it would bring the user back. A call that its caller has
/// given up may arrive late, but not by much.
pub(super) fn was_on_the_way<S: Store>(
    gate: &Gate<'_, S>,
    asked_at: Timestamp,
) -> Result<bool, StorageError> {
    if gate.is_known() {
        return Ok(false);
    }
    let erased_at = gate.store.erased()?.map(|erased| erased.at);
    let is_recent = |at: &Timestamp| *at <= gate.now && gate.now < at.after(ON_THE_WAY);
    Ok(erased_at.filter(is_recent).is_some_and(|at| asked_at < at))
}

/// The next slice.
pub(super) fn go_on<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    walk::go_on(gate, ROUTE, visit)
}

fn visit<S: Store>(gate: &mut Gate<'_, S>, mut job: Job) -> Result<(), StorageError> {
    let forgotten_from = gate.now.before(gate.config.retention);
    if job.state.is_final() {
        let is_due = job.due.is_some_and(|due| due <= forgotten_from);
        if is_due || job.purges > 0 {
            return Ok(());
        }
        job.due = Some(forgotten_from);
        return gate.save_unseen(&job);
    }
    let was_asked = std::mem::replace(&mut job.cancel_requested, true);
    if job.state != State::Running {
        end(gate, &mut job, State::Cancelled)?;
        gate.notice(Notice::Ended, &job);
        return Ok(());
    }
    if was_asked {
        return Ok(());
    }
    gate.save_held(&mut job)
}

/// While a user is being deleted: forgets the account after the last job. Says whether that is so.
pub(super) fn finish<S: Store>(gate: &mut Gate<'_, S>) -> Result<bool, StorageError> {
    let is_left = gate.account.erasing.is_none()
        || !gate.store.page(None, None, None, 1)?.is_empty()
        || !gate.store.gone(EVER, 1)?.is_empty()
        || !gate.store.words(EVER, 1)?.is_empty();
    if !is_left {
        gate.forget_account()?;
    }
    gate.arm()?;
    Ok(!is_left)
}
