//! From when on a watcher that comes back has missed changes.

use crate::domain::Timestamp;
use std::time::Duration;

/// Clocks of two machines differ by less. What changed so shortly before is said once more.
pub const OVERLAP: Duration = Duration::from_secs(5);

/// What has changed since that time must be said again to who heard the last event at `heard`, if anything. A time that
/// lies ahead was told before the clock was set back, or never: it says nothing, so all that is kept is said.
#[must_use]
pub fn missed(heard: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let heard = heard?;
    if heard > now.after(OVERLAP) {
        return Some(Timestamp::from_millis(0));
    }
    Some(heard.before(OVERLAP))
}

/// The id of an event that was told at that time.
#[must_use]
pub fn id(at: Timestamp) -> String {
    at.as_millis().to_string()
}

/// Reads the id of an event, or a date and time.
#[must_use]
pub fn read(text: &str) -> Option<Timestamp> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Timestamp::from_rfc3339(text);
    }
    let millis = text.parse().ok()?;
    let at = Timestamp::from_millis(millis);
    (at.as_millis() == millis).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn who_comes_for_the_first_time_has_missed_nothing() {
        assert_eq!(missed(None, NOW), None);
    }

    #[test]
    fn what_changed_shortly_before_the_last_event_is_said_again() {
        for heard in [NOW, NOW.before(Duration::from_hours(9)), NOW.after(OVERLAP)] {
            assert_eq!(missed(Some(heard), NOW), Some(heard.before(OVERLAP)));
        }
    }

    #[test]
    fn a_time_that_lies_ahead_says_nothing() {
        let ahead = NOW.after(OVERLAP).after(Duration::from_millis(1));
        assert_eq!(missed(Some(ahead), NOW), Some(Timestamp::from_millis(0)));
    }

    #[test]
    fn the_id_of_an_event_and_a_date_are_read() {
        assert_eq!(read(&id(NOW)), Some(NOW));
        assert_eq!(read("2027-01-15T08:00:00Z"), Some(NOW));
        assert_eq!(read("2027-01-15T09:00:00+01:00"), Some(NOW));
        for other in [
            "",
            "-1",
            "1e3",
            " 1",
            "9007199254740993",
            "99999999999999999999",
            "yesterday",
        ] {
            assert_eq!(read(other), None, "{other:?}");
        }
    }
}
