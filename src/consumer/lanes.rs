//! Lanes: how many admitted jobs of each tier one delivery runs side by side.

use crate::domain::{Tier, Tiers};

/// The free places in each tier's lane; a lane is as wide as the tier's batch size.
///
/// A place that frees is taken by the next job at once: with a barrier between chunks, the leases of a
/// chunk would idle until its slowest job ended.
#[derive(Clone, Copy, Debug)]
pub struct Lanes([u32; Tier::ALL.len()]);

impl Lanes {
    /// All places free.
    #[must_use]
    pub fn new(tiers: &Tiers) -> Self {
        Self(Tier::ALL.map(|tier| tiers.of(tier).max_batch_size))
    }

    /// Removes from `waiting`, which is in rank order, every job that has a place now, best first.
    pub fn start<T>(&mut self, waiting: &mut Vec<T>, tier: impl Fn(&T) -> Tier) -> Vec<T> {
        let (starting, kept) = std::mem::take(waiting).into_iter().partition(|job| {
            let free = &mut self.0[tier(job) as usize];
            let has_place = *free > 0;
            *free -= u32::from(has_place);
            has_place
        });
        *waiting = kept;
        starting
    }

    /// A job of that tier has ended.
    pub fn end(&mut self, tier: Tier) {
        self.0[tier as usize] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lane_is_as_wide_as_the_batch_size_of_its_tier() {
        for (tier, size) in Tier::ALL.into_iter().zip([3, 5, 10, 15]) {
            let mut lanes = Lanes::new(&Tiers::DEFAULT);
            let mut waiting: Vec<usize> = (0..100).collect();
            assert_eq!(lanes.start(&mut waiting, |_| tier).len(), size, "{tier}");
            assert!(lanes.start(&mut waiting, |_| tier).is_empty());
            lanes.end(tier);
            assert_eq!(lanes.start(&mut waiting, |_| tier), [size]);
            assert_eq!(waiting.len(), 100 - size - 1);
        }
    }

    #[test]
    fn a_full_lane_holds_up_no_other() {
        let mut lanes = Lanes::new(&Tiers::DEFAULT);
        let mut waiting: Vec<Tier> = [Tier::Tier1; 4].into();
        waiting.push(Tier::Tier4);
        let started = lanes.start(&mut waiting, |tier| *tier);
        assert_eq!(
            started,
            [Tier::Tier1, Tier::Tier1, Tier::Tier1, Tier::Tier4]
        );
        assert_eq!(waiting, [Tier::Tier1]);
    }
}
