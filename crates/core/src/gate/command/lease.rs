//! What a delivery hears when it would run a job, and when it has run one.

use crate::{
    domain::{Kind, Stage, Tier},
    gate::job::ArtifactRecord,
};
use serde::{Deserialize, Serialize};

/// A job that may run: all its holder needs.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// The epoch to report under.
    pub epoch: u32,
    /// What the job makes.
    pub kind: Kind,
    /// The stage to run.
    pub stage: Stage,
    /// Whether the job has no stage after it.
    pub is_last: bool,
    /// The stage after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Stage>,
    /// The job's tier.
    pub tier: Tier,
    /// The job's priority.
    pub priority: u32,
    /// Which attempt of the stage this is; the first is 1.
    pub attempt: u32,
    /// From submission, or from the time until which it was put off, to the start of the job, in milliseconds; only with its first start.
    pub wait_ms: Option<i64>,
    /// The user's leases, this one included.
    pub active: u32,
    /// The user's limit.
    pub limit: u32,
    /// Characters that its text may have; 0: any number.
    #[serde(default)]
    pub max_chars: u32,
    /// What the stages before made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub made: Vec<ArtifactRecord>,
    /// The payload.
    pub payload: String,
}

/// Why a job is not to be run.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SkipReason {
    /// Somebody is at it.
    AlreadyRunning,
    /// It is in the waiting line already.
    AlreadyParked,
    /// Its time has not come.
    Scheduled,
    /// It waits out its back-off.
    Retrying,
    /// It holds another lease by now; that one brings it.
    OtherLease,
    /// It has ended.
    Ended,
    /// The gate does not know it: it was forgotten, or never accepted.
    Unknown,
}

/// Whether a job may run.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "is")]
pub enum Start {
    /// Run it.
    Run(Grant),
    /// Nothing to do.
    Skip {
        /// Why.
        reason: SkipReason,
    },
}

/// What became of a holder's report.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Recorded.
    Accepted,
    /// This holder's report was recorded before.
    Repeated,
    /// The lease is another's by now; nothing was changed.
    Stale,
}

/// What a delivery would do after a report.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Going {
    /// It runs the job's next stage right away, in the same place and slot.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on: bool,
    /// It takes along what the freed lease goes to: to the pool with its next call, or, where there is none, to its
    /// own places. Otherwise the gate tells the pool, or sends the tickets.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub carries: bool,
}
