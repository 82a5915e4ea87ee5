//! What the oracle knows of one user.

use super::account::{Bought, Months};
use crate::kinds::{COUNT, OfKind};
use queue_core::domain::{Tier, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// What the oracle knows of one user.
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts, each on its own, and no states of a machine"
)]
#[derive(Clone, Debug, Default)]
pub(crate) struct User {
    /// The tier that holds now.
    pub(crate) tier: Tier,
    /// Jobs in the line.
    pub(crate) parked: u32,
    /// The same, and those with a lease, by kind.
    pub(crate) kinds: [OfKind; COUNT],
    /// Jobs that wait for their next attempt.
    pub(crate) retrying: u32,
    /// Jobs whose time has not come.
    pub(crate) scheduled: u32,
    /// Jobs with a lease.
    pub(crate) held: u32,
    /// Jobs among them that wait for their turn.
    pub(crate) queued: u32,
    /// Jobs among these that ran under the same lease, which they keep.
    pub(crate) begun: u32,
    /// The clock was set while the gate was at work, so that intervals mean nothing.
    pub(crate) stepped: bool,
    /// The limits were changed, and no turn has served the line since.
    pub(crate) redeployed: bool,
    /// The user's subscriptions.
    pub(crate) subscriptions: BTreeMap<String, Bought>,
    /// Those that the user had before a deletion.
    pub(crate) marked: BTreeSet<String>,
    /// The turn that is judged gave the user's jobs a tier.
    pub(crate) repriced: bool,
    /// What was submitted of each kind in each month.
    pub(crate) months: Months,
    /// The user is being deleted.
    pub(crate) erasing: bool,
    /// When the user was forgotten last.
    pub(crate) erased_at: Option<Timestamp>,
    /// The jobs are gone through in slices, and until that is done none is admitted.
    pub(crate) walks: bool,
}
