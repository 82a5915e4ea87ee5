//! Calendar months in UTC, for the quotas.

use super::Timestamp;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime};

/// A month, from its first moment up to the first moment of the next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Month {
    /// Its first moment.
    pub start: Timestamp,
    /// The first moment after it.
    pub end: Timestamp,
}

impl Month {
    /// The month of that moment. All time beyond the calendar (some 262,000 years either way) counts as one month.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        let Some(date) = DateTime::from_timestamp_millis(at.as_millis()) else {
            return Self {
                start: Timestamp::from_millis(i64::MIN),
                end: Timestamp::from_millis(i64::MAX),
            };
        };
        let (year, month) = (date.year(), date.month());
        let next = if month == 12 {
            (year.saturating_add(1), 1)
        } else {
            (year, month + 1)
        };
        Self {
            start: first(year, month).unwrap_or(Timestamp::from_millis(i64::MIN)),
            end: first(next.0, next.1).unwrap_or(Timestamp::from_millis(i64::MAX)),
        }
    }
}

/// The first moment of a month.
fn first(year: i32, month: u32) -> Option<Timestamp> {
    let midnight = NaiveDate::from_ymd_opt(year, month, 1)?.and_time(NaiveTime::MIN);
    Some(Timestamp::from_millis(
        midnight.and_utc().timestamp_millis(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_at_midnight_utc_and_ends_where_the_next_begins() {
        for (at, start, end) in [
            // 2023-11-14T22:13:20Z.
            (
                1_700_000_000_000,
                "2023-11-01T00:00:00.000Z",
                "2023-12-01T00:00:00.000Z",
            ),
            // The last millisecond of a leap February, and the first of March.
            (
                1_709_251_199_999,
                "2024-02-01T00:00:00.000Z",
                "2024-03-01T00:00:00.000Z",
            ),
            (
                1_709_251_200_000,
                "2024-03-01T00:00:00.000Z",
                "2024-04-01T00:00:00.000Z",
            ),
            // December ends a year, and moments before 1970 have months, too.
            (
                1_703_980_800_000,
                "2023-12-01T00:00:00.000Z",
                "2024-01-01T00:00:00.000Z",
            ),
            (-1, "1969-12-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z"),
        ] {
            let month = Month::of(Timestamp::from_millis(at));
            assert_eq!(month.start.to_rfc3339(), start, "{at}");
            assert_eq!(month.end.to_rfc3339(), end, "{at}");
        }
    }

    #[test]
    fn every_moment_lies_in_its_month() {
        for at in [
            i64::MIN,
            -8_334_601_228_800_000,
            0,
            8_210_266_876_799_999,
            i64::MAX,
        ] {
            let at = Timestamp::from_millis(at);
            let month = Month::of(at);
            assert!(month.start <= at && at <= month.end, "{at:?} {month:?}");
        }
    }
}
