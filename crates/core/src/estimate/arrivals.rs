//! What came into a line lately, and what that says of what is to come: as much in the next minutes as in the last ones.

use crate::domain::{Rank, Timestamp};
use std::collections::VecDeque;

/// The latest that are remembered.
const REMEMBERED: usize = 256;

/// Of less time, nothing is said of a longer one.
const SPAN_MIN: i64 = 1_000;

/// How often what is remembered is taken to come again, one after the other.
const AGAIN_MAX: i64 = 16;

/// A job that came into the line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Arrival {
    /// When.
    pub at: Timestamp,
    /// How much its rank is ahead of the time at which it came, in milliseconds.
    pub lead: i64,
    /// It had waited for its own user's limit: it came because another job of its user had ended.
    pub is_next: bool,
}

impl Arrival {
    /// A job of that rank that comes now.
    #[must_use]
    pub const fn of(rank: Rank, now: Timestamp, is_next: bool) -> Self {
        Self {
            at: now,
            lead: now.as_millis().saturating_sub(rank.as_millis()),
            is_next,
        }
    }
}

/// Those that overtake a job.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overtaking {
    /// When it starts all the same, in milliseconds from now.
    pub(super) until: i64,
    /// How many they are.
    pub(super) count: i64,
}

/// The latest arrivals. Kept in memory only.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Arrivals(VecDeque<Arrival>);

impl Arrivals {
    /// A job came.
    pub fn add(&mut self, arrival: Arrival) {
        if self.0.len() >= REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(arrival);
    }

    /// When a job starts that would start after `wait` if nothing came, and how many come before: each that is ahead of it
    /// takes the slot that it would have had, and it waits for the next, a `step` later. `age` says how much its rank is ahead
    /// of now. An arrival so long ago stands for one in as long: it overtakes if its lead is more than the age is by then.
    pub(super) fn overtaking(
        &self,
        now: Timestamp,
        (wait, age): (i64, i64),
        step: i64,
    ) -> Overtaking {
        let mut all = Overtaking {
            until: wait,
            count: 0,
        };
        let span = self.span(now);
        for offset in (0..AGAIN_MAX).map(|time| time * span) {
            for arrival in self.0.iter().rev() {
                let comes = offset + now.millis_since(arrival.at);
                if comes >= all.until {
                    return all;
                }
                if arrival.lead > age.saturating_add(comes) {
                    all.until += step;
                    all.count += 1;
                }
            }
        }
        all
    }

    /// How many come in that time, in thousandths, of those that are ahead of one of that age now: as many as did on the whole.
    pub(super) fn usual(&self, now: Timestamp, age: i64, within: i64) -> i64 {
        let ahead = self.0.iter().filter(|arrival| arrival.lead > age).count();
        let ahead = i64::try_from(ahead).unwrap_or(i64::MAX);
        let span = self.span(now);
        ahead * 1_000 * within.min(span) / span
    }

    /// How long they are remembered; at least so long that two that come together are no stream.
    fn span(&self, now: Timestamp) -> i64 {
        let first = self.0.front();
        first.map_or(SPAN_MIN, |first| now.millis_since(first.at).max(SPAN_MIN))
    }

    /// How many came within that time that have at least so much lead, and whose user's limit had kept them.
    pub(super) fn next_ones(&self, now: Timestamp, within: i64, lead: i64) -> i64 {
        let recent = self.0.iter().rev();
        let recent = recent.take_while(|arrival| now.millis_since(arrival.at) < within);
        let count = recent
            .filter(|arrival| arrival.is_next && arrival.lead >= lead)
            .count();
        i64::try_from(count).unwrap_or(i64::MAX)
    }
}
