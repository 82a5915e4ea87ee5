//! Reads `KINDS`: what each kind of job is made of.

use super::reader::Reader;
use crate::domain::{
    Kind, Stage, Tier,
    kind::{KindQuota, KindRules, Kinds, Owner},
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

const NAME: &str = "KINDS";

/// Most kinds.
const KINDS_MAX: usize = 16;

/// Reads all kinds; without the variable, the defaults.
pub(super) fn read(reader: &mut Reader) -> Kinds {
    if reader.text(NAME).is_none() {
        return Kinds::default();
    }
    let table = reader.table(NAME, "kinds");
    if table.is_empty() || table.len() > KINDS_MAX {
        let detail = format!("has {} kinds, must have 1 to {KINDS_MAX}", table.len());
        reader.fault(NAME, detail);
    }
    let mut kinds = BTreeMap::new();
    for (name, wanted) in table {
        let at = format!("{NAME}.{name}");
        let kind = Kind::try_from(name);
        let Value::Object(fields) = wanted else {
            reader.fault(&at, format!("is {wanted}, must be a table"));
            continue;
        };
        let rules = rules(reader, &at, fields);
        match kind {
            Ok(kind) => drop(kinds.insert(kind, rules)),
            Err(error) => reader.fault(&at, format!("is not a name of a kind: {error}")),
        }
    }
    Kinds::new(kinds)
}

/// Reads one kind.
fn rules(reader: &mut Reader, at: &str, fields: Map<String, Value>) -> KindRules {
    let mut rules = KindRules::of(&[]);
    for (field, value) in fields {
        let at = format!("{at}.{field}");
        match (field.as_str(), value) {
            ("stages", value) => rules.stages = stages(reader, &at, &value),
            ("maxConcurrentJobs", value) => {
                rules.max_concurrent_jobs =
                    reader.within(&at, value.as_i64(), &value.to_string(), 0..=100, 0);
            }
            ("quotas", Value::Object(tiers)) => quotas(reader, &at, tiers, &mut rules),
            ("quotas", value) => reader.fault(&at, format!("is {value}, must be a table")),
            ("owner", value) => match value.as_str().and_then(Owner::from_name) {
                Some(owner) => rules.owner = owner,
                None => reader.fault(&at, format!("is {value}, must be one of: user, nobody")),
            },
            _ => reader.fault(
                &at,
                "is unknown; allowed are stages, maxConcurrentJobs, quotas, owner",
            ),
        }
    }
    if rules.stages.is_empty() {
        let known = Stage::ALL.map(Stage::name).join(", ");
        let detail = format!("must be a list of stages, each one of: {known}");
        reader.fault(&format!("{at}.stages"), detail);
    }
    if rules.owner == Owner::User && rules.stages.contains(&Stage::Sweep) {
        let detail = "must be nobody: who may have artifacts deleted could delete anybody's";
        reader.fault(&format!("{at}.owner"), detail);
    }
    if rules.owner == Owner::Nobody && rules.max_concurrent_jobs == 0 {
        let detail = "must be at least 1: jobs of nobody have no tier's limit";
        reader.fault(&format!("{at}.maxConcurrentJobs"), detail);
    }
    rules
}

/// The stages; nothing if any of them is wrong.
fn stages(reader: &mut Reader, at: &str, value: &Value) -> Vec<Stage> {
    let names = value.as_array().map_or(&[][..], Vec::as_slice);
    let read = |name: &Value| Stage::from_name(name.as_str()?);
    let stages: Option<Vec<Stage>> = names.iter().map(read).collect();
    let stages = stages.unwrap_or_default();
    let distinct: BTreeSet<Stage> = stages.iter().copied().collect();
    if distinct.len() < stages.len() {
        reader.fault(at, "must have each stage only once");
    }
    stages
}

fn quotas(reader: &mut Reader, at: &str, tiers: Map<String, Value>, rules: &mut KindRules) {
    for (name, wanted) in tiers {
        let at = format!("{at}.{name}");
        let (Some(tier), Value::Object(fields)) = (Tier::from_name(&name), &wanted) else {
            let known = Tier::ALL.map(Tier::name).join(", ");
            reader.fault(&at, format!("must be the table of a tier, one of: {known}"));
            continue;
        };
        quota(reader, &at, fields, &mut rules.quotas[tier as usize]);
    }
}

fn quota(reader: &mut Reader, at: &str, fields: &Map<String, Value>, quota: &mut KindQuota) {
    for (field, value) in fields {
        let at = format!("{at}.{field}");
        let (bound, bounds) = match field.as_str() {
            "jobsPerMonth" => (&mut quota.jobs_per_month, 0..=10_000_000),
            // A source never has more bytes.
            "maxChars" => (&mut quota.max_chars, 0..=5_242_880),
            _ => {
                let known = "jobsPerMonth, maxChars";
                reader.fault(&at, format!("is unknown; allowed are {known}"));
                continue;
            }
        };
        *bound = reader.within(&at, value.as_i64(), &value.to_string(), bounds, *bound);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, ConfigError};

    fn parse(table: &str) -> Result<Kinds, ConfigError> {
        let config = Config::from_vars(&|name| (name == NAME).then(|| table.to_owned()));
        config.map(|config| config.gate.kinds)
    }

    #[test]
    fn the_table_replaces_the_defaults() {
        let table = r#"{"song":{"stages":["audio"],"maxConcurrentJobs":3,
            "quotas":{"tier2":{"jobsPerMonth":7,"maxChars":9}}},"sweep":{"stages":["sweep"],"owner":"nobody","maxConcurrentJobs":1}}"#;
        let kinds = parse(table).unwrap();
        let song = Kind::try_from("song".to_owned()).unwrap();
        assert_eq!(kinds.get(&song).unwrap().stages, [Stage::Audio]);
        assert_eq!(kinds.limit(&song), Some(3));
        assert_eq!(kinds.quota(&song, Tier::Tier2).max_chars, 9);
        assert_eq!(kinds.quota(&song, Tier::Tier1), KindQuota::default());
        assert_eq!(kinds.iter().count(), 2);
    }

    #[test]
    fn all_errors_of_all_kinds_are_reported_with_their_place() {
        let table = r#"{"Song":{"stages":["audio","dance"]},"a":7,"b":{"stages":["audio","audio"],"color":"red"},
            "d":{"stages":["sweep"],"maxConcurrentJobs":2},
            "c":{"stages":["sweep"],"owner":"nobody","quotas":{"tier9":{},"tier1":{"maxChars":-1,"x":1}}}}"#;
        let error = parse(table).unwrap_err();
        let named: Vec<_> = error
            .0
            .iter()
            .map(|fault| fault.variable.as_str())
            .collect();
        let expected = [
            "KINDS.Song.stages",
            "KINDS.Song",
            "KINDS.a",
            "KINDS.b.color",
            "KINDS.b.stages",
            "KINDS.c.quotas.tier1.maxChars",
            "KINDS.c.quotas.tier1.x",
            "KINDS.c.quotas.tier9",
            "KINDS.c.maxConcurrentJobs",
            "KINDS.d.owner",
        ];
        assert_eq!(named, expected, "{error}");
        assert!(parse("{}").is_err() && parse("[]").is_err());
        let said = parse(r#"{"a":{"stages":["audio"],"quotas":7}}"#).unwrap_err();
        assert!(said.to_string().contains("is 7, must be a table"), "{said}");
    }

    #[test]
    fn there_are_sixteen_kinds_at_most() {
        let table = |count: usize| {
            let kinds = (0..count).map(|number| format!(r#""k{number}":{{"stages":["audio"]}}"#));
            format!("{{{}}}", kinds.collect::<Vec<_>>().join(","))
        };
        assert_eq!(parse(&table(16)).unwrap().iter().count(), 16);
        for count in [17, 18] {
            let error = parse(&table(count)).unwrap_err();
            assert!(error.to_string().contains("must have 1 to 16"), "{error}");
        }
    }
}
