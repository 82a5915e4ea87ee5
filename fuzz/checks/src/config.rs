//! Variables, one `NAME=value` a line: a configuration is refused with reasons, or every setting is in bounds.

use queue_core::{
    config::{Config, GeneratorChoice},
    domain::{Rank, Tier, Timestamp, subscription::is_price_id},
};
use std::{collections::BTreeMap, time::Duration};

/// Reads the lines as variables; of a name that is set twice, the last counts.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let vars: BTreeMap<&str, &str> = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .collect();
    let read = || Config::from_vars(&|name| vars.get(name).map(|value| (*value).to_owned()));
    assert_eq!(read(), read(), "the same variables, read twice");
    match read() {
        Ok(config) => within_bounds(&config),
        Err(error) => {
            assert!(!error.0.is_empty(), "refused without a reason");
            let shown = error.to_string();
            for fault in &error.0 {
                assert!(shown.contains(&fault.variable), "{shown}");
                assert!(!fault.detail.is_empty(), "{shown}");
            }
        }
    }
}

fn within_bounds(config: &Config) {
    let gate = &config.gate;
    let seconds = |span: Duration, low: u64, high: u64| {
        assert!((low..=high).contains(&span.as_secs()), "{span:?}");
    };
    seconds(gate.lease, 1, 86_400);
    seconds(config.delivery_budget, 0, 600);
    seconds(gate.priority_boost, 0, 31_536_000);
    seconds(gate.ticket_resend, 1, 3_600);
    seconds(gate.retry_backoff, 1, 3_600);
    seconds(gate.retention, 86_400, 365 * 86_400);
    assert!((1..=100).contains(&gate.max_attempts), "{config:?}");
    seconds(gate.plans.past_due_grace, 0, 365 * 86_400);
    for price in gate.plans.prices.keys() {
        assert!(is_price_id(price), "{price:?}");
    }
    match config.generator {
        GeneratorChoice::Storyboard { pace } => assert!(pace <= Duration::from_secs(4), "{pace:?}"),
        GeneratorChoice::Wait { span } => assert!(span <= Duration::from_mins(10), "{span:?}"),
    }
    assert!(config.pool.capacity <= 10_000, "{config:?}");
    for (kind, rules) in gate.kinds.iter() {
        assert!(!rules.stages.is_empty(), "{kind}");
        assert!(rules.max_concurrent_jobs <= 100, "{kind}");
        for quota in rules.quotas {
            assert!(quota.jobs_per_month <= 10_000_000, "{kind}");
            assert!(quota.max_chars <= 5_242_880, "{kind}");
        }
    }
    let now = Timestamp::from_millis(1_700_000_000_000);
    for tier in Tier::ALL {
        let rules = gate.tiers.of(tier);
        assert!((1..=100).contains(&rules.max_concurrent_jobs), "{tier}");
        assert!((1..=100).contains(&rules.max_batch_size), "{tier}");
        assert!(rules.priority <= 100, "{tier}");
        assert!(rules.max_parked_jobs <= 100_000, "{tier}");
        // Within the bounds no rank is cut off, or unequal jobs would be equal in line.
        let boost = i64::try_from(gate.priority_boost.as_millis()).expect("a year");
        let exact = now.as_millis() - boost * i64::from(rules.priority);
        let rank = Rank::new(now, rules.priority, gate.priority_boost);
        assert_eq!(rank.as_millis(), exact, "{tier}");
    }
}
