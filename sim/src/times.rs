//! When the jobs of a seed may start: not before one time, and not after another.

use crate::dice::Dice;
use queue_core::domain::{Timestamp, Window};

/// What a client says of when its job may start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    /// Not before so long after the submission, in milliseconds.
    not_before: Option<i64>,
    /// Not after so long from when it may start.
    start_by: Option<i64>,
}

impl Times {
    /// The same, submitted then.
    pub(crate) fn window(self, now: i64) -> Window {
        let opens = now + self.not_before.unwrap_or(0).max(0);
        let at = Timestamp::from_millis;
        Window {
            not_before: self.not_before.map(|after| at(now + after)),
            start_by: self.start_by.map(|after| at(opens + after)),
        }
    }

    /// How long the job may wait for its time, in milliseconds.
    pub(crate) fn longest(self) -> i64 {
        self.not_before.unwrap_or(0)
    }
}

/// Draws the times of so many jobs; in two of five seeds there are any.
pub(crate) fn draw(mut dice: Dice, count: usize) -> Vec<Times> {
    if !dice.chance(0.4) {
        return Vec::new();
    }
    let draw = |_| Times {
        // What has passed means now.
        not_before: dice.chance(0.3).then(|| ahead(&mut dice) - 2_000),
        start_by: dice.chance(0.4).then(|| ahead(&mut dice)),
    };
    (0..count).map(draw).collect()
}

/// Most is seconds or minutes ahead, some days.
fn ahead(dice: &mut Dice) -> i64 {
    match dice.below(20) {
        0..10 => dice.between(1, 30_000),
        10..19 => dice.between(30_000, 3_600_000),
        _ => dice.between(3_600_000, 4 * 24 * 3_600_000),
    }
}
