//! Draws that are always the same: for one course of things, a job draws the same in every look, so that two looks a
//! second apart tell the same, and of two jobs in a line the later one is never told the earlier moment.

use crate::domain::JobId;

/// What a job draws by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Mark(u64);

impl Mark {
    /// The mark of a job (FNV-1a).
    #[must_use]
    pub fn of(job_id: &JobId) -> Self {
        let step =
            |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        let bytes = job_id.as_str().as_bytes();
        Self(bytes.iter().fold(0xcbf2_9ce4_8422_2325, step))
    }

    /// The mark of something that is no job.
    pub(super) const fn number(number: u64) -> Self {
        Self(number)
    }

    /// One of many that are no known jobs.
    pub(super) const fn nth(self, number: u64) -> Self {
        Self(self.0.wrapping_add(number))
    }
}

/// Any share of the whole, in parts of 2^32.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share(u32);

impl Share {
    /// So much of an amount.
    pub(super) fn of(self, amount: i64) -> i64 {
        let part = (i128::from(amount) * i128::from(self.0)) >> 32;
        i64::try_from(part).unwrap_or(amount)
    }
}

/// The draws of one course.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn of(course: u64) -> Self {
        Self(mixed(course.wrapping_add(1)))
    }

    /// Evenly any share.
    pub(super) fn share(self, mark: Mark) -> Share {
        let high = mixed(self.0 ^ mark.0) >> 32;
        Share(u32::try_from(high).unwrap_or(u32::MAX))
    }

    /// About normally spread around 0, in thousandths of the deviation (Irwin and Hall, of four).
    pub(super) fn normal(self, mark: Mark) -> i64 {
        let bits = mixed(self.0 ^ mark.0 ^ NORMAL);
        let sum: u64 = (0..4).map(|part| (bits >> (16 * part)) & 0xffff).sum();
        let sum = i64::try_from(sum).unwrap_or(MEAN_OF_SUM);
        (sum - MEAN_OF_SUM) * 1_000 / DEVIATION_OF_SUM
    }
}

const NORMAL: u64 = 0x5bd1_e995_9d1b_58d3;
const MEAN_OF_SUM: i64 = 2 * 0xffff;
/// 65,536 times the root of a third.
const DEVIATION_OF_SUM: i64 = 37_837;

/// `SplitMix64`.
const fn mixed(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_even_or_normal_and_repeat() {
        let count = 10_000_i64;
        let marks = || (0..10_000).map(Mark::number);
        let dice = Dice::of(3);
        let shares: i64 = marks().map(|mark| dice.share(mark).of(1_000)).sum();
        assert!((shares / count - 499).abs() < 10, "{}", shares / count);
        let normals: Vec<i64> = marks().map(|mark| dice.normal(mark)).collect();
        let mean = normals.iter().sum::<i64>() / count;
        let variance = normals.iter().map(|normal| normal * normal).sum::<i64>() / count;
        assert!(mean.abs() < 30 && (variance - 1_000_000).abs() < 30_000);
        let again = Dice::of(3).share(Mark::number(7)).of(1_000_000);
        assert_eq!(dice.share(Mark::number(7)).of(1_000_000), again);
        assert_ne!(Dice::of(4).share(Mark::number(7)).of(1_000_000), again);
    }
}
