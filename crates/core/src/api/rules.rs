//! What the answers about the rules look like: the tiers and the kinds as configured.

use crate::{
    config::GateConfig,
    domain::{
        Kind, Kinds, Tier,
        kind::{KindRules, Owner},
    },
};
use serde_json::{Map, Value, json};

/// The tiers, with the quotas of each kind that a user may submit.
#[must_use]
pub fn tiers(config: &GateConfig) -> Value {
    let tier = |tier: Tier| {
        let rules = config.tiers.of(tier);
        json!({
            "tier": tier,
            "maxConcurrentJobs": rules.max_concurrent_jobs,
            "maxBatchSize": rules.max_batch_size,
            "priority": rules.priority,
            "maxParkedJobs": rules.max_parked_jobs,
            "quotas": quotas(&config.kinds, tier),
        })
    };
    json!({"default": Tier::default(), "tiers": Tier::ALL.map(tier)})
}

fn quotas(kinds: &Kinds, tier: Tier) -> Map<String, Value> {
    let users = kinds.iter().filter(|(_, rules)| rules.owner == Owner::User);
    let quota = |(kind, rules): (&Kind, &KindRules)| {
        let quota = rules.quotas[tier as usize];
        let shown = json!({"jobsPerMonth": quota.jobs_per_month, "maxChars": quota.max_chars});
        (kind.to_string(), shown)
    };
    users.map(quota).collect()
}

/// The kinds.
#[must_use]
pub fn kinds(kinds: &Kinds) -> Value {
    let kind = |(kind, rules): (&Kind, &KindRules)| {
        json!({
            "kind": kind,
            "owner": rules.owner,
            "stages": rules.stages,
            "maxConcurrentJobs": rules.max_concurrent_jobs,
        })
    };
    json!({"kinds": kinds.iter().map(kind).collect::<Vec<_>>()})
}
