//! When something is to be woken.

use super::START;
use queue_core::domain::Timestamp;

/// When an object, or a delivery, is woken next.
#[derive(Default)]
pub(super) struct Alarm(Option<i64>);

impl Alarm {
    /// Moves it to an earlier time; says to when, if it moved.
    pub(super) fn arm(&mut self, wake_by: Option<Timestamp>) -> Option<i64> {
        let wake_by = wake_by?.as_millis() - START;
        if self.0.is_some_and(|armed| armed <= wake_by) {
            return None;
        }
        self.0 = Some(wake_by);
        self.0
    }

    /// Whether it rings now; then it has to be set anew.
    pub(super) fn rings(&mut self, now: i64) -> bool {
        let rings = self.0 == Some(now);
        if rings {
            self.0 = None;
        }
        rings
    }
}
