//! The configuration of a seed.

use crate::dice::Dice;
use queue_core::{config::Config, domain::Tier};
use std::time::Duration;

/// What is drawn of a configuration, besides limits and capacity.
pub(crate) struct Settings {
    lease: i64,
    budget: i64,
    boost: i64,
    resend: i64,
    attempts: i64,
    backoff: i64,
    width: i64,
    places: usize,
    /// Jobs are forgotten within the seed.
    pub(crate) forgets: bool,
}

impl Settings {
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        let lease = dice.between(30, 300);
        Self {
            lease,
            budget: dice.between(0, 60),
            boost: [0, 60, 1_800][dice.below(3)],
            resend: dice.between(10, 120),
            attempts: dice.between(1, 5),
            backoff: dice.between(1, 60),
            width: dice.between(1, 3),
            places: [1, 2, 4, 33, 100][dice.below(5)],
            forgets: dice.chance(0.15),
        }
    }

    pub(crate) fn config(&self, limits: [u32; 4], extra: u32, capacity: u32) -> Config {
        let width = self.width;
        let tier = |(tier, limit): (Tier, u32)| {
            let limit = limit + extra;
            format!(r#""{tier}":{{"maxConcurrentJobs":{limit},"maxBatchSize":{width}}}"#)
        };
        let tiers: Vec<String> = Tier::ALL.into_iter().zip(limits).map(tier).collect();
        let vars = [
            ("TIERS", format!("{{{}}}", tiers.join(","))),
            ("POOL_CAPACITY", capacity.to_string()),
            ("LEASE_SECONDS", self.lease.to_string()),
            ("DELIVERY_BUDGET_SECONDS", self.budget.to_string()),
            ("PRIORITY_BOOST_SECONDS", self.boost.to_string()),
            ("TICKET_RESEND_SECONDS", self.resend.to_string()),
            ("MAX_ATTEMPTS", self.attempts.to_string()),
            ("RETRY_BACKOFF_SECONDS", self.backoff.to_string()),
        ];
        let look = |name: &str| {
            let found = vars.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| value.clone())
        };
        let mut config = Config::from_vars(&look).expect("what is drawn is within the bounds");
        let prices = Tier::ALL.map(|tier| (tier.name().to_owned(), tier));
        config.gate.plans.prices.extend(prices);
        config.places = self.places;
        if self.forgets {
            // Far below what may be configured.
            config.gate.retention = Duration::from_mins(1);
        }
        config
    }
}

/// How many may run at once: nobody is bounded, few, or many.
pub(crate) fn capacity(dice: &mut Dice) -> u32 {
    let capacity = match dice.below(10) {
        0..3 => 0,
        3..6 => dice.between(1, 2),
        6..9 => dice.between(1, 6),
        _ => dice.between(7, 60),
    };
    u32::try_from(capacity).unwrap_or(1)
}
