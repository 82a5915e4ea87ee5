//! The latest lengths of one kind and stage: as many as still tell of now.
//!
//! A long memory gives a good mean, and a wrong one when things have changed. So the older part is forgotten as soon as the
//! newer one differs from it by more than chance would have it (the idea of ADWIN: Bifet and Gavaldà, *Learning from
//! time-changing data with adaptive windowing*, 2007; here with a few cuts, and tested by the normal distribution).

use crate::domain::Timestamp;
use std::collections::VecDeque;

/// At most so many.
const KEPT: usize = 256;

/// The newest, of each of these numbers, are compared with all before them; and how often that is done.
const CUTS: [usize; 4] = [8, 16, 32, 64];
const EVERY: u64 = 4;

/// By how many standard errors two means must differ, and by what part of the mean.
const ERRORS: i128 = 4;
const PART: i64 = 20;

/// A slot, or a lease, was held so long.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Length {
    /// Until when.
    pub(super) at: Timestamp,
    /// How long.
    pub(super) millis: i64,
}

/// The latest, the newest at the end.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Latest {
    lengths: VecDeque<Length>,
    added: u64,
}

impl Latest {
    pub(super) fn add(&mut self, length: Length) {
        if self.lengths.len() >= KEPT {
            self.lengths.pop_front();
        }
        self.lengths.push_back(length);
        self.added += 1;
        if self.added.is_multiple_of(EVERY) {
            self.forget_what_has_changed();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.lengths.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Length> + Clone {
        self.lengths.iter()
    }

    fn forget_what_has_changed(&mut self) {
        let cuts = CUTS.iter().map(|newest| self.len().saturating_sub(*newest));
        let changed = cuts.rev().find(|older| self.has_changed(*older));
        if let Some(older) = changed {
            self.lengths.drain(..older);
        }
    }

    /// Whether the mean of so many old ones is another than that of the rest.
    fn has_changed(&self, older: usize) -> bool {
        let newer = self.len() - older;
        if older < newer {
            return false;
        }
        let millis = || self.iter().map(|length| length.millis);
        let (mean, variance) = mean_and_variance(millis());
        let (before, _) = mean_and_variance(millis().take(older));
        let (now, _) = mean_and_variance(millis().skip(older));
        let by = (now - before).abs();
        let [all, old, new] = [self.len(), older, newer].map(|count| count as i128);
        by > mean / PART && i128::from(by).pow(2) * old * new > ERRORS.pow(2) * variance * all
    }
}

/// Of some numbers, each of thirty days in milliseconds or less.
pub(super) fn mean_and_variance(numbers: impl Iterator<Item = i64> + Clone) -> (i64, i128) {
    let (count, sum) = numbers
        .clone()
        .fold((0, 0), |(count, sum), number| (count + 1, sum + number));
    let mean = sum / count.max(1);
    let squares: i128 = numbers.map(|number| i128::from(number - mean).pow(2)).sum();
    (mean, squares / i128::from(count.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(lengths: impl IntoIterator<Item = i64>) -> Latest {
        let mut latest = Latest::default();
        for millis in lengths {
            let at = Timestamp::from_millis(0);
            latest.add(Length { at, millis });
        }
        latest
    }

    #[test]
    fn what_goes_on_alike_is_kept_however_it_spreads() {
        let spread = (0..1_000).map(|number| 1_000 << (number * 7 % 10));
        assert_eq!(after(spread).len(), KEPT);
    }

    #[test]
    fn after_a_change_what_was_before_is_forgotten() {
        let slow_then_quick = [[4_000; 100], [3_000; 100]].concat();
        let latest = after(slow_then_quick);
        assert!(latest.iter().all(|length| length.millis == 3_000));
        assert_eq!(latest.len(), 100);
    }

    #[test]
    fn a_change_too_small_to_matter_forgets_nothing() {
        assert_eq!(after([[4_000; 100], [3_900; 100]].concat()).len(), 200);
    }
}
