//! How long slots, or leases, were held lately, by kind and stage.

use super::{
    chance::Share,
    latest::{Latest, Length, mean_and_variance},
};
use crate::domain::{Kind, Stage, Timestamp};
use std::collections::BTreeMap;

/// Kinds and stages that are told apart.
const KEYS_MAX: usize = 24;

/// With fewer, nothing is known.
const ENOUGH: usize = 3;

/// Longer than anything runs, so that sums stay small numbers.
const LONGEST: i64 = 30 * 24 * 3_600_000;

/// How far all lengths of one time may be off together, in parts of their mean: what runs at the same time is slow or quick for
/// the same reason. Of several times, that is as much less as of so many samples.
const TOGETHER: i64 = 5;

/// The latest lengths. Kept in memory only: they decide nothing but what is told, and after an eviction nothing is told
/// until enough were seen again.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Lengths(BTreeMap<(Kind, Stage), Latest>);

impl Lengths {
    /// One of that kind, which began at that stage, ended then and took so long.
    pub fn add(&mut self, kind: &Kind, stage: Stage, at: Timestamp, millis: i64) {
        let key = (kind.clone(), stage);
        if self.0.len() >= KEYS_MAX && !self.0.contains_key(&key) {
            return;
        }
        let millis = millis.clamp(0, LONGEST);
        self.0.entry(key).or_default().add(Length { at, millis });
    }

    /// What to draw from.
    #[must_use]
    pub fn spreads(&self) -> Spreads {
        let known = self.0.iter().filter(|(_, latest)| latest.len() >= ENOUGH);
        Spreads {
            all: Spread::of(self.0.values().flat_map(Latest::iter)),
            known: known
                .map(|(key, latest)| (key.clone(), Spread::of(latest.iter())))
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
    /// From the first of them to the last.
    span: i64,
}

impl Spread {
    fn of<'a>(lengths: impl Iterator<Item = &'a Length>) -> Self {
        let (mut sorted, mut ends) = (Vec::new(), Vec::new());
        for length in lengths {
            sorted.push(length.millis);
            ends.push(length.at);
        }
        sorted.sort_unstable();
        let (mean, variance) = mean_and_variance(sorted.iter().copied());
        let span = match (ends.iter().min(), ends.iter().max()) {
            (Some(first), Some(last)) => last.millis_since(*first),
            _ => 0,
        };
        Self {
            deviation: i64::try_from(variance.isqrt()).unwrap_or(i64::MAX),
            mean,
            sorted,
            span,
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

    /// How far the mean of so few, and of so short a time, may be off, in thousandths of it, where `normal` says how far it is.
    pub(super) fn blur(&self, normal: i64) -> i64 {
        let mean = self.mean.max(1);
        let by_chance =
            i128::from(self.deviation).pow(2) / i128::from(count_of(&self.sorted).max(1));
        let times = 1 + self.span / mean;
        let together = i128::from(mean / TOGETHER).pow(2) / i128::from(times);
        let off = i64::try_from((by_chance + together).isqrt()).unwrap_or(i64::MAX);
        (normal.saturating_mul(off) / mean).clamp(-500, 1_000)
    }
}

fn count_of(lengths: &[i64]) -> i64 {
    i64::try_from(lengths.len()).unwrap_or(i64::MAX)
}

fn pick(lengths: &[i64], share: Share) -> Option<i64> {
    let index = usize::try_from(share.of(count_of(lengths))).unwrap_or(0);
    lengths.get(index).copied()
}
