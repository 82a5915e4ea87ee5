//! The committed `wrangler.toml`, and what a user may make of it.

#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "names of tests are sentences"
)]

use check_config::faults;
use queue_core::{
    api::problem::ApiError,
    config::{Config, access::Access},
};
use std::cell::RefCell;
use toml::Table;

const COMMITTED: &str = include_str!("../../../wrangler.toml");

fn table() -> Table {
    COMMITTED.parse().unwrap()
}

/// The committed file with one line changed.
fn with(line: &str, other: &str) -> String {
    assert!(COMMITTED.contains(line), "{line}");
    COMMITTED.replace(line, other)
}

/// What is wrong with the committed file once a line is changed.
fn wrong_with(line: &str, other: &str) -> String {
    faults(&with(line, other)).join("\n")
}

#[test]
fn the_committed_file_is_valid() {
    assert_eq!(faults(COMMITTED), Vec::<String>::new());
}

#[test]
fn a_users_own_settings_are_valid_too() {
    let (limit, own) = (
        "tier2 = { maxConcurrentJobs = 5,",
        "tier2 = { maxConcurrentJobs = 7,",
    );
    assert_eq!(wrong_with(limit, own), "");
    assert_eq!(
        wrong_with("POOL_CAPACITY = \"50\"", "POOL_CAPACITY = 200"),
        ""
    );
}

#[test]
fn every_fault_is_named_with_its_variable() {
    let wrong = with("LEASE_SECONDS = \"300\"", "LEASE_SECONDS = \"0\"");
    let wrong = wrong.replace("POOL_CAPACITY =", "POOL_CAPACITIES =");
    let found = faults(&wrong).join("\n");
    assert!(found.contains("LEASE_SECONDS: "), "{found}");
    let unknown = "POOL_CAPACITIES: there is no such setting";
    assert!(found.contains(unknown), "{found}");
}

#[test]
fn a_secret_among_the_variables_is_refused_and_not_shown() {
    let secret = "a-secret-that-is-long-enough-for-everything";
    let vars = format!("\n[vars]\nJWT_SECRET = \"{secret}\"\n");
    let found = wrong_with("\n[vars]\n", &vars);
    assert!(found.contains("wrangler secret put JWT_SECRET"), "{found}");
    assert!(!found.contains(secret));
}

#[test]
fn a_file_that_lets_anybody_in_is_refused() {
    let found = wrong_with("AUTH = \"credentials\"", "AUTH = \"open\"");
    assert!(found.starts_with("AUTH: \"open\" lets anybody"), "{found}");
}

#[test]
fn tokens_of_a_provider_must_be_for_this_service_and_their_keys_from_elsewhere() {
    let line = "JWT_ALGORITHM = \"HS256\"";
    let faults = |lines: &str| wrong_with(line, &format!("{line}\n{lines}"));
    let url = "JWT_JWKS_URL = \"https://id.example/keys\"\n";
    let (issuer, audience) = (
        "JWT_ISSUER = \"https://id.example\"\n",
        "JWT_AUDIENCE = \"stories\"\n",
    );
    assert_eq!(faults(&format!("{url}{issuer}{audience}")), "");
    for lines in [
        url.to_owned(),
        format!("{url}{issuer}"),
        format!("{url}{audience}"),
    ] {
        let found = faults(&lines);
        assert!(
            found.starts_with("JWT_JWKS_URL: needs JWT_ISSUER and JWT_AUDIENCE"),
            "{found}"
        );
    }
    let local = "JWT_JWKS_URL = \"http://localhost/keys\"\n";
    let found = faults(&format!("{local}{issuer}{audience}"));
    assert!(
        found.starts_with("JWT_JWKS_URL: is on this machine"),
        "{found}"
    );
}

#[test]
fn stripe_is_not_on_this_machine() {
    let line = "STRIPE_MODE = \"auto\"";
    let with = |url: &str| wrong_with(line, &format!("{line}\nSTRIPE_API_URL = \"{url}\""));
    assert_eq!(with("https://api.stripe.com"), "");
    let found = with("http://127.0.0.1:9000");
    assert!(
        found.starts_with("STRIPE_API_URL: is on this machine"),
        "{found}"
    );
}

/// Without it, a fetch to a host of the Worker's own zone goes straight to its origin, past what protects it.
#[test]
fn pages_are_fetched_as_anybody_on_the_internet_fetches_them() {
    let flags = table()["compatibility_flags"].as_array().cloned().unwrap();
    let wanted = "global_fetch_strictly_public";
    assert!(flags.iter().any(|flag| flag.as_str() == Some(wanted)));
}

#[test]
fn episodes_are_not_made_of_pages_on_this_machine() {
    let line = "AUTH = \"credentials\"";
    let with = |value: &str| wrong_with(line, &format!("{line}\nEPISODE_LOCAL_URLS = \"{value}\""));
    assert_eq!(with("off"), "");
    assert!(with("on").contains("EPISODE_LOCAL_URLS: reads pages of this machine"));
}

#[test]
fn only_safe_origins_may_ask() {
    let line = "AUTH = \"credentials\"";
    let with = |value: &str| wrong_with(line, &format!("{line}\nCORS_ORIGINS = \"{value}\""));
    assert_eq!(with("https://app.example.com, chrome-extension://abc"), "");
    assert!(with("https://app.example.com,*").starts_with("CORS_ORIGINS[1]: is \"*\""));
}

#[test]
fn an_environment_needs_its_own_bindings_and_queues() {
    let staging = format!("{COMMITTED}\n[env.staging]\nname = \"staging\"\n");
    let found = faults(&staging).join("\n");
    for wanted in [
        "[env.staging]: [[durable_objects.bindings]] must have name = \"GATES\"",
        "[env.staging]: [[durable_objects.bindings]] must have name = \"POOLS\"",
        "[env.staging]: [[durable_objects.bindings]] must have name = \"FAILURES\"",
        "[env.staging]: [[r2_buckets]]",
        "[env.staging]: [[queues.producers]]",
    ] {
        assert!(found.contains(wanted), "{wanted} in\n{found}");
    }
}

#[test]
fn a_file_without_a_daily_run_is_refused() {
    let line = "crons = [\"23 4 * * *\"]";
    for other in ["", "crons = []"] {
        let found = faults(&with(line, other)).join("\n");
        assert!(found.contains("[triggers] must have a cron"), "{found}");
    }
}

#[test]
fn a_queue_without_its_dead_letter_queue_is_refused() {
    let line = "dead_letter_queue = \"stories-dlq\"";
    let found = wrong_with(&format!("{line}\n"), "");
    assert!(found.contains(&format!("must have {line}")), "{found}");
}

#[test]
fn a_file_that_is_not_toml_is_refused() {
    assert!(faults("[vars").join("").starts_with("is not valid TOML"));
}

#[test]
fn the_committed_file_shows_every_setting_that_has_a_default() {
    const OPTIONAL: [&str; 10] = [
        "CORS_ORIGINS",
        "EMAIL_DOMAIN",
        "EPISODE_LOCAL_URLS",
        "GENERATOR_OUTAGES",
        "JWT_JWKS_URL",
        "JWT_PUBLIC_KEY",
        "JWT_ISSUER",
        "JWT_AUDIENCE",
        "STRIPE_ACCOUNTS",
        "STRIPE_API_URL",
    ];
    let asked = RefCell::new(Vec::new());
    let ask = |name: &str| {
        asked.borrow_mut().push(name.to_owned());
        None
    };
    Config::from_vars(&ask).unwrap();
    Access::from_vars(&ask).unwrap();
    let table = table();
    for name in asked.borrow().iter().map(String::as_str) {
        let is_shown = table["vars"].get(name).is_some();
        let is_apart = Access::SECRETS.contains(&name) || OPTIONAL.contains(&name);
        assert!(is_shown || is_apart, "{name} is read but not shown");
    }
}

#[test]
fn the_committed_file_gives_nobody_access_and_asks_for_a_secret() {
    let table = table();
    let committed = |name: &str| Some(table["vars"].get(name)?.as_str()?.to_owned());
    let access = Access::from_vars(&committed).unwrap();
    assert!(!access.admits_somebody());
    let required = table["secrets"]["required"].as_array().unwrap();
    assert_eq!(required[0].as_str(), Some("SERVICE_KEYS"));
}

#[test]
fn the_window_of_the_rate_limiter_equals_retry_after() {
    let table = table();
    let period = table["ratelimits"][0]["simple"]["period"].as_integer();
    let period = period.unwrap().to_string();
    let told = ApiError::RateLimited.header();
    assert_eq!(told, Some(("retry-after", period.as_str())));
}
