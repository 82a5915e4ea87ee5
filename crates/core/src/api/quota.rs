//! The answer to a client whose job exceeds a quota.
//!
//! The headers are those of draft-ietf-httpapi-ratelimit-headers-11: lists of names with parameters (`q` quota, `w`
//! window in seconds, `qu` unit, `r` remaining, `t` seconds until it is renewed).

use crate::{
    domain::{Month, Timestamp},
    gate::command::{Exceeded, Quota},
};
use serde::Serialize;

/// When to try again if a waiting job must start or end first: the actual time cannot be known.
const RETRY_SECONDS: i64 = 60;

/// A quota that was exceeded, and when.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct QuotaProblem {
    /// Which quota, and how much of it was used.
    pub exceeded: Exceeded,
    /// When.
    pub at: Timestamp,
}

/// Members of the problem document.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuotaMembers {
    /// Which quota, by its name in `KINDS` or `TIERS`.
    pub quota: Quota,
    /// The bound.
    pub limit: u32,
    /// How much was already used; for a text, its length.
    pub used: u32,
    /// When the quota resets, in RFC 3339; `None` if it does not reset by time.
    pub resets_at: Option<String>,
}

impl QuotaProblem {
    /// The members of the document.
    #[must_use]
    pub fn members(&self) -> QuotaMembers {
        let exceeded = self.exceeded;
        QuotaMembers {
            quota: exceeded.quota,
            limit: exceeded.limit,
            used: exceeded.used,
            resets_at: exceeded.resets_at.map(Timestamp::to_rfc3339),
        }
    }

    /// The headers of the answer.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let limit = self.exceeded.limit;
        match (self.exceeded.quota, self.exceeded.resets_at) {
            // A second try would fail, too.
            (Quota::MaxChars, _) => Vec::new(),
            (Quota::JobsPerMonth, Some(end)) => {
                let last = Timestamp::from_millis(end.as_millis().saturating_sub(1));
                let window = seconds(end.millis_since(Month::of(last).start));
                let left = seconds(end.millis_since(self.at));
                vec![
                    ("retry-after", left.to_string()),
                    (
                        "ratelimit-policy",
                        format!(r#""jobs-per-month";q={limit};w={window}"#),
                    ),
                    ("ratelimit", format!(r#""jobs-per-month";r=0;t={left}"#)),
                ]
            }
            (Quota::JobsPerMonth | Quota::MaxParkedJobs, _) => vec![
                ("retry-after", RETRY_SECONDS.to_string()),
                (
                    "ratelimit-policy",
                    format!(r#""waiting-jobs";q={limit};qu="concurrent-requests""#),
                ),
                ("ratelimit", r#""waiting-jobs";r=0"#.to_owned()),
            ],
        }
    }

    /// Status, type and title.
    pub(super) const fn class(&self) -> (u16, &'static str, &'static str) {
        match self.exceeded.quota {
            Quota::MaxChars => (422, "text-too-long", "The text is too long"),
            Quota::JobsPerMonth | Quota::MaxParkedJobs => (429, "quota-exceeded", "Quota exceeded"),
        }
    }

    pub(super) fn detail(&self) -> String {
        let Exceeded {
            tier, limit, used, ..
        } = self.exceeded;
        match self.exceeded.quota {
            Quota::MaxChars => format!(
                "The text has {used} characters; {tier} allows {limit}. Of a story, its title, narrations and image prompts count."
            ),
            Quota::MaxParkedJobs => format!(
                "{used} jobs of this user are already waiting; {tier} allows {limit}. Try again when some have started."
            ),
            Quota::JobsPerMonth => format!(
                "{used} jobs were submitted this month; {tier} allows {limit}. The quota resets at the start of the next month (UTC)."
            ),
        }
    }
}

/// Whole seconds, rounded up.
fn seconds(millis: i64) -> i64 {
    millis.saturating_add(999) / 1_000
}
