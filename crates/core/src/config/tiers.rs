//! Reads `TIERS`: what each tier allows.

use super::reader::Reader;
use crate::domain::{Tier, TierRules, Tiers};
use serde_json::{Map, Value};

const NAME: &str = "TIERS";

/// Reads the tiers that differ from the defaults.
pub(super) fn read(reader: &mut Reader) -> Tiers {
    let mut tiers = Tiers::DEFAULT;
    for (name, wanted) in reader.table(NAME, "tiers") {
        let Some(tier) = Tier::from_name(&name) else {
            let known = Tier::ALL.map(Tier::name).join(", ");
            reader.fault(NAME, format!("{name:?} is not one of {known}"));
            continue;
        };
        let at = format!("{NAME}.{name}");
        let Value::Object(fields) = wanted else {
            reader.fault(&at, format!("is {wanted}, must be a table"));
            continue;
        };
        tier_rules(reader, &at, fields, tiers.of_mut(tier));
    }
    tiers
}

/// Reads one tier of `TIERS`; omitted fields keep their defaults.
fn tier_rules(reader: &mut Reader, at: &str, fields: Map<String, Value>, rules: &mut TierRules) {
    for (field, value) in fields {
        let at = format!("{at}.{field}");
        let (rule, bounds) = match field.as_str() {
            // The payloads granted to a user come in one reply: 100 × 256 KiB is a fifth of the isolate's 128 MB.
            "maxConcurrentJobs" => (&mut rules.max_concurrent_jobs, 1..=100),
            "maxBatchSize" => (&mut rules.max_batch_size, 1..=100),
            "priority" => (&mut rules.priority, 0..=100),
            // Each submission reads all waiting jobs of the user.
            "maxParkedJobs" => (&mut rules.max_parked_jobs, 0..=100_000),
            _ => {
                let known = "maxConcurrentJobs, maxBatchSize, priority, maxParkedJobs";
                reader.fault(&at, format!("is unknown; allowed are {known}"));
                continue;
            }
        };
        *rule = reader.within(&at, value.as_i64(), &value.to_string(), bounds, *rule);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, ConfigError};

    fn parse(table: &str) -> Result<Tiers, ConfigError> {
        let config = Config::from_vars(&|name| (name == NAME).then(|| table.to_owned()));
        config.map(|config| config.gate.tiers)
    }

    #[test]
    fn a_tier_changes_only_the_fields_that_are_set() {
        let tiers = parse(r#"{"tier2":{"maxConcurrentJobs":7}}"#).unwrap();
        let rules = tiers.of(Tier::Tier2);
        assert_eq!(
            (
                rules.max_concurrent_jobs,
                rules.max_batch_size,
                rules.priority
            ),
            (7, 5, 2)
        );
    }

    #[test]
    fn all_errors_of_a_tier_are_reported_with_their_place() {
        let table = r#"{"tier2":{"maxConcurentJobs":7,"priority":1.5},"tier3":[7],"tier4":{"maxBatchSize":101}}"#;
        let error = parse(table).unwrap_err();
        let expected = "TIERS.tier2.maxConcurentJobs: is unknown; allowed are maxConcurrentJobs, maxBatchSize, priority, \
            maxParkedJobs; \
            TIERS.tier2.priority: is 1.5, must be a whole number from 0 to 100; \
            TIERS.tier3: is [7], must be a table; \
            TIERS.tier4.maxBatchSize: is 101, must be a whole number from 1 to 100";
        assert_eq!(error.to_string(), expected);
        assert!(parse("[]").is_err());
    }
}
