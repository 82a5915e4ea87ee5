//! Rank: which of the waiting jobs goes first, and why none of them starves.

use super::{Timestamp, integer};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Determines the order of jobs in every line; **the smallest rank runs first**.
///
/// `rank = submitted_at − priority × boost`, in milliseconds: earliest deadline first with one head start
/// per step of priority ("relative urgency", Jackson 1960). Time does not change the key, so ageing needs no
/// recurring task: in its user's line, a job is never overtaken by one that was submitted more than
/// `(difference in priority) × boost` after it, whatever the tiers.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Rank(#[serde(deserialize_with = "integer::safe")] i64);

impl Rank {
    /// The rank of a job with that priority and time of submission, with a head start of `boost` per step.
    #[must_use]
    pub fn new(submitted_at: Timestamp, priority: u32, boost: Duration) -> Self {
        let step = i64::try_from(boost.as_millis()).unwrap_or(i64::MAX);
        let head_start = step.saturating_mul(i64::from(priority));
        let rank = submitted_at.as_millis().saturating_sub(head_start);
        Self(rank.clamp(-integer::MAX_SAFE_INTEGER, integer::MAX_SAFE_INTEGER))
    }

    /// The rank of a job whose age counts from `by_ms` later, because it waited for its own user's limit before.
    #[must_use]
    pub fn delayed(self, by_ms: i64) -> Self {
        let rank = self.0.saturating_add(by_ms.max(0));
        Self(rank.clamp(-integer::MAX_SAFE_INTEGER, integer::MAX_SAFE_INTEGER))
    }

    /// The rank as a number, for storage and order.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOOST: Duration = Duration::from_mins(30);

    fn rank(submitted_at: i64, priority: u32) -> Rank {
        Rank::new(Timestamp::from_millis(submitted_at), priority, BOOST)
    }

    #[test]
    fn higher_priority_goes_first_among_jobs_submitted_together() {
        assert!(rank(1_000, 4) < rank(1_000, 3));
        assert!(rank(1_000, 3) < rank(1_000, 1));
    }

    #[test]
    fn a_job_is_overtaken_only_within_the_head_start_of_the_other() {
        let steps = 3;
        let head_start = steps * i64::try_from(BOOST.as_millis()).unwrap();
        assert!(rank(head_start - 1, 4) < rank(0, 1));
        assert_eq!(rank(head_start, 4), rank(0, 1));
        assert!(rank(0, 1) < rank(head_start + 1, 4));
    }

    #[test]
    fn age_counts_from_later_but_never_from_earlier() {
        assert_eq!(rank(1_000, 2).delayed(500), rank(1_500, 2));
        assert_eq!(rank(1_000, 2).delayed(-500), rank(1_000, 2));
        assert_eq!(
            rank(1_000, 0).delayed(i64::MAX).as_millis(),
            integer::MAX_SAFE_INTEGER
        );
    }

    #[test]
    fn extreme_values_saturate_at_the_safe_integers() {
        let first = Rank::new(Timestamp::from_millis(i64::MIN), u32::MAX, Duration::MAX);
        let last = Rank::new(Timestamp::from_millis(i64::MAX), 0, BOOST);
        assert_eq!(first.as_millis(), -integer::MAX_SAFE_INTEGER);
        assert_eq!(last.as_millis(), integer::MAX_SAFE_INTEGER);
    }
}
