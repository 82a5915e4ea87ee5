//! The one alarm of an object: when it must be set, and when what is known of it cannot be trusted.
//!
//! Nothing here waits or calls. The Worker performs it, and so does the simulator.

use crate::{domain::Timestamp, line::pause::FAR};
use std::time::Duration;

/// How long to wait after an alarm whose work failed, instead of the platform's six tries and then none.
const PAUSE: Duration = Duration::from_secs(10);

/// An alarm that did not ring by so long after its time was dropped by the platform.
const LATE: Duration = Duration::from_mins(2);

/// What is known of the alarm, only to save asking: storage has it, too.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Alarm {
    /// Nothing.
    #[default]
    Unknown,
    /// None is set.
    NotSet,
    /// It rings then.
    Set(Timestamp),
}

impl Alarm {
    /// When the alarm must be set to, for it to ring by `wake_by`; `None`: it rings early enough. It is moved only when it
    /// must come earlier, since each move is billed as a row written. From now on it counts as set: call
    /// [`Alarm::not_set`] if that fails.
    pub fn arm(&mut self, wake_by: Option<Timestamp>) -> Option<Timestamp> {
        let wake_by = wake_by?;
        let is_early = self.armed().is_some_and(|armed| armed <= wake_by);
        if is_early {
            return None;
        }
        *self = Self::Set(wake_by);
        Some(wake_by)
    }

    /// It could not be set, or perhaps was: nothing is known any more.
    pub const fn not_set(&mut self) {
        *self = Self::Unknown;
    }

    /// Whether the alarm is known to ring, and is not overdue: then nothing must be asked or mended.
    #[must_use]
    pub fn is_in_time(&self, now: Timestamp) -> bool {
        self.armed().is_some_and(|armed| counts(armed, now))
    }

    /// Whether storage must be asked when the alarm rings.
    #[must_use]
    pub const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Takes what storage says, if it was asked. One that is overdue was dropped by the platform, whatever storage says.
    /// Afterwards the alarm must be armed for the next row that is due: it may never have been set.
    pub fn learn(&mut self, now: Timestamp, stored: Option<Timestamp>) {
        let armed = if self.is_unknown() {
            stored
        } else {
            self.armed()
        };
        let armed = armed.filter(|armed| counts(*armed, now));
        *self = armed.map_or(Self::NotSet, Self::Set);
    }

    /// It rang: none is set.
    pub const fn rings(&mut self) {
        *self = Self::NotSet;
    }

    /// When to ring again after work that failed.
    #[must_use]
    pub fn again(now: Timestamp) -> Timestamp {
        now.after(PAUSE)
    }

    const fn armed(&self) -> Option<Timestamp> {
        match self {
            Self::Set(at) => Some(*at),
            Self::NotSet | Self::Unknown => None,
        }
    }
}

/// Whether an alarm set for then will ring in time: it is neither overdue, nor later than any that is ever set, as one is
/// that was set before the clock was set back.
fn counts(armed: Timestamp, now: Timestamp) -> bool {
    now <= armed.after(LATE) && armed <= now.after(FAR)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn at(seconds: u64) -> Timestamp {
        NOW.after(Duration::from_secs(seconds))
    }

    #[test]
    fn it_is_moved_only_to_an_earlier_time() {
        let mut alarm = Alarm::default();
        assert_eq!(alarm.arm(None), None);
        assert_eq!(alarm.arm(Some(at(10))), Some(at(10)));
        assert_eq!(alarm.arm(Some(at(10))), None);
        assert_eq!(alarm.arm(Some(at(11))), None);
        assert_eq!(alarm.arm(Some(at(9))), Some(at(9)));
    }

    #[test]
    fn after_a_failure_it_is_set_again_whatever_was_known() {
        let mut alarm = Alarm::default();
        alarm.arm(Some(at(5)));
        alarm.not_set();
        assert!(alarm.is_unknown());
        assert_eq!(alarm.arm(Some(at(10))), Some(at(10)));
    }

    #[test]
    fn one_that_is_overdue_by_two_minutes_was_dropped() {
        let mut alarm = Alarm::default();
        alarm.arm(Some(at(0)));
        assert!(alarm.is_in_time(at(120)));
        assert!(!alarm.is_in_time(at(121)));
        alarm.learn(at(121), None);
        assert_eq!(alarm.arm(Some(at(300))), Some(at(300)));
    }

    #[test]
    fn one_that_was_set_before_the_clock_was_set_back_does_not_count() {
        let mut alarm = Alarm::default();
        alarm.arm(Some(NOW.after(Duration::from_hours(24 * 400))));
        assert!(!alarm.is_in_time(NOW));
        alarm.learn(NOW, None);
        assert_eq!(alarm.arm(Some(at(5))), Some(at(5)));
    }

    #[test]
    fn what_storage_says_counts_only_where_nothing_is_known() {
        let mut alarm = Alarm::default();
        assert!(!alarm.is_in_time(at(0)) && alarm.is_unknown());
        alarm.learn(at(0), Some(at(5)));
        assert_eq!(alarm.arm(Some(at(6))), None, "it rings before");
        assert_eq!(alarm.arm(Some(at(4))), Some(at(4)));
        alarm.learn(at(0), Some(at(1)));
        assert_eq!(alarm.arm(Some(at(3))), Some(at(3)));
    }

    #[test]
    fn when_it_has_rung_none_is_set_and_failed_work_is_repeated_after_ten_seconds() {
        let mut alarm = Alarm::default();
        alarm.arm(Some(at(5)));
        alarm.rings();
        assert!(!alarm.is_unknown());
        assert_eq!(alarm.arm(Some(at(60))), Some(at(60)));
        assert_eq!(Alarm::again(at(0)), at(10));
    }
}
