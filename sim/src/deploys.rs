//! Deploys in the midst of a seed.

use crate::{dice::Dice, rates::Rates, settings};

/// Deploys that change the limits, up to `most`, or the capacity, or both, one after the other.
pub(crate) fn draw(
    dice: &mut Dice,
    rates: &Rates,
    (most, mut limits, capacity): ([i64; 4], [u32; 4], u32),
    horizon: i64,
) -> Vec<(i64, [u32; 4], u32)> {
    let mut deploys = Vec::new();
    let mut from = 0;
    if dice.chance(rates.tier_change) {
        limits = most.map(|most| u32::try_from(dice.between(1, most)).unwrap_or(1));
        from = dice.between(0, horizon);
        deploys.push((from, limits, capacity));
    }
    if dice.chance(rates.capacity_change) {
        let other = settings::capacity(dice);
        deploys.push((dice.between(from, horizon), limits, other));
    }
    deploys
}
