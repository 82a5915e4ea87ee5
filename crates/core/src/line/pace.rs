//! How fast a line moves, and what a place in it is worth.

use crate::domain::{Timestamp, integer};
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, time::Duration};

/// Most moves looked at.
pub const MOVES_MAX: u32 = 20;

/// What lies further back says nothing about now.
const WINDOW: Duration = Duration::from_hours(1);

/// How fast a line moved lately: so many left it in so long. An estimate rests on it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pace {
    /// How many; at least 1.
    pub count: u32,
    /// In how many milliseconds; at least 1.
    #[serde(deserialize_with = "integer::safe")]
    pub over_ms: i64,
}

impl Pace {
    /// The pace of the moves at those times, in any order; `None` when fewer than two lie within the last hour.
    pub fn of(moves: impl IntoIterator<Item = Timestamp>, now: Timestamp) -> Option<Self> {
        let recent: Vec<Timestamp> = moves
            .into_iter()
            .filter(|at| now <= at.after(WINDOW))
            .collect();
        let first = *recent.iter().min()?;
        // The first only opens the span: it ended a wait that began before.
        let count = u32::try_from(recent.len()).unwrap_or(u32::MAX) - 1;
        let over_ms = now.millis_since(first).max(1);
        (count > 0).then_some(Self { count, over_ms })
    }

    /// How long until the row at that place (the next is 1) leaves, if the line goes on as it did.
    #[must_use]
    pub fn wait_of(&self, position: u32) -> Duration {
        let over = u64::try_from(self.over_ms.max(1)).unwrap_or(1);
        let wait = over.saturating_mul(u64::from(position)) / u64::from(self.count.max(1));
        Duration::from_millis(wait)
    }
}

/// Remembers the latest moves. Kept in memory only: it decides nothing, and after an eviction it says so until
/// it has seen moves again.
#[derive(Clone, Debug, Default)]
pub struct Meter(VecDeque<Timestamp>);

impl Meter {
    /// Something left the line.
    pub fn moved(&mut self, at: Timestamp) {
        if self.0.len() >= MOVES_MAX as usize {
            self.0.pop_front();
        }
        self.0.push_back(at);
    }

    /// The pace now.
    #[must_use]
    pub fn pace(&self, now: Timestamp) -> Option<Pace> {
        Pace::of(self.0.iter().copied(), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + seconds * SECOND)
    }

    #[test]
    fn a_line_that_moves_every_ten_seconds_serves_the_third_in_half_a_minute() {
        let mut meter = Meter::default();
        for second in [0, 10, 20] {
            meter.moved(at(second));
        }
        let pace = meter.pace(at(20)).unwrap();
        assert_eq!((pace.count, pace.over_ms), (2, 20 * SECOND));
        assert_eq!(pace.wait_of(3), Duration::from_secs(30));
    }

    #[test]
    fn fewer_than_two_recent_moves_give_no_pace() {
        let mut meter = Meter::default();
        assert_eq!(meter.pace(at(0)), None);
        meter.moved(at(0));
        assert_eq!(meter.pace(at(5)), None);
        meter.moved(at(1));
        assert!(meter.pace(at(5)).is_some());
        assert_eq!(meter.pace(at(2 * 3_600)), None);
    }

    #[test]
    fn only_the_latest_moves_count_and_equal_times_do_not_divide_by_zero() {
        let mut meter = Meter::default();
        for second in 0..1_000 {
            meter.moved(at(second));
        }
        assert_eq!(meter.pace(at(999)).unwrap().count, MOVES_MAX - 1);
        let pace = Pace::of([at(0), at(0)], at(0)).unwrap();
        assert_eq!(pace.wait_of(u32::MAX), Duration::from_millis(4_294_967_295));
    }
}
