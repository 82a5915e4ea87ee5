//! The committed `wrangler.toml` against the code.

use queue_core::{
    api::problem::ApiError,
    bindings,
    config::{
        Config,
        access::{Access, AuthMode},
    },
    domain::Tiers,
};
use toml::{Table, Value};

fn wrangler() -> Table {
    include_str!("../../../../wrangler.toml").parse().unwrap()
}

/// The variables as the Worker sees them: texts, and tables as JSON.
fn variable(name: &str) -> Option<String> {
    let table = wrangler();
    let value = table["vars"].get(name)?;
    Some(match value.as_str() {
        Some(text) => text.to_owned(),
        None => serde_json::to_string(value).unwrap(),
    })
}

fn consumer(queue: &str) -> Value {
    let table = wrangler();
    let consumers = table["queues"]["consumers"].as_array().unwrap();
    consumers
        .iter()
        .find(|consumer| consumer["queue"].as_str() == Some(queue))
        .unwrap()
        .clone()
}

#[test]
fn the_committed_settings_are_valid_and_the_defaults() {
    let config = Config::from_vars(&variable).unwrap();
    assert_eq!(config, Config::for_testing());
    assert_eq!(config.gate.tiers, Tiers::DEFAULT);
}

#[test]
fn the_committed_settings_give_nobody_access_and_require_a_secret() {
    let access = Access::from_vars(&variable).unwrap();
    assert_eq!(access.mode, AuthMode::Credentials);
    assert!(!access.admits_somebody());
    assert!(!access.rate_limit);
    let table = wrangler();
    let required = table["secrets"]["required"].as_array().unwrap();
    assert_eq!(required, &[Value::String("SERVICE_KEYS".to_owned())]);
    for secret in Access::SECRETS {
        assert!(table["vars"].get(secret).is_none(), "{secret} is no secret");
    }
    // What is set for the top level holds for every environment but those that say otherwise; there are none.
    assert!(table.get("env").is_none());
}

#[test]
fn the_submission_limiter_is_bound_and_its_window_equals_retry_after() {
    let table = wrangler();
    let limiter = &table["ratelimits"].as_array().unwrap()[0];
    assert_eq!(limiter["name"].as_str(), Some(bindings::SUBMISSIONS));
    let period = limiter["simple"]["period"]
        .as_integer()
        .unwrap()
        .to_string();
    let told = ApiError::RateLimited.header();
    assert_eq!(told, Some(("retry-after", period.as_str())));
}

/// Settings that have no default to show: their lines are comments.
const OPTIONAL: [&str; 3] = ["JWT_PUBLIC_KEY", "JWT_ISSUER", "JWT_AUDIENCE"];

#[test]
fn the_code_reads_every_committed_variable() {
    let asked = std::cell::RefCell::new(Vec::new());
    let ask = |name: &str| {
        if !Access::SECRETS.contains(&name) && !OPTIONAL.contains(&name) {
            asked.borrow_mut().push(name.to_owned());
        }
        None
    };
    Config::from_vars(&ask).unwrap();
    Access::from_vars(&ask).unwrap();
    let table = wrangler();
    let set: Vec<&String> = table["vars"].as_table().unwrap().keys().collect();
    for name in &set {
        assert!(
            asked.borrow().contains(name),
            "{name} is set but never read"
        );
    }
    for name in asked.borrow().iter() {
        assert!(
            set.contains(&name),
            "{name} is read but not shown in wrangler.toml"
        );
    }
}

#[test]
fn every_binding_has_the_name_that_the_code_uses() {
    let table = wrangler();
    let first = |path: &[&str]| {
        let array = path.iter().fold(Value::Table(table.clone()), |value, key| {
            value[*key].clone()
        });
        array.as_array().unwrap()[0].clone()
    };
    let object = first(&["durable_objects", "bindings"]);
    assert_eq!(object["name"].as_str(), Some(bindings::GATES));
    assert_eq!(object["class_name"].as_str(), Some("GateObject"));
    assert_eq!(
        first(&["r2_buckets"])["binding"].as_str(),
        Some(bindings::ARTIFACTS)
    );
    assert_eq!(
        first(&["queues", "producers"])["binding"].as_str(),
        Some(bindings::STORIES)
    );
}

#[test]
fn all_queue_settings_are_explicit_and_no_message_is_dropped() {
    let settings = [
        "max_batch_size",
        "max_batch_timeout",
        "max_retries",
        "retry_delay",
    ];
    for queue in ["stories", "stories-dlq"] {
        let consumer = consumer(queue);
        for setting in settings {
            assert!(consumer.get(setting).is_some(), "{queue}: {setting}");
        }
    }
    // A ticket says that there is work: none waits for others.
    let pause = consumer("stories")["max_batch_timeout"].as_integer();
    assert_eq!(pause, Some(0));
    // Without one, Cloudflare deletes what was delivered too often.
    let behind = consumer("stories")["dead_letter_queue"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(behind, format!("stories{}", bindings::DEAD_LETTER_SUFFIX));
}
