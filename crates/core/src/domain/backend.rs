//! Back ends: what a stage depends on, and what may be out for everybody at once.

use super::{Stage, Timestamp, named::named};
use serde::{Deserialize, Serialize};
use std::time::Duration;

named! {
    /// What stages call, and what an outage is of.
    #[derive(Ord, PartialOrd)]
    pub enum Backend {
        /// What makes the artifacts.
        Generator = "generator",
        /// The bucket that keeps them.
        Storage = "storage",
    }
}

impl Backend {
    /// Whether that stage needs it.
    #[must_use]
    pub const fn serves(self, stage: Stage) -> bool {
        match self {
            Self::Generator => !matches!(stage, Stage::Sweep),
            Self::Storage => true,
        }
    }
}

/// The longest pause that a back end may ask for at once; then a job tries.
pub const NAMED_MAX: Duration = Duration::from_hours(1);

/// When the next try is due: at our `own` time, or later if the back end named one.
#[must_use]
pub fn named(until: Option<Timestamp>, now: Timestamp, own: Timestamp) -> Timestamp {
    let named = until.map(|until| until.min(now.after(NAMED_MAX)));
    named.map_or(own, |until| until.max(own))
}

/// A fault for which a back end is to blame, not the job: it was unavailable, overloaded, unreachable, or asked for a pause.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Blame {
    /// Which one.
    pub backend: Backend,
    /// Until when it wants to be left alone, if it said so (`Retry-After`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}
