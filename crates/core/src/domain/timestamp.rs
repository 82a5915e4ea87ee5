//! Time in the whole project: milliseconds since the Unix epoch, always passed in, never read from a clock.

use super::integer;
use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A moment in milliseconds since 1970-01-01T00:00:00Z, always one that JavaScript represents exactly, so that
/// every value that is written can be read.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Timestamp(#[serde(deserialize_with = "integer::safe")] i64);

impl Timestamp {
    /// The moment `millis` milliseconds after the epoch, or the nearest that JavaScript represents exactly.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        if integer::is_safe(millis) {
            Self(millis)
        } else if millis < 0 {
            Self(-integer::MAX_SAFE_INTEGER)
        } else {
            Self(integer::MAX_SAFE_INTEGER)
        }
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This moment plus `span`; at most the last moment that JavaScript represents exactly.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// This moment minus `span`; at least the first moment that JavaScript represents exactly.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Self::from_millis(self.0.saturating_sub(millis))
    }

    /// Milliseconds from `earlier` to this moment; zero if a clock went backwards.
    #[must_use]
    pub fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }

    /// Reads RFC 3339, with any offset.
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let moment = DateTime::parse_from_rfc3339(text).ok()?;
        let millis = moment.timestamp_millis();
        integer::is_safe(millis).then_some(Self(millis))
    }

    /// RFC 3339 in UTC with milliseconds, as in HTTP answers.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        DateTime::from_timestamp_millis(self.0).map_or_else(
            || self.0.to_string(),
            |moment| moment.to_rfc3339_opts(SecondsFormat::Millis, true),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adding_a_span_never_exceeds_the_safe_integers() {
        let last = Timestamp::from_millis(integer::MAX_SAFE_INTEGER);
        assert_eq!(last.after(Duration::from_secs(u64::MAX)), last);
    }

    #[test]
    fn a_clock_that_went_backwards_gives_no_negative_span() {
        let (early, late) = (Timestamp::from_millis(5), Timestamp::from_millis(9));
        assert_eq!(late.millis_since(early), 4);
        assert_eq!(early.millis_since(late), 0);
    }

    #[test]
    fn moments_are_shown_in_utc_with_milliseconds() {
        let moment = Timestamp::from_millis(1_700_000_000_007);
        assert_eq!(moment.to_rfc3339(), "2023-11-14T22:13:20.007Z");
    }

    #[test]
    fn a_moment_beyond_the_safe_integers_becomes_the_nearest_safe_one() {
        for (millis, kept) in [
            (i64::MIN, -integer::MAX_SAFE_INTEGER),
            (i64::MAX, integer::MAX_SAFE_INTEGER),
            (-1, -1),
        ] {
            assert_eq!(Timestamp::from_millis(millis).as_millis(), kept);
        }
    }
}
