//! What a gate made of a replay.

use serde::{Deserialize, Serialize};

/// Why a job was not replayed.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Somebody else replayed it, or it has failed anew since.
    NotFailedAnyMore,
    /// It was forgotten.
    Forgotten,
    /// A quota of its user leaves no room.
    Quota,
    /// Its user is being deleted.
    UserBeingDeleted,
    /// What it made is being deleted.
    ArtifactsBeingDeleted,
}

/// What a gate made of it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    /// The job is on its way.
    Replayed,
    /// It is not.
    Refused(Refusal),
    /// The gate could not be reached.
    Unreached,
}
