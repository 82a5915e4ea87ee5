//! Numbers in the settings: a variable as text, a field of `TIERS` as JSON.

use Reading::{Another, Whole};
use queue_core::{
    config::{Config, GeneratorChoice},
    domain::{Tier, TierRules},
};

/// What a text is: a whole number, or something else, as the fault shows it.
#[derive(Clone, Copy)]
enum Reading {
    Whole(i64),
    Another(&'static str),
}

/// What stands in a variable, and what it is.
const TEXTS: [(&str, Reading); 25] = [
    ("-1", Whole(-1)),
    ("0", Whole(0)),
    ("-0", Whole(0)),
    ("1", Whole(1)),
    ("5", Whole(5)),
    ("+5", Whole(5)),
    ("007", Whole(7)),
    // 2^32 + 1: as 32 bits it would be 1.
    ("4294967297", Whole(4_294_967_297)),
    ("9007199254740991", Whole(9_007_199_254_740_991)),
    ("9007199254740992", Whole(9_007_199_254_740_992)),
    ("9007199254740993", Whole(9_007_199_254_740_993)),
    ("9223372036854775807", Whole(i64::MAX)),
    ("-9223372036854775808", Whole(i64::MIN)),
    ("9223372036854775808", Another(r#""9223372036854775808""#)),
    ("18446744073709551615", Another(r#""18446744073709551615""#)),
    ("1e308", Another(r#""1e308""#)),
    ("1e400", Another(r#""1e400""#)),
    ("\"5\"", Another(r#""\"5\"""#)),
    ("1.5", Another(r#""1.5""#)),
    ("5.0", Another(r#""5.0""#)),
    ("5e0", Another(r#""5e0""#)),
    ("true", Another(r#""true""#)),
    ("null", Another(r#""null""#)),
    ("[]", Another(r#""[]""#)),
    ("", Another(r#""""#)),
];

/// What stands in a field of a tier, and what it is.
const LITERALS: [(&str, Reading); 21] = [
    ("-1", Whole(-1)),
    ("0", Whole(0)),
    ("-0", Another("-0.0")),
    ("1", Whole(1)),
    ("4294967297", Whole(4_294_967_297)),
    ("9007199254740991", Whole(9_007_199_254_740_991)),
    ("9007199254740992", Whole(9_007_199_254_740_992)),
    ("9007199254740993", Whole(9_007_199_254_740_993)),
    ("9223372036854775807", Whole(i64::MAX)),
    ("-9223372036854775808", Whole(i64::MIN)),
    ("9223372036854775808", Another("9223372036854775808")),
    ("18446744073709551615", Another("18446744073709551615")),
    ("1e308", Another("1e+308")),
    ("\"5\"", Another(r#""5""#)),
    ("1.5", Another("1.5")),
    ("5.0", Another("5.0")),
    ("5e0", Another("5.0")),
    ("true", Another("true")),
    // What JavaScript makes of TOML's `inf` and `nan`.
    ("null", Another("null")),
    ("[]", Another("[]")),
    ("\"\"", Another(r#""""#)),
];

type Field<T> = (&'static str, i64, i64, fn(&T) -> u128);

const VARIABLES: [Field<Config>; 11] = [
    ("PRIORITY_BOOST_SECONDS", 0, 31_536_000, |config| {
        config.gate.priority_boost.as_secs().into()
    }),
    ("LEASE_SECONDS", 1, 86_400, |config| {
        config.gate.lease.as_secs().into()
    }),
    ("DELIVERY_BUDGET_SECONDS", 0, 600, |config| {
        config.delivery_budget.as_secs().into()
    }),
    ("TICKET_RESEND_SECONDS", 1, 3_600, |config| {
        config.gate.ticket_resend.as_secs().into()
    }),
    ("MAX_ATTEMPTS", 1, 100, |config| {
        config.gate.max_attempts.into()
    }),
    ("RETRY_BACKOFF_SECONDS", 1, 3_600, |config| {
        config.gate.retry_backoff.as_secs().into()
    }),
    ("RETENTION_DAYS", 1, 365, |config| {
        u128::from(config.gate.retention.as_secs()) / 86_400
    }),
    ("MAX_BACKLOG", 0, 100_000, |config| {
        config.pool.max_backlog.into()
    }),
    ("POOL_CAPACITY", 0, 10_000, |config| {
        config.pool.capacity.into()
    }),
    ("STORYBOARD_PACE_MS", 0, 4_000, |config| {
        span(config.generator)
    }),
    ("WAIT_MS", 0, 600_000, |config| span(config.generator)),
];

const RULES: [Field<TierRules>; 4] = [
    ("maxConcurrentJobs", 1, 100, |rules| {
        rules.max_concurrent_jobs.into()
    }),
    ("maxBatchSize", 1, 100, |rules| rules.max_batch_size.into()),
    ("priority", 0, 100, |rules| rules.priority.into()),
    ("maxParkedJobs", 0, 100_000, |rules| {
        rules.max_parked_jobs.into()
    }),
];

fn span(generator: GeneratorChoice) -> u128 {
    match generator {
        GeneratorChoice::Storyboard { pace } => pace.as_millis(),
        GeneratorChoice::Wait { span } => span.as_millis(),
    }
}

/// The configuration with these variables, or its faults.
fn parse(vars: &[(&str, &str)]) -> Result<Config, String> {
    let waits = vars.iter().any(|(variable, _)| *variable == "WAIT_MS");
    let generator = ("GENERATOR", if waits { "wait" } else { "storyboard" });
    let all = [vars, &[generator]].concat();
    Config::from_vars(&crate::harness::vars(&all)).map_err(|error| error.to_string())
}

/// What must come of a reading: the value, or the fault in full.
fn expected(at: &str, reading: Reading, low: i64, high: i64) -> Result<u128, String> {
    let shown = match reading {
        Whole(value) if (low..=high).contains(&value) => return Ok(value.try_into().unwrap()),
        Whole(value) => value.to_string(),
        Another(shown) => shown.to_owned(),
    };
    Err(format!(
        "{at}: is {shown}, must be a whole number from {low} to {high}"
    ))
}

#[test]
fn a_variable_outside_its_bounds_is_reported() {
    for (name, low, high, get) in VARIABLES {
        let edges = [low - 1, low, high, high + 1].map(|edge| (edge.to_string(), Whole(edge)));
        let texts = TEXTS.map(|(text, reading)| (text.to_owned(), reading));
        for (text, reading) in texts.into_iter().chain(edges) {
            let read = parse(&[(name, &text)]).map(|config| get(&config));
            assert_eq!(read, expected(name, reading, low, high), "{name} {text:?}");
        }
    }
}

#[test]
fn a_field_of_a_tier_outside_its_bounds_is_reported() {
    for tier in Tier::ALL {
        for (field, low, high, get) in RULES {
            let edges = [low - 1, low, high, high + 1].map(|edge| (edge.to_string(), Whole(edge)));
            let literals = LITERALS.map(|(literal, reading)| (literal.to_owned(), reading));
            for (literal, reading) in literals.into_iter().chain(edges) {
                let table = format!(r#"{{"{tier}":{{"{field}":{literal}}}}}"#);
                let read = parse(&[("TIERS", &table)]);
                let read = read.map(|config| get(config.gate.tiers.of(tier)));
                let at = format!("TIERS.{tier}.{field}");
                assert_eq!(read, expected(&at, reading, low, high), "{table}");
            }
        }
    }
}

#[test]
fn an_invalid_tiers_table_is_reported_as_a_whole() {
    for (table, fault) in [
        (r#"{"tier1":{"priority":1e400}}"#, "number out of range"),
        (r#"{"tier1":{"priority":NaN}}"#, "expected value"),
        ("5", "invalid type: integer `5`"),
        ("null", "invalid type: null"),
        ("[]", "invalid type: sequence"),
        ("", "EOF"),
    ] {
        let error = parse(&[("TIERS", table)]).unwrap_err();
        assert!(
            error.starts_with("TIERS: is not a table of tiers: "),
            "{error}"
        );
        assert!(error.contains(fault), "{error}");
    }
    for tier in ["5", "[]", "[1,1,1]", "null", "\"5\"", "true"] {
        let error = parse(&[("TIERS", &format!(r#"{{"tier1":{tier}}}"#))]).unwrap_err();
        assert_eq!(error, format!("TIERS.tier1: is {tier}, must be a table"));
    }
}

#[test]
fn the_defaults_are_pinned() {
    crate::assert_golden("defaults.txt", &format!("{:#?}\n", testkit::defaults()));
}
