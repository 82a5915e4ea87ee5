//! What asks for a replay, and what becomes of it.

use crate::domain::{JobId, ReplayId, Tier};
use serde::{Deserialize, Serialize};

/// An ended job shall begin anew.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replay {
    /// The job.
    pub job_id: JobId,
    /// The key of who asks: asked again with the same one, nothing is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The replay of many that it is part of: the job ranks as of now, or a little later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<ReplayRun>,
    /// The highest tier that whoever asks may state; without one, any. It counts where the user's plan is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier_ceiling: Option<Tier>,
}

/// The replay of many that asks.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplayRun {
    /// Which one.
    pub id: ReplayId,
    /// The epoch under which the job failed, as it knows: one that has another by now is left alone.
    pub epoch: u32,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ReplayOutcome {
    /// The job is on its way again.
    Begun,
    /// It was on its way already, or was replayed at the same word before.
    Repeated,
    /// It has succeeded: there is nothing to do again.
    Succeeded,
    /// It is not what the replay of many knows: no failure, or another one.
    Changed,
    /// What it made is being deleted.
    Sweeping,
    /// There is no such job, or it is being forgotten.
    Unknown,
}
