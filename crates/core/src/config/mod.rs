//! Configuration: every setting with its unit, bounds and default; all errors are reported at once.
//!
//! A [`Config`] that exists is valid. It is parsed once per isolate from the variables in
//! `wrangler.toml`. If it is invalid, every request is answered with 500, and the log says why.

pub mod access;
mod cors;
mod email_domain;
mod error;
mod jwks_url;
mod kinds;
mod plans;
mod public_key;
mod reader;
pub mod secret;
mod service_key;
pub mod stripe;
mod tiers;
mod tokens;

pub use error::{ConfigError, Fault};
pub use jwks_url::JwksUrl;
pub use public_key::PublicKey;
pub use service_key::ServiceKey;

use crate::domain::{Kinds, Plans, Tier, Tiers};
use reader::Reader;
use std::time::Duration;

/// How log lines are written (`LOG_FORMAT`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LogFormat {
    /// Lines for people, as in docs/operations.md.
    Text,
    /// One JSON object per line, for queries.
    Json,
}

/// Which generator runs the stages (`GENERATOR`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GeneratorChoice {
    /// The embedded renderer.
    Storyboard {
        /// `STORYBOARD_PACE_MS`, default 0, at most 4,000: how long each scene takes in each stage, so that
        /// limits can be watched. 200 scenes at 4 s stay below the 15 minutes that a delivery may take.
        pace: Duration,
    },
    /// Makes nothing and only waits: for measuring everything else.
    Wait {
        /// `WAIT_MS`, default 1,000, at most 600,000: how long each stage takes.
        span: Duration,
    },
}

/// The settings of the gate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GateConfig {
    /// `TIERS`: limits, batch sizes, priorities and how much may wait.
    pub tiers: Tiers,
    /// `KINDS`: what each kind of job is made of, and its limit and quotas.
    pub kinds: Kinds,
    /// `PLANS`: which tier each plan gives.
    pub plans: Plans,
    /// `PRIORITY_BOOST_SECONDS`, default 1,800: head start per step of priority. It also bounds the wait:
    /// no job is overtaken by one submitted more than (difference in priority) × boost later.
    pub priority_boost: Duration,
    /// `LEASE_SECONDS`, default 300: a lease not renewed or finished by then is taken back.
    pub lease: Duration,
    /// `TICKET_RESEND_SECONDS`, default 60: a job with a lease that has not started by then is announced to the pool
    /// again or, without a pool, its ticket is sent again; then after twice that time, and so on up to an hour.
    pub ticket_resend: Duration,
    /// `MAX_ATTEMPTS`, default 5: attempts of one stage.
    pub max_attempts: u32,
    /// `RETRY_BACKOFF_SECONDS`, default 10: upper bound of the first pause after a failed attempt; doubles
    /// with each further attempt, up to an hour. The pause is random between zero and that bound (full jitter).
    pub retry_backoff: Duration,
    /// Whether there is a pool: `POOL_CAPACITY` is not 0. The gate tells it about each job that holds a lease.
    pub has_pool: bool,
    /// `RETENTION_DAYS`, default 7: how long ended jobs, their artifacts and their idempotency keys
    /// are kept.
    pub retention: Duration,
    /// `OUTAGE_HOURS`, default 24: how long a job waits for a back end that is out; then it fails as that.
    pub outage_max: Duration,
    /// Whether Stripe is asked once a day what a user pays for: `STRIPE_API_KEY` is set.
    pub reads_stripe: bool,
}

/// The settings of the pool.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PoolConfig {
    /// `POOL_CAPACITY`, default 50: jobs running at once over all users; 0 means no bound, and the pool is
    /// not used.
    pub capacity: u32,
    /// `MAX_BACKLOG`, default 10,000: with so many jobs of all users waiting for a slot, nothing more is accepted; 0 means
    /// no bound.
    pub max_backlog: u32,
    /// `LEASE_SECONDS`: a slot that is not renewed or released by then is taken back.
    pub lease: Duration,
    /// `TIERS`: how many jobs of each tier a delivery takes at once.
    pub batch_sizes: [u32; Tier::ALL.len()],
    /// `PRIORITY_BOOST_SECONDS`: by it, the pool sees which jobs had waited for their own user's limit.
    pub priority_boost: Duration,
}

/// Every setting, valid.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Config {
    /// The settings of the gate.
    pub gate: GateConfig,
    /// The settings of the pool.
    pub pool: PoolConfig,
    /// `DELIVERY_BUDGET_SECONDS`, default 60: how long one queue delivery keeps taking jobs; after that, it takes only
    /// jobs for which no younger delivery has a place.
    pub delivery_budget: Duration,
    /// Jobs that one delivery has at the same time, 100: as many as the largest batch of a tier. Their weight is a
    /// bound, too. Not a setting; the simulator draws it.
    pub places: usize,
    /// `GENERATOR`, default `storyboard`.
    pub generator: GeneratorChoice,
    /// `EPISODE_LOCAL_URLS`, default `off`: whether episodes may be made of pages on this machine, for tests.
    pub local_urls: bool,
    /// `GENERATOR_OUTAGES`, default `off`: whether a test may have the generator `wait` be out, by an object in the bucket.
    pub outages: bool,
    /// `LOG_FORMAT`, default `text`.
    pub log_format: LogFormat,
    /// `LOG_COSTS`, default `off`: `on` logs the billed operations of each turn of an object and each delivery.
    pub log_costs: bool,
}

impl Config {
    /// Reads every setting through `lookup` (variable name → string; JSON for a table).
    ///
    /// # Errors
    /// [`ConfigError`] lists all errors, each with the variable, its value and the bounds.
    pub fn from_vars(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(lookup);
        let lease = reader.seconds("LEASE_SECONDS", 300, 1..=86_400);
        let delivery_budget = reader.seconds("DELIVERY_BUDGET_SECONDS", 60, 0..=600);
        // Each slot is a row, and each turn of the pool counts all of them.
        let capacity = reader.count("POOL_CAPACITY", 50, 0..=10_000);
        let tiers = tiers::read(&mut reader);
        let priority_boost = reader.seconds("PRIORITY_BOOST_SECONDS", 1_800, 0..=31_536_000);
        let config = Self {
            pool: PoolConfig {
                capacity,
                max_backlog: reader.count("MAX_BACKLOG", 10_000, 0..=100_000),
                lease,
                batch_sizes: Tier::ALL.map(|tier| tiers.of(tier).max_batch_size),
                priority_boost,
            },
            gate: GateConfig {
                tiers,
                kinds: kinds::read(&mut reader),
                has_pool: capacity > 0,
                plans: plans::read(&mut reader),
                priority_boost,
                lease,
                ticket_resend: reader.seconds("TICKET_RESEND_SECONDS", 60, 1..=3_600),
                max_attempts: reader.count("MAX_ATTEMPTS", 5, 1..=100),
                retry_backoff: reader.seconds("RETRY_BACKOFF_SECONDS", 10, 1..=3_600),
                retention: Duration::from_hours(24) * reader.count("RETENTION_DAYS", 7, 1..=365),
                outage_max: Duration::from_hours(1) * reader.count("OUTAGE_HOURS", 24, 1..=720),
                // Only whether it is set: no decision needs the secret itself.
                reads_stripe: reader.text("STRIPE_API_KEY").is_some(),
            },
            delivery_budget,
            places: 100,
            generator: generator(&mut reader),
            local_urls: for_tests(&mut reader, "EPISODE_LOCAL_URLS"),
            outages: for_tests(&mut reader, "GENERATOR_OUTAGES"),
            log_format: reader.choice(
                "LOG_FORMAT",
                &[("text", LogFormat::Text), ("json", LogFormat::Json)],
            ),
            log_costs: reader.choice("LOG_COSTS", &[("off", false), ("on", true)]),
        };
        reader.finish(config)
    }
}

/// Reads `GENERATOR` and the settings of each generator; an error in any of them is reported, whichever is chosen.
fn generator(reader: &mut Reader) -> GeneratorChoice {
    let millis = |count: u32| Duration::from_millis(u64::from(count));
    let pace = millis(reader.count("STORYBOARD_PACE_MS", 0, 0..=4_000));
    let span = millis(reader.count("WAIT_MS", 1_000, 0..=600_000));
    reader.choice(
        "GENERATOR",
        &[
            ("storyboard", GeneratorChoice::Storyboard { pace }),
            ("wait", GeneratorChoice::Wait { span }),
        ],
    )
}

/// What only tests switch on, and only on a Worker that is open to everybody anyway: pages on this machine that are read for
/// anybody who asks, and a generator that can be told to be out.
fn for_tests(reader: &mut Reader, name: &'static str) -> bool {
    let is_on = reader.choice(name, &[("off", false), ("on", true)]);
    if is_on && reader.text("AUTH").as_deref() != Some("open") {
        reader.fault(name, "is \"on\", which only tests with AUTH = \"open\" use");
    }
    is_on
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_vars(&|name| {
            let found = vars.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn without_settings_the_defaults_apply() {
        let config = Config::from_vars(&|_| None).unwrap();
        assert_eq!(config.gate.tiers, Tiers::DEFAULT);
        assert_eq!(config.gate.priority_boost, Duration::from_mins(30));
        assert_eq!(config.gate.lease, Duration::from_mins(5));
        assert_eq!(config.gate.max_attempts, 5);
        assert_eq!(config.gate.retention, Duration::from_hours(7 * 24));
        assert_eq!(config.delivery_budget, Duration::from_mins(1));
        assert_eq!(config.log_format, LogFormat::Text);
    }

    #[test]
    fn all_errors_are_reported_at_once() {
        let error = parse(&[
            ("LEASE_SECONDS", "ten"),
            ("MAX_ATTEMPTS", "0"),
            ("LOG_FORMAT", "xml"),
            ("GENERATOR", "dall-e"),
            ("STORYBOARD_PACE_MS", "-1"),
            ("TIERS", r#"{"tier1":{"maxConcurrentJobs":0},"gold":{}}"#),
        ])
        .unwrap_err();
        let named: Vec<_> = error
            .0
            .iter()
            .map(|fault| fault.variable.as_str())
            .collect();
        let expected = [
            "LEASE_SECONDS",
            "TIERS",
            "TIERS.tier1.maxConcurrentJobs",
            "MAX_ATTEMPTS",
            "STORYBOARD_PACE_MS",
            "GENERATOR",
            "LOG_FORMAT",
        ];
        assert_eq!(named, expected);
        assert!(error.to_string().contains("1 to 100"), "{error}");
    }

    #[test]
    fn what_only_tests_switch_on_needs_the_open_mode() {
        let is_on = |config: &Config| [config.local_urls, config.outages];
        assert_eq!(is_on(&parse(&[]).unwrap()), [false, false]);
        for (place, name) in ["EPISODE_LOCAL_URLS", "GENERATOR_OUTAGES"]
            .into_iter()
            .enumerate()
        {
            assert!(parse(&[(name, "on")]).is_err());
            assert!(parse(&[(name, "on"), ("AUTH", "credentials")]).is_err());
            let config = parse(&[(name, "on"), ("AUTH", "open")]).unwrap();
            assert!(is_on(&config)[place], "{name}");
        }
    }

    #[test]
    fn errors_are_written_on_one_line() {
        let error = parse(&[("MAX_ATTEMPTS", "0"), ("LOG_FORMAT", "xml")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "MAX_ATTEMPTS: is 0, must be a whole number from 1 to 100; \
             LOG_FORMAT: is \"xml\", must be one of: text, json"
        );
    }

    #[test]
    fn settings_are_read_as_they_are_set() {
        let config = parse(&[
            ("STORYBOARD_PACE_MS", "250"),
            ("LOG_FORMAT", "json"),
            ("RETENTION_DAYS", "30"),
        ])
        .unwrap();
        let pace = Duration::from_millis(250);
        assert_eq!(config.generator, GeneratorChoice::Storyboard { pace });
        assert_eq!(config.log_format, LogFormat::Json);
        assert_eq!(config.gate.retention, Duration::from_hours(24 * 30));
    }
}
