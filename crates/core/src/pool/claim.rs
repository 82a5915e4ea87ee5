//! A claim as the pool keeps it.

use crate::{
    domain::{JobId, Rank, Stage, Timestamp},
    line::want::Want,
};
use serde::{Deserialize, Serialize};

/// What a claim has; the diagram is in [`super`].
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Hold {
    /// A place in the line; `parked` in rows.
    #[serde(rename = "parked")]
    Waiting,
    /// A slot; a delivery was given the job and has not confirmed its start.
    Given,
    /// A slot; the job runs.
    Held,
}

impl Hold {
    /// Whether it has a slot.
    #[must_use]
    pub const fn has_slot(self) -> bool {
        matches!(self, Self::Given | Self::Held)
    }
}

/// A job that has, or waits for, a slot. This is also its stored form, so a new field needs a default.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// What its gate told.
    pub want: Want,
    /// The epoch of its lease, or, once it runs, that of its holder.
    pub epoch: u32,
    /// What it has.
    pub hold: Hold,
    /// The delivery that has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When its slot is taken back, unless the start is confirmed or the slot renewed.
    pub due: Option<Timestamp>,
    /// Since when it has its slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

impl Claim {
    /// A job in the line.
    #[must_use]
    pub fn waiting(want: Want) -> Self {
        Self {
            epoch: want.epoch(),
            want,
            hold: Hold::Waiting,
            by: None,
            due: None,
            since: None,
        }
    }

    /// The stage that it runs next, or runs.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.want.ticket.stage
    }

    /// Which job.
    #[must_use]
    pub const fn job_id(&self) -> &JobId {
        self.want.job_id()
    }

    /// Its place in the line.
    #[must_use]
    pub fn key(&self) -> (Rank, JobId) {
        self.want.key()
    }

    /// Whether that delivery has it.
    #[must_use]
    pub fn is_with(&self, delivery: &str) -> bool {
        self.by.as_deref() == Some(delivery)
    }
}
