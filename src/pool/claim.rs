//! A claim as the pool keeps it.

use crate::domain::{Rank, Ticket, Timestamp};
use serde::{Deserialize, Serialize};

/// What a claim has got; the diagram is in [`super`].
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Hold {
    /// A place in the line.
    Parked,
    /// A slot; the job's ticket is on the way.
    Granted,
    /// A slot; a consumer has it.
    Held,
}

impl Hold {
    /// Whether it has a slot.
    #[must_use]
    pub const fn has_slot(self) -> bool {
        matches!(self, Self::Granted | Self::Held)
    }
}

/// A job that has, or wants, a slot. This is also its stored form, so a new field needs a default.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// The ticket to send when it gets a slot.
    pub ticket: Ticket,
    /// The epoch of the lease it was claimed under.
    pub epoch: u32,
    /// Its place in the line.
    pub rank: Rank,
    /// What it has.
    pub hold: Hold,
    /// When the alarm must look at it: send the ticket again, or take the slot back.
    pub due: Option<Timestamp>,
    /// How often its present ticket was sent.
    pub sends: u32,
}
