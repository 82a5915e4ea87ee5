//! What a gate's object remembers between turns.

use super::{account::Account, store::Counts};
use crate::domain::Timestamp;
use std::time::Duration;

/// By so long after it began, the object has said what became of a deletion of artifacts.
const PURGED_WITHIN: Duration = Duration::from_mins(2);

/// What need not be read again, and what is under way. It may be dropped at any time, and must be when a turn was not kept.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// The account and the leases, as the rows have them.
    pub(super) opening: Option<(Option<Account>, Counts)>,
    /// Artifacts are being deleted, until then at the latest.
    purging: Option<Timestamp>,
    /// Somebody watches. The object says so before each turn.
    pub is_watched: bool,
}

impl Memory {
    /// Drops what is known of the rows.
    pub fn forget_rows(&mut self) {
        self.opening = None;
    }

    /// Artifacts are being deleted from now on.
    #[must_use]
    pub fn purges(now: Timestamp) -> Self {
        Self {
            purging: Some(now.after(PURGED_WITHIN)),
            ..Self::default()
        }
    }

    /// Until when artifacts are being deleted, if they are. A clock that was set back does not make that longer.
    pub(super) fn purging(&self, now: Timestamp) -> Option<Timestamp> {
        self.purging
            .filter(|until| now < *until && *until <= now.after(PURGED_WITHIN))
    }

    /// What is known after a turn.
    pub(super) fn keep(
        &mut self,
        opening: Option<(Option<Account>, Counts)>,
        purging: Option<Timestamp>,
    ) {
        self.opening = opening;
        self.purging = purging;
    }
}
