//! Outages of a back end that a seed has.

use crate::dice::Dice;
use queue_core::domain::Backend;

/// Who meets an outage.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scope {
    /// Every job.
    All,
    /// Jobs at that stage.
    Stage(usize),
    /// The jobs of one user: no outage at all, but what looks like one.
    User(usize),
}

/// An outage.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outage {
    /// From when, in milliseconds after the start.
    pub(crate) from: i64,
    /// Until when.
    pub(crate) to: i64,
    /// Who meets it.
    pub(crate) scope: Scope,
    /// Of what.
    pub(crate) backend: Backend,
    /// Whether it says how long it will last.
    pub(crate) is_named: bool,
    /// It comes and goes: for so long each.
    pub(crate) flaps: Option<i64>,
}

impl Outage {
    /// Draws those of a seed: of minutes or hours.
    pub(crate) fn draw(dice: &mut Dice, users: usize, horizon: i64) -> Vec<Self> {
        if !dice.chance(0.3) {
            return Vec::new();
        }
        let mut outages = Vec::new();
        for _ in 0..=dice.below(2) {
            let from = dice.between(0, horizon);
            let longest = [60_000, 600_000, 10_800_000][dice.below(3)];
            outages.push(Self {
                from,
                to: from + dice.between(5_000, longest),
                scope: match dice.below(4) {
                    0 => Scope::Stage(dice.below(3)),
                    1 => Scope::User(dice.below(users)),
                    _ => Scope::All,
                },
                backend: Backend::ALL[dice.below(2)],
                is_named: dice.chance(0.3),
                flaps: dice.chance(0.2).then(|| dice.between(5_000, 60_000)),
            });
        }
        outages
    }

    /// That time, or the end of the last one.
    pub(crate) fn after_all(outages: &[Self], at: i64) -> i64 {
        let ends = outages.iter().map(|outage| outage.to);
        ends.max().map_or(at, |last| last.max(at))
    }

    /// Whether that stage of that user meets it then.
    pub(crate) fn is_met(&self, at: i64, user: usize, stage: usize) -> bool {
        let is_in = self.from <= at && at < self.to;
        let is_up = self
            .flaps
            .is_some_and(|span| (at - self.from) / span % 2 == 1);
        let is_of = match self.scope {
            Scope::All => true,
            Scope::Stage(of) => of == stage,
            Scope::User(of) => of == user,
        };
        is_in && !is_up && is_of
    }
}
