//! Pauses that an operator orders in a seed.

use crate::dice::Dice;
use queue_core::domain::Backend;

/// A pause of a back end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    /// When it is ordered, in milliseconds after the start.
    pub(crate) from: i64,
    /// Until when.
    pub(crate) to: i64,
    /// Of what.
    pub(crate) backend: Backend,
    /// Whether the order says until when; else it is taken back then.
    pub(crate) is_timed: bool,
    /// When a job is let through, if one is.
    pub(crate) lets: Option<i64>,
}

impl Order {
    /// Draws that of a seed, if it has one: of seconds to an hour.
    pub(crate) fn draw(dice: &mut Dice, horizon: i64) -> Option<Self> {
        if !dice.chance(0.15) {
            return None;
        }
        let from = dice.between(0, horizon);
        let longest = [60_000, 3_600_000][dice.below(2)];
        let to = from + dice.between(5_000, longest);
        Some(Self {
            from,
            to,
            backend: Backend::ALL[dice.below(2)],
            is_timed: dice.chance(0.5),
            lets: dice.chance(0.5).then(|| dice.between(from, to)),
        })
    }
}
