//! How long slots, or leases, were held lately, by kind and stage.

use super::chance::Share;
use crate::domain::{Kind, Stage};
use std::collections::{BTreeMap, VecDeque};

/// The latest of each kind that count: enough for a mean within a tenth or so, few enough to follow a change.
const SAMPLES: usize = 128;

/// Kinds and stages that are told apart.
const KEYS_MAX: usize = 24;

/// With fewer, nothing is known.
const ENOUGH: usize = 3;

/// Longer than anything runs, so that sums stay small numbers.
const LONGEST: i64 = 30 * 24 * 3_600_000;

/// The latest lengths. Kept in memory only: they decide nothing but what is told, and after an eviction nothing is told
/// until enough were seen again.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Lengths(BTreeMap<(Kind, Stage), VecDeque<i64>>);

impl Lengths {
    /// One of that kind, which began at that stage, took so long.
    pub fn add(&mut self, kind: &Kind, stage: Stage, millis: i64) {
        let key = (kind.clone(), stage);
        if self.0.len() >= KEYS_MAX && !self.0.contains_key(&key) {
            return;
        }
        let latest = self.0.entry(key).or_default();
        if latest.len() >= SAMPLES {
            latest.pop_front();
        }
        latest.push_back(millis.clamp(0, LONGEST));
    }

    /// What to draw from.
    #[must_use]
    pub fn spreads(&self) -> Spreads {
        let all = self.0.values().flatten().copied().collect();
        let known = self.0.iter().filter(|(_, latest)| latest.len() >= ENOUGH);
        Spreads {
            all: Spread::of(all),
            known: known
                .map(|(key, latest)| (key.clone(), Spread::of(latest.iter().copied().collect())))
                .collect(),
        }
    }
}

/// What is known of lengths.
#[derive(Clone, Debug)]
pub struct Spreads {
    all: Spread,
    known: Vec<((Kind, Stage), Spread)>,
}

/// One of the [`Spreads`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SpreadOf(Option<usize>);

impl SpreadOf {
    /// All, whatever their kind.
    pub const ANY: Self = Self(None);

    /// Its place in [`Spreads::iter`].
    pub(super) fn index(self) -> usize {
        self.0.map_or(0, |index| index + 1)
    }

    /// Whether enough of that kind was seen.
    pub(super) const fn is_known(self) -> bool {
        self.0.is_some()
    }
}

impl Spreads {
    /// What jobs of that kind and stage draw from; what nothing is known of, from all.
    #[must_use]
    pub fn find(&self, kind: &Kind, stage: Stage) -> SpreadOf {
        let is_it = |(key, _): &((Kind, Stage), Spread)| key.0 == *kind && key.1 == stage;
        SpreadOf(self.known.iter().position(is_it))
    }

    pub(super) fn get(&self, of: SpreadOf) -> &Spread {
        let known = of.0.and_then(|index| self.known.get(index));
        known.map_or(&self.all, |(_, spread)| spread)
    }

    /// All, and then each, in an order of their own.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Spread> {
        let known = self.known.iter().map(|(_, spread)| spread);
        std::iter::once(&self.all).chain(known)
    }

    /// How many lengths all rests on.
    pub(super) const fn count(&self) -> usize {
        self.all.sorted.len()
    }
}

/// Lengths, in milliseconds.
#[derive(Clone, Debug)]
pub(super) struct Spread {
    sorted: Vec<i64>,
    pub(super) mean: i64,
    pub(super) deviation: i64,
}

impl Spread {
    fn of(mut sorted: Vec<i64>) -> Self {
        sorted.sort_unstable();
        let count = count_of(&sorted).max(1);
        let mean = sorted.iter().sum::<i64>() / count;
        let squares: i128 = sorted
            .iter()
            .map(|length| i128::from(length - mean).pow(2))
            .sum();
        let variance = squares / i128::from(count);
        Self {
            deviation: i64::try_from(variance.isqrt()).unwrap_or(i64::MAX),
            mean,
            sorted,
        }
    }

    /// A length.
    pub(super) fn length(&self, share: Share) -> i64 {
        pick(&self.sorted, share).unwrap_or(0)
    }

    /// How much longer one takes that has taken so long: one of those that took longer tells. What takes longer than all of
    /// them is thought to go on for about as long again as it is late, or as they are apart.
    pub(super) fn rest(&self, elapsed: i64, share: Share) -> i64 {
        let longer = self.sorted.partition_point(|length| *length <= elapsed);
        if let Some(length) = pick(&self.sorted[longer..], share) {
            return length - elapsed;
        }
        let Some(longest) = self.sorted.last() else {
            return 0;
        };
        let apart = longest - self.sorted[self.sorted.len() / 2];
        share.of(2 * (elapsed - longest) + apart)
    }

    /// How far the mean of so few may be off, in thousandths of it, where `normal` says how far it is.
    pub(super) fn blur(&self, normal: i64) -> i64 {
        let root = count_of(&self.sorted).max(1).isqrt();
        (normal * self.deviation / (self.mean.max(1) * root)).clamp(-500, 1_000)
    }
}

fn count_of(lengths: &[i64]) -> i64 {
    i64::try_from(lengths.len()).unwrap_or(i64::MAX)
}

fn pick(lengths: &[i64], share: Share) -> Option<i64> {
    let index = usize::try_from(share.of(count_of(lengths))).unwrap_or(0);
    lengths.get(index).copied()
}
