//! What a gate tells of a failed job.

use crate::domain::{JobId, Kind, Stage, Tier, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// A failed job.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    /// The job.
    pub job_id: JobId,
    /// Whose.
    pub user_id: UserId,
    /// The epoch under which it failed.
    pub epoch: u32,
    /// What it was to make.
    pub kind: Kind,
    /// Its tier.
    pub tier: Tier,
    /// The stage that failed.
    pub stage: Stage,
    /// The code of its error.
    pub error: String,
    /// When it failed.
    pub at: Timestamp,
}

/// One word about one job.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "is")]
pub enum Word {
    /// It has failed.
    Failed(Failed),
    /// What it was told to have failed as is no failure any more, up to this epoch.
    Gone {
        /// The job.
        job_id: JobId,
        /// The epoch.
        epoch: u32,
    },
}

impl Word {
    /// About which job.
    #[must_use]
    pub const fn job_id(&self) -> &JobId {
        match self {
            Self::Failed(failed) => &failed.job_id,
            Self::Gone { job_id, .. } => job_id,
        }
    }
}

/// A failed job and its number in the list: each that comes has a greater one.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// The number.
    pub number: u32,
    /// The job.
    pub failed: Failed,
}
