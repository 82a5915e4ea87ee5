//! Where a job is in its life, and why it, or an attempt of it, failed.

use crate::domain::{Timestamp, named::named};
use serde::{Deserialize, Serialize};

named! {
    /// Where a job is in its life; the diagram is in [`super`].
    #[derive(Ord, PartialOrd)]
    pub enum State {
        /// Its time has not come. Waits, without a lease, for the alarm of then.
        Scheduled = "scheduled",
        /// Holds a lease, whose clock does not run yet, and waits for its turn. Left by its start, or when a lowered
        /// limit takes the lease back.
        Queued = "queued",
        /// In the user's waiting line, without a lease. Left when a lease frees.
        Parked = "parked",
        /// Holds a lease; a holder works on it. Left by the holder's report or when the lease runs out.
        Running = "running",
        /// Failed for a time; waits, without a lease, until it is due.
        Retrying = "retrying",
        /// Every stage is done.
        Succeeded = "succeeded",
        /// Ended without success; the error says why.
        Failed = "failed",
        /// Ended because the user said so.
        Cancelled = "cancelled",
        /// Ended because it had not started by the time that its submission gave.
        Expired = "expired",
    }
}

impl State {
    /// Whether a job in this state holds a lease.
    #[must_use]
    pub const fn holds_lease(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }

    /// Whether nothing will happen to the job any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::Failed | Self::Cancelled | Self::Expired
        )
    }
}

/// Why a job, or an attempt of it, failed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobError {
    /// A stable word to branch on.
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// When it happened.
    pub at: Timestamp,
}
