//! What a submission says, and which quota may refuse it.

use crate::{
    domain::{JobId, Kind, SeriesId, Stage, Tier, Timestamp, Window},
    gate::job::not_empty,
};
use serde::{Deserialize, Serialize};

/// A key under which a client repeats a submission.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IdempotencyKey {
    /// The client's key, unique per user.
    pub key: String,
    /// What was submitted under it, as a digest.
    pub fingerprint: String,
}

/// A job to be recorded.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewJob {
    /// Its id; a repeated call with the same id changes nothing.
    pub job_id: JobId,
    /// What it makes.
    pub kind: Kind,
    /// The stages that its kind has now; it keeps them.
    #[serde(deserialize_with = "not_empty")]
    pub stages: Vec<Stage>,
    /// The series it belongs to.
    pub series_id: SeriesId,
    /// The tier that the caller states, if any.
    pub stated_tier: Option<Tier>,
    /// The best tier that the caller may state where no plan is known, and that of the job if it states none; `None`: the
    /// caller's word counts.
    #[serde(default)]
    pub tier_ceiling: Option<Tier>,
    /// The tier that the caller's token names, if any.
    #[serde(default)]
    pub claimed_tier: Option<Tier>,
    /// Length of its text in characters, for the quota; 0 where that is not known yet.
    #[serde(default)]
    pub chars: u32,
    /// About what it takes while it runs, in bytes.
    #[serde(default)]
    pub weight: u32,
    /// When it may start.
    #[serde(default, skip_serializing_if = "Window::is_open")]
    pub window: Window,
    /// The payload for the generator: a JSON text, kept to the letter.
    pub payload: String,
    /// The client's key, if it sent one.
    pub idempotency: Option<IdempotencyKey>,
}

/// What is bounded.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Quota {
    /// Jobs in a calendar month, UTC.
    JobsPerMonth,
    /// Characters of one text.
    MaxChars,
    /// Jobs that wait: scheduled, queued, parked or retrying.
    MaxParkedJobs,
}

/// A submission that was refused.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exceeded {
    /// What is bounded.
    pub quota: Quota,
    /// The user's tier, whose quota it is.
    pub tier: Tier,
    /// The bound.
    pub limit: u32,
    /// What was used before it; of a text, its length.
    pub used: u32,
    /// When all of it can be used again, where time alone brings that about.
    pub resets_at: Option<Timestamp>,
}
