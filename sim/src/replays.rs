//! Replays that a seed has: of single jobs, by their users, and of many, by an operator.

use crate::{dice::Dice, kinds};

/// Which failed jobs a replay of many means.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Meant {
    /// Those of a user.
    User(usize),
    /// Those of a kind.
    Kind(usize),
    /// Those whose attempts were used up, or that failed for good.
    Planned,
}

/// A replay of many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Many {
    /// When, in milliseconds after the start.
    pub(crate) at: i64,
    /// Which.
    pub(crate) meant: Meant,
    /// How many a minute.
    pub(crate) rate: u32,
    /// It is paused so long after that, for so long.
    pub(crate) pause: Option<(i64, i64)>,
    /// It is stopped so long after that.
    pub(crate) stop: Option<i64>,
}

/// All of a seed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Replays {
    /// When a user replays one, and which of those that can be.
    pub(crate) single: Vec<(i64, usize)>,
    /// Of many.
    pub(crate) many: Vec<Many>,
}

impl Replays {
    /// Those of a seed, in half of those with faults.
    pub(crate) fn of_seed(seed: u64, is_calm: bool, (users, horizon): (usize, i64)) -> Self {
        // Dice of their own: what else a seed does need not change with them.
        let mut dice = Dice::new(seed ^ 0x5eed_0f1e_9a7e_0001);
        if is_calm || !dice.chance(0.5) {
            return Self::default();
        }
        Self::draw(&mut dice, users, (horizon, horizon + 60_000))
    }

    fn draw(dice: &mut Dice, users: usize, (from, to): (i64, i64)) -> Self {
        let single = (0..dice.below(6)).map(|_| (dice.between(0, to), dice.below(1_000)));
        let single = single.collect();
        let many = (0..dice.below(4)).map(|_| Many {
            at: dice.between(from / 2, to),
            meant: match dice.below(3) {
                0 => Meant::User(dice.below(users)),
                1 => Meant::Kind(dice.below(kinds::COUNT)),
                _ => Meant::Planned,
            },
            rate: [30, 60, 600, 6_000][dice.below(4)],
            pause: dice
                .chance(0.3)
                .then(|| (dice.between(0, 5_000), dice.between(1_000, 120_000))),
            stop: dice.chance(0.15).then(|| dice.between(0, 10_000)),
        });
        let many = many.collect();
        Self { single, many }
    }
}
