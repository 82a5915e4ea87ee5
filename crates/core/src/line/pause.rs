//! Pauses that double.

use crate::domain::Timestamp;
use std::time::Duration;

/// Longest pause between two sends of a ticket, and between two attempts.
pub const PAUSE_MAX: Duration = Duration::from_hours(1);

/// No time that a row is due at is later than that from now: the longest is a lease of a day. What is later was written by
/// a clock that has been set back since, and is due now.
pub const FAR: Duration = Duration::from_hours(25);

/// As long as anything is due at some time, an alarm rings at least so often: `RETENTION_DAYS` may have been lowered since
/// it was set, or the clock set back, and an idle object hears of that only when it wakes.
const LOOK: Duration = Duration::from_hours(24);

/// The latest time at which an alarm looks again at what comes at that time.
pub(crate) fn by_then(at: Timestamp, now: Timestamp) -> Timestamp {
    at.min(now.after(LOOK))
}

/// Whether what is due then is due now.
#[must_use]
pub fn is_due(due: Timestamp, now: Timestamp) -> bool {
    due <= now || due > now.after(FAR)
}

/// `first` doubled `times` times, at most [`PAUSE_MAX`].
#[must_use]
pub fn doubled(first: Duration, times: u32) -> Duration {
    let factor = 2_u32.saturating_pow(times.min(31));
    first.saturating_mul(factor).min(PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_doubles_up_to_an_hour() {
        let minute = Duration::from_mins(1);
        assert_eq!(doubled(minute, 0), minute);
        assert_eq!(doubled(minute, 3), 8 * minute);
        assert_eq!(doubled(minute, 6), PAUSE_MAX);
        assert_eq!(doubled(minute, u32::MAX), PAUSE_MAX);
    }
}
