//! Deleting a user: what waits ends, what runs is asked to stop, and then everything is forgotten.
//!
//! The account remembers that it is being deleted until its last job is forgotten and the pool knows that none is left.
//! The alarm forgets ended jobs, artifacts first, whatever their age. That takes neither leases nor slots.

use super::{
    command::Reply,
    ending::end,
    job::State,
    open,
    store::Store,
    turn::{Gate, Notice},
};
use crate::{domain::Timestamp, storage::StorageError};

/// Jobs that one call logs as cancelled; a deletion may end tens of thousands.
const NOTICES_MAX: usize = 100;

/// Later than any job is due.
pub(super) const EVER: Timestamp = Timestamp::from_millis(i64::MAX);

/// Begins the deletion, or says how far it is.
pub(super) fn delete_user<S: Store>(gate: &mut Gate<'_, S>) -> Result<Reply, StorageError> {
    if !gate.is_known() {
        return Ok(gone());
    }
    if gate.account.erasing.is_none() {
        gate.account.erasing = Some(gate.now);
        gate.save_account()?;
    }
    let mut running = 0_u32;
    open::each(gate, |gate, mut job| {
        let was_asked = std::mem::replace(&mut job.cancel_requested, true);
        if job.state != State::Running {
            end(gate, &mut job, State::Cancelled)?;
            if gate.effects.notices.len() < NOTICES_MAX {
                gate.notice(Notice::Ended, &job);
            }
            return Ok(());
        }
        running = running.saturating_add(1);
        if was_asked {
            return Ok(());
        }
        gate.save(&job)
    })?;
    let is_gone = go_on(gate)?;
    Ok(Reply::UserDeleted { running, is_gone })
}

/// The answer where nothing is known of the user.
pub(super) const fn gone() -> Reply {
    Reply::UserDeleted {
        running: 0,
        is_gone: true,
    }
}

/// While a user is being deleted: has the alarm forget what has ended, or, after the last job, forgets the account.
/// Says whether that is so.
pub(super) fn go_on<S: Store>(gate: &mut Gate<'_, S>) -> Result<bool, StorageError> {
    if gate.account.erasing.is_none() {
        return Ok(false);
    }
    if gate.store.page(None, None, None, 1)?.is_empty() {
        if gate.store.gone(EVER, 1)?.is_empty() {
            gate.forget_account()?;
            return Ok(true);
        }
        let due = gate.store.next_due()?;
        gate.wake_by(due);
        return Ok(false);
    }
    if !gate.store.forgettable(EVER, 1)?.is_empty() {
        gate.wake_by(Some(gate.now));
    }
    Ok(false)
}
