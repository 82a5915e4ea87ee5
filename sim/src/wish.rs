//! What clients want: jobs of which user, kind and tier, when, and how long they may wait.

use crate::{
    dice::Dice,
    kinds,
    rates::Rates,
    times::{self, Times},
};
use queue_core::domain::Tier;

/// One wish of a client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    /// When, in milliseconds after the start.
    pub(crate) at: i64,
    /// Whose.
    pub(crate) user: usize,
    /// The tier it states.
    pub(crate) tier: Option<Tier>,
    /// The key it sends, and what is submitted under it.
    pub(crate) key: Option<(usize, bool)>,
    /// How long after its submission the client cancels it, if it does.
    pub(crate) cancel_after: Option<i64>,
    /// What it weighs.
    pub(crate) weight: u32,
    /// The length of its script.
    pub(crate) chars: u32,
    /// Of which kind.
    pub(crate) kind: usize,
    /// When it may start.
    pub(crate) times: Times,
}

/// Draws how long each text is, its kind, if one has a limit of its own, and, with dice of their own, when it may start.
pub(crate) fn add_terms(wishes: &mut [Wish], (terms, times): (&mut Dice, Dice), has_limited: bool) {
    let times = times::draw(times, wishes.len());
    for (wish, times) in wishes.iter_mut().zip(times) {
        wish.times = times;
    }
    for wish in wishes {
        wish.chars = u32::try_from(terms.between(0, 2_000)).unwrap_or(0);
        if has_limited && terms.chance(0.4) {
            wish.kind = kinds::LIMITED;
        }
    }
}

/// Draws what clients want, in order of time.
pub(crate) fn wishes(
    dice: &mut Dice,
    rates: &Rates,
    jobs: i64,
    users: usize,
    horizon: i64,
) -> Vec<Wish> {
    let is_heavy = !rates.is_calm && dice.chance(0.3);
    let mut wishes: Vec<Wish> = (0..jobs)
        .map(|_| wish(dice, rates, users, horizon, is_heavy))
        .collect();
    wishes.sort_by_key(|wish| wish.at);
    wishes
}

fn wish(dice: &mut Dice, rates: &Rates, users: usize, horizon: i64, is_heavy: bool) -> Wish {
    // Bursts: a third comes at one moment.
    let at = if dice.chance(0.33) {
        horizon / 3
    } else {
        dice.between(0, horizon)
    };
    let tier = dice
        .chance(rates.tier_change.max(0.05))
        .then(|| Tier::ALL[dice.below(Tier::ALL.len())]);
    let key = dice.chance(0.2).then(|| (dice.below(3), dice.chance(0.2)));
    let cancel_after = dice.chance(rates.cancel).then(|| {
        if dice.chance(0.3) {
            dice.between(0, 1_500)
        } else {
            dice.between(0, 300_000)
        }
    });
    // Up to a little more than what an isolate has room for.
    let weight = if is_heavy {
        dice.between(1, 60 * 1024 * 1024)
    } else {
        100_000
    };
    Wish {
        at,
        user: dice.below(users),
        tier,
        key,
        cancel_after,
        weight: u32::try_from(weight).unwrap_or(u32::MAX),
        chars: 0,
        kind: 0,
        times: Times::default(),
    }
}
