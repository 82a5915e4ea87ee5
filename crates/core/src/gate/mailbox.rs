//! Giving a user a mailbox. Which one counts is decided here alone, so the one before ends at once.

use super::{command::Reply, erase, store::Store, turn::Gate, view};
use crate::{
    domain::{Mailbox, Timestamp},
    storage::StorageError,
};

/// From now on mails go to this one, unless the user is being deleted, or was deleted after this was asked.
pub(super) fn set<S: Store>(
    gate: &mut Gate<'_, S>,
    mailbox: Mailbox,
    asked_at: Timestamp,
) -> Result<Reply, StorageError> {
    if gate.account.erasing.is_some() || erase::was_on_the_way(gate, asked_at)? {
        return Ok(Reply::Erasing);
    }
    gate.account.mailbox = Some(mailbox);
    gate.save_account()?;
    view::account(gate)
}
