//! Which failed jobs are meant.

use super::word::Failed;
use crate::domain::{Kind, Tier, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// Which failed jobs are meant: those for which all holds that is said.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Filter {
    /// The code of the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// The user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// Failed then or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_after: Option<Timestamp>,
    /// Failed before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_before: Option<Timestamp>,
}

impl Filter {
    /// Whether it says nothing: that would mean all jobs of all users.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the job is meant.
    #[must_use]
    pub fn means(&self, failed: &Failed) -> bool {
        let Self {
            error,
            kind,
            tier,
            user_id,
            failed_after,
            failed_before,
        } = self;
        error.as_ref().is_none_or(|error| failed.error == *error)
            && kind.as_ref().is_none_or(|kind| failed.kind == *kind)
            && tier.is_none_or(|tier| failed.tier == tier)
            && user_id.as_ref().is_none_or(|user| failed.user_id == *user)
            && failed_after.is_none_or(|after| after <= failed.at)
            && failed_before.is_none_or(|before| failed.at < before)
    }
}
