//! What is wrong with a `wrangler.toml`, for the top level and for each `[env]`: its variables are read by the Worker's
//! own parser, and its bindings and queues must be those that the code uses.

use queue_core::{
    bindings,
    config::{
        Config, ConfigError,
        access::{Access, TokenKey},
        stripe::STRIPE,
    },
};
use std::{cell::RefCell, collections::BTreeSet};
use toml::{Table, Value};

/// The objects: binding and class.
const OBJECTS: [(&str, &str); 3] = [
    (bindings::GATES, "GateObject"),
    (bindings::POOLS, "PoolObject"),
    (bindings::FAILURES, "FailuresObject"),
];

/// Every fault, each with the environment it is in. Empty: the file can be deployed.
#[must_use]
pub fn faults(text: &str) -> Vec<String> {
    let file: Table = match text.parse() {
        Ok(file) => file,
        // Without the line itself: it may hold a secret.
        Err(error) => return vec![format!("is not valid TOML: {}", error.message())],
    };
    let mut faults = scope(&file);
    if !has_daily_run(&file) {
        let why = "without it, dead letters are kept for ever";
        faults.push(format!("[triggers] must have a cron: {why}"));
    }
    for (name, value) in file
        .get("env")
        .and_then(Value::as_table)
        .into_iter()
        .flatten()
    {
        let of_scope = match value.as_table() {
            Some(table) => scope(table),
            None => vec!["must be a table".to_owned()],
        };
        faults.extend(
            of_scope
                .into_iter()
                .map(|fault| format!("[env.{name}]: {fault}")),
        );
    }
    faults
}

fn has_daily_run(file: &Table) -> bool {
    let triggers = file.get("triggers").and_then(Value::as_table);
    let crons = triggers.and_then(|triggers| triggers.get("crons")?.as_array());
    crons.is_some_and(|crons| !crons.is_empty())
}

/// Wrangler inherits neither variables nor bindings, so each environment has to name its own.
fn scope(table: &Table) -> Vec<String> {
    let mut faults = variables(table);
    faults.extend(objects(table));
    for (path, key, name) in [
        (["r2_buckets"].as_slice(), "binding", bindings::ARTIFACTS),
        (
            ["queues", "producers"].as_slice(),
            "binding",
            bindings::STORIES,
        ),
        (["ratelimits"].as_slice(), "name", bindings::SUBMISSIONS),
    ] {
        if find(table, path, key, name).is_none() {
            faults.push(format!(
                "[[{}]] must have one with {key} = {name:?}",
                path.join(".")
            ));
        }
    }
    faults.extend(queues(table));
    faults
}

fn variables(table: &Table) -> Vec<String> {
    let none = Table::new();
    let vars = table.get("vars").and_then(Value::as_table).unwrap_or(&none);
    let read = RefCell::new(BTreeSet::new());
    // As the Worker sees them: texts, and tables and numbers as JSON.
    let lookup = |name: &str| {
        read.borrow_mut().insert(name.to_owned());
        let value = vars.get(name)?;
        let text = value.as_str().map(str::to_owned);
        text.or_else(|| serde_json::to_string(value).ok())
    };
    let config = Config::from_vars(&lookup).err();
    let access = Access::from_vars(&lookup);
    let mut faults: Vec<String> = provider(access.as_ref().ok());
    let errors = config.into_iter().chain(access.err());
    let errors = errors.flat_map(|ConfigError(faults)| faults);
    faults.extend(errors.map(|fault| format!("{}: {}", fault.variable, fault.detail)));
    for name in vars.keys() {
        if Access::SECRETS.contains(&name.as_str()) {
            faults.push(format!(
                "{name} is a secret; set it with `wrangler secret put {name}`"
            ));
        } else if name == "AUTH" && vars[name].as_str() == Some("open") {
            let why =
                "lets anybody act for any user; `npm start` sets it, for local development alone";
            faults.push(format!("AUTH: \"open\" {why}"));
        } else if name == "EPISODE_LOCAL_URLS" && vars[name].as_str() == Some("on") {
            faults.push(
                "EPISODE_LOCAL_URLS: reads pages of this machine; only tests use that".to_owned(),
            );
        } else if name == "GENERATOR_OUTAGES" && vars[name].as_str() == Some("on") {
            faults.push(
                "GENERATOR_OUTAGES: anybody may stop the generator; only tests use that".to_owned(),
            );
        } else if name == "STRIPE_API_URL" && vars[name].as_str() != Some(STRIPE) {
            faults.push("STRIPE_API_URL: is on this machine; only tests use that".to_owned());
        } else if !read.borrow().contains(name) {
            faults.push(format!("{name}: there is no such setting"));
        }
    }
    faults
}

/// An identity provider signs tokens for many services, and its keys must come from where nobody else can put theirs.
fn provider(access: Option<&Access>) -> Vec<String> {
    let Some(rules) = access.and_then(|access| access.tokens.as_ref()) else {
        return Vec::new();
    };
    let TokenKey::Remote(url) = &rules.key else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    if rules.issuer.is_none() || rules.audience.is_none() {
        let why = "or tokens for other services are accepted";
        faults.push(format!(
            "JWT_JWKS_URL: needs JWT_ISSUER and JWT_AUDIENCE, {why}"
        ));
    }
    if url.is_local() {
        faults.push("JWT_JWKS_URL: is on this machine; only tests use that".to_owned());
    }
    faults
}

fn objects(table: &Table) -> Vec<String> {
    let is_bound = |(name, class): (&str, &str)| {
        let binding = find(table, &["durable_objects", "bindings"], "name", name);
        binding.is_some_and(|binding| text(binding, "class_name") == Some(class))
    };
    let missing = OBJECTS.into_iter().filter(|object| !is_bound(*object));
    missing
        .map(|(name, class)| {
            format!(
                "[[durable_objects.bindings]] must have name = {name:?} with class_name = {class:?}"
            )
        })
        .collect()
}

/// Cloudflare deletes what was delivered too often, unless a dead-letter queue takes it.
fn queues(table: &Table) -> Vec<String> {
    let producer = find(
        table,
        &["queues", "producers"],
        "binding",
        bindings::STORIES,
    );
    let Some(queue) = producer.and_then(|producer| text(producer, "queue")) else {
        return Vec::new();
    };
    let dead = format!("{queue}{}", bindings::DEAD_LETTER_SUFFIX);
    let consumers = ["queues", "consumers"];
    let Some(consumer) = find(table, &consumers, "queue", queue) else {
        return vec![format!(
            "[[queues.consumers]] must have one with queue = {queue:?}"
        )];
    };
    let mut faults = Vec::new();
    if text(consumer, "dead_letter_queue") != Some(&dead) {
        faults.push(format!(
            "the consumer of {queue:?} must have dead_letter_queue = {dead:?}"
        ));
    }
    if find(table, &consumers, "queue", &dead).is_none() {
        faults.push(format!(
            "[[queues.consumers]] must have one with queue = {dead:?}"
        ));
    }
    faults
}

/// The table in that array that has the text under that key.
fn find<'a>(table: &'a Table, path: &[&str], key: &str, wanted: &str) -> Option<&'a Value> {
    let (last, folders) = path.split_last()?;
    let mut at = table;
    for folder in folders {
        at = at.get(*folder)?.as_table()?;
    }
    let all = at.get(*last)?.as_array()?;
    all.iter().find(|one| text(one, key) == Some(wanted))
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}
