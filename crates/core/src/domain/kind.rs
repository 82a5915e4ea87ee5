//! Kinds of jobs: what each is made of, how many of it a user may have at once, and its quotas.

use super::{Tier, id::Kind, named::named};
use std::collections::BTreeMap;

named! {
    /// One step of a job; one call of the generator.
    #[derive(Ord, PartialOrd)]
    pub enum Stage {
        /// Makes the frames of a story.
        Image = "image",
        /// Makes the spoken part.
        Audio = "audio",
        /// Combines frames and sound.
        Video = "video",
        /// Makes a clean text of a source.
        Process = "process",
        /// Deletes artifacts.
        Sweep = "sweep",
    }
}

named! {
    /// Whose the jobs of a kind are.
    pub enum Owner {
        /// A user's.
        User = "user",
        /// Nobody's: maintenance, which the service asks for.
        Nobody = "nobody",
    }
}

/// How much of a kind a user of a tier may submit; 0 means no quota.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct KindQuota {
    /// Jobs in a calendar month (UTC); nothing is counted where there is no quota.
    pub jobs_per_month: u32,
    /// Characters of one job's text.
    pub max_chars: u32,
}

/// The rules of one kind.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KindRules {
    /// The stages in the order in which they run; never empty. A job keeps those that it was accepted with.
    pub stages: Vec<Stage>,
    /// Jobs of the kind that may hold a lease at the same time, of one user; 0 means that only the tier's limit holds.
    pub max_concurrent_jobs: u32,
    /// By tier.
    pub quotas: [KindQuota; Tier::ALL.len()],
    /// Whose they are. Of nobody's, the kind's limit is the only one, and not 0.
    pub owner: Owner,
}

impl KindRules {
    /// A kind of these stages, without any bound of its own.
    #[must_use]
    pub fn of(stages: &[Stage]) -> Self {
        Self {
            stages: stages.to_vec(),
            max_concurrent_jobs: 0,
            quotas: [KindQuota::default(); Tier::ALL.len()],
            owner: Owner::User,
        }
    }
}

/// Every kind, by its name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Kinds(BTreeMap<Kind, KindRules>);

impl Kinds {
    /// These.
    #[must_use]
    pub const fn new(kinds: BTreeMap<Kind, KindRules>) -> Self {
        Self(kinds)
    }

    /// The rules of a kind, if it is known.
    #[must_use]
    pub fn get(&self, kind: &Kind) -> Option<&KindRules> {
        self.0.get(kind)
    }

    /// Every kind with its rules, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Kind, &KindRules)> {
        self.0.iter()
    }

    /// How many jobs of the kind may hold a lease, if it has a limit of its own. A job whose kind is known no more goes on
    /// under the tier's limit alone.
    #[must_use]
    pub fn limit(&self, kind: &Kind) -> Option<u32> {
        let limit = self.get(kind)?.max_concurrent_jobs;
        (limit > 0).then_some(limit)
    }

    /// How many jobs of nobody may hold a lease, of all kinds together. At least one: what was accepted goes on, though its
    /// kind may be known no more.
    #[must_use]
    pub fn limit_of_nobody(&self) -> u32 {
        let nobodys = self.0.values().filter(|rules| rules.owner == Owner::Nobody);
        let limit: u32 = nobodys.map(|rules| rules.max_concurrent_jobs).sum();
        limit.max(1)
    }

    /// What a user of the tier may submit of the kind.
    #[must_use]
    pub fn quota(&self, kind: &Kind, tier: Tier) -> KindQuota {
        self.get(kind)
            .map_or_else(KindQuota::default, |rules| rules.quotas[tier as usize])
    }
}

impl Default for Kinds {
    /// The table of docs/configuration.md.
    fn default() -> Self {
        use Stage::{Audio, Image, Process, Sweep, Video};
        let kind = |name: &str| Kind::try_from(name.to_owned()).expect("these names are valid");
        let episode = KindRules {
            max_concurrent_jobs: 1,
            ..KindRules::of(&[Process, Audio])
        };
        let cleanup = KindRules {
            max_concurrent_jobs: 2,
            owner: Owner::Nobody,
            ..KindRules::of(&[Sweep])
        };
        Self(BTreeMap::from([
            (kind("cleanup"), cleanup),
            (kind("episode"), episode),
            (kind("still"), KindRules::of(&[Image])),
            (kind("story"), KindRules::of(&[Image, Audio, Video])),
        ]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_stages_and_nobodys_has_a_limit() {
        for (kind, rules) in Kinds::default().iter() {
            assert!(!rules.stages.is_empty(), "{kind}");
            let is_bounded = rules.owner == Owner::User || rules.max_concurrent_jobs > 0;
            assert!(is_bounded, "{kind}");
        }
    }

    #[test]
    fn the_limits_of_nobodys_kinds_add_up_to_at_least_one() {
        let kinds = |limits: &[(Owner, u32)]| {
            let rules = limits.iter().map(|(owner, limit)| KindRules {
                owner: *owner,
                max_concurrent_jobs: *limit,
                ..KindRules::of(&[Stage::Sweep])
            });
            let named = rules.enumerate().map(|(number, rules)| {
                let kind = Kind::try_from(format!("k{number}")).unwrap();
                (kind, rules)
            });
            Kinds::new(named.collect())
        };
        let three = kinds(&[(Owner::Nobody, 2), (Owner::User, 5), (Owner::Nobody, 3)]);
        assert_eq!(three.limit_of_nobody(), 5);
        assert_eq!(kinds(&[(Owner::User, 5)]).limit_of_nobody(), 1);
    }

    #[test]
    fn an_unknown_kind_has_no_bound_of_its_own() {
        let unknown = Kind::try_from("song".to_owned()).unwrap();
        let kinds = Kinds::default();
        assert_eq!(kinds.limit(&unknown), None);
        assert_eq!(kinds.quota(&unknown, Tier::Tier1), KindQuota::default());
    }
}
