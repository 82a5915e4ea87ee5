//! Tiers: the classes of service, and what each allows.

use super::named::named;
use serde::Serialize;

named! {
    /// A class of service. The priority decides which job goes first, not the order of the names; that order only says
    /// which of two tiers is the better one to be entitled to.
    #[derive(Default, Ord, PartialOrd)]
    pub enum Tier {
        /// Basic users; the default of a job.
        #[default]
        Tier1 = "tier1",
        /// Standard.
        Tier2 = "tier2",
        /// Professional.
        Tier3 = "tier3",
        /// Enterprise.
        Tier4 = "tier4",
    }
}

/// What a tier allows.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TierRules {
    /// Jobs of one user that may hold a lease at the same time.
    pub max_concurrent_jobs: u32,
    /// Jobs of this tier that one queue delivery takes at once.
    pub max_batch_size: u32,
    /// Steps of head start in the rank; see [`Rank`](super::Rank).
    pub priority: u32,
    /// Jobs of one user that may wait at the same time (scheduled, queued, parked or retrying); 0 means no bound.
    pub max_parked_jobs: u32,
}

/// The rules of every tier.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tiers([TierRules; Tier::ALL.len()]);

impl Tiers {
    /// The table of docs/configuration.md. What one user may have waiting is bounded, since a waiting job takes storage, and
    /// each submission counts them.
    pub const DEFAULT: Self = Self([
        TierRules {
            max_concurrent_jobs: 2,
            max_batch_size: 3,
            priority: 1,
            max_parked_jobs: 100,
        },
        TierRules {
            max_concurrent_jobs: 5,
            max_batch_size: 5,
            priority: 2,
            max_parked_jobs: 300,
        },
        TierRules {
            max_concurrent_jobs: 10,
            max_batch_size: 10,
            priority: 3,
            max_parked_jobs: 1_000,
        },
        TierRules {
            max_concurrent_jobs: 20,
            max_batch_size: 15,
            priority: 4,
            max_parked_jobs: 3_000,
        },
    ]);

    /// The rules of one tier.
    #[must_use]
    pub fn of(&self, tier: Tier) -> &TierRules {
        &self.0[tier as usize]
    }

    /// The same, mutable while a configuration is read.
    pub(crate) fn of_mut(&mut self, tier: Tier) -> &mut TierRules {
        &mut self.0[tier as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_has_one_name_in_requests_rows_and_logs() {
        for tier in Tier::ALL {
            let stored = serde_json::to_value(tier).unwrap();
            assert_eq!(stored, tier.name());
            assert_eq!(stored, tier.to_string());
            assert_eq!(Tier::from_name(tier.name()), Some(tier));
        }
        assert_eq!(Tier::from_name("Tier1"), None);
    }
}
