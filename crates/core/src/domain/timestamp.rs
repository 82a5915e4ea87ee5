//! Time in the whole project: milliseconds since the Unix epoch, always passed in, never read from a clock.

use super::integer;
use chrono::{DateTime, NaiveDateTime, SecondsFormat};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The form of dates in headers of HTTP.
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

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

    /// Reads a date as headers of HTTP have it (RFC 9110, 5.6.7); the two obsolete forms are not known.
    #[must_use]
    pub fn from_http_date(text: &str) -> Option<Self> {
        let moment = NaiveDateTime::parse_from_str(text.trim(), HTTP_DATE).ok()?;
        Some(Self::from_millis(moment.and_utc().timestamp_millis()))
    }

    /// The date as headers of HTTP have it, without its milliseconds.
    #[must_use]
    pub fn to_http_date(self) -> Option<String> {
        let moment = DateTime::from_timestamp_millis(self.0)?;
        Some(moment.format(HTTP_DATE).to_string())
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
    fn a_date_of_http_is_read_as_it_is_written() {
        let moment = Timestamp::from_millis(784_111_777_007);
        let date = moment.to_http_date().unwrap();
        assert_eq!(date, "Sun, 06 Nov 1994 08:49:37 GMT");
        let whole = Timestamp::from_millis(784_111_777_000);
        assert_eq!(Timestamp::from_http_date(&date), Some(whole));
        for other in [
            "",
            "Sun Nov  6 08:49:37 1994",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37",
            "784111777",
        ] {
            assert_eq!(Timestamp::from_http_date(other), None, "{other}");
        }
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
