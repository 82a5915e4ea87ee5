//! The simulator against theory: what it measures must hold what is proved, within its confidence interval.

#![allow(
    clippy::cast_possible_truncation,
    reason = "numbers of a statistic, far from any limit"
)]

use bench::{
    ledger::Outcome,
    policies::{Policy, ours},
    stats::Interval,
    theory::Markov,
    trace::{Plan, Trace},
};
use queue_core::{config::Config, domain::Tier};

const QUEUE: Markov = Markov {
    servers: 20,
    load: 0.8,
    mean: 30.0,
};

/// With jobs of one stage: theory knows nothing of jobs that lose their slot between two.
fn config(boost: u32) -> Config {
    let vars = |name: &str| match name {
        "PRIORITY_BOOST_SECONDS" => Some(boost.to_string()),
        "KINDS" => Some(testkit::ONE_STAGE.to_owned()),
        _ => None,
    };
    Config::from_vars(&vars).expect("valid settings")
}

/// Ten traces of so many jobs, each from a seed of its own.
fn served(jobs: f64, serve: impl Fn(&Trace) -> Outcome) -> Vec<Outcome> {
    let plan = Plan::markov(QUEUE.servers, QUEUE.load, QUEUE.mean, jobs);
    (1..=10).map(|seed| serve(&plan.draw(seed))).collect()
}

fn interval(outcomes: &[Outcome], measure: impl Fn(&Outcome) -> f64) -> Interval {
    Interval::of(&outcomes.iter().map(measure).collect::<Vec<_>>())
}

#[track_caller]
fn holds(interval: Interval, wanted: f64) {
    assert!(interval.contains(wanted), "{wanted} is not in {interval:?}");
    // Ten traces of some thousand jobs: enough to tell these waits from those of another order of service.
    assert!(interval.half < 0.4 * wanted, "{interval:?} says nothing");
}

fn holds_cobham(outcomes: &[Outcome]) {
    let waits = QUEUE.priority_waits([0.05, 0.10, 0.25, 0.60]);
    for (tier, wanted) in Tier::ALL.into_iter().rev().zip(waits) {
        holds(
            interval(outcomes, |outcome| outcome.tier_wait(tier)),
            wanted,
        );
    }
}

#[test]
fn first_come_first_served_waits_as_erlang_says() {
    let config = config(1_800);
    let outcomes = served(40_000.0, |trace| Policy::Fifo.serve(trace, &config));
    holds(interval(&outcomes, Outcome::mean_wait), QUEUE.fifo_wait());
}

#[test]
fn strict_priority_waits_as_cobham_and_davis_say() {
    let config = config(1_800);
    holds_cobham(&served(40_000.0, |trace| {
        Policy::Ideal.serve(trace, &config)
    }));
}

/// Both serve each trace alike, so what theory says of one it says of the other; to the thousandth, since jobs of
/// one millisecond may change places.
fn serve_alike(config: &Config, policy: Policy) {
    let plan = Plan::markov(QUEUE.servers, 0.95, QUEUE.mean, 4_000.0);
    for seed in 1..=2 {
        let trace = plan.draw(seed);
        let ours = ours::serve(&trace, config, ours::Transport::INSTANT);
        let other = policy.serve(&trace, config);
        for tier in Tier::ALL {
            let (ours, other) = (ours.tier_wait(tier), other.tier_wait(tier));
            assert!(
                (ours / other - 1.0).abs() < 0.001,
                "seed {seed} {tier}: {ours} {other}"
            );
        }
    }
}

#[test]
fn the_product_without_a_head_start_serves_first_come_first_served() {
    serve_alike(&config(0), Policy::Fifo);
}

#[test]
fn the_product_with_an_endless_head_start_serves_by_strict_priority() {
    serve_alike(&config(1_000_000), Policy::Ideal);
}

/// Σ ρ·W is the same for every order of service that wastes no capacity. Each trace is compared with itself, so
/// the interval is narrow.
#[test]
fn neither_strict_priority_nor_the_product_wastes_capacity() {
    let config = config(1_800);
    let ratio = |serve: &dyn Fn(&Trace) -> Outcome| {
        let outcomes = served(2_000.0, |trace| {
            let mut outcome = serve(trace);
            let fifo = Policy::Fifo.serve(trace, &config).mean_wait();
            outcome.waits = [
                vec![(outcome.mean_wait() / fifo * 1e6) as i64],
                vec![],
                vec![],
                vec![],
            ];
            outcome
        });
        // One "job" a trace, whose wait in thousands of seconds is the ratio.
        interval(&outcomes, |outcome| outcome.mean_wait() / 1_000.0)
    };
    let ideal = ratio(&|trace| Policy::Ideal.serve(trace, &config));
    let ours = ratio(&|trace| ours::serve(trace, &config, ours::Transport::INSTANT));
    for interval in [ideal, ours] {
        assert!(interval.contains(1.0), "{interval:?}");
        assert!(interval.half < 0.05, "{interval:?} says nothing");
    }
}

/// What wastes capacity must be found out by the same law.
#[test]
fn slots_of_its_own_for_each_tier_waste_capacity() {
    let config = config(1_800);
    let plan = Plan::markov(24, 0.8, 30.0, 20_000.0);
    let trace = plan.draw(1);
    let fifo = Policy::Fifo.serve(&trace, &config);
    let split = Policy::QueuePerTier.serve(&trace, &config);
    assert!(split.mean_wait() > 1.5 * fifo.mean_wait());
    assert!(split.idle_ms > 0 && fifo.idle_ms == 0);
}
