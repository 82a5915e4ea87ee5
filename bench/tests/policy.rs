//! The order of the policies, and what the product promises of its own. The simulator is deterministic, so these
//! are no measurements.

use bench::{
    fairness::{light, ranks::Age, scenes},
    ledger::Outcome,
    load,
    policies::{
        Policy, line,
        ours::{self, Transport},
    },
    policy::days,
    stats::quantile,
    theory::longest_wait,
    trace::{Arrival, Trace},
};
use queue_core::{config::Config, domain::Tier};
use std::env;

const SECOND: i64 = 1_000;

fn config(vars: &[(&str, &str)]) -> Config {
    let find = |name: &str| vars.iter().find(|(known, _)| *known == name);
    Config::from_vars(&|name| find(name).map(|(_, value)| (*value).to_owned()))
        .expect("valid settings")
}

fn p95(outcome: &Outcome, tier: Tier) -> i64 {
    quantile(&outcome.waits[tier as usize], 0.95)
}

#[test]
fn the_highest_tier_waits_less_than_under_any_other_practical_policy() {
    let config = config(&[("KINDS", testkit::ONE_STAGE)]);
    let day = |policy: Policy| days(95, 1, |trace| policy.serve(trace, &config));
    let (ours, batch_sort) = (day(Policy::Ours), day(Policy::BatchSort));
    for other in [&day(Policy::Fifo), &batch_sort, &day(Policy::QueuePerTier)] {
        for tier in [Tier::Tier3, Tier::Tier4] {
            assert!(5 * p95(&ours, tier) < p95(other, tier), "{tier}");
        }
    }
    assert!(batch_sort.deliveries > 5 * ours.deliveries);
    assert!(quantile(&ours.waits[0], 1.0) < quantile(&batch_sort.waits[0], 1.0));
}

/// However tickets travel: the line knows a job from its submission, so its order does not depend on when the queue
/// delivers.
#[test]
fn it_keeps_the_bound_wastes_no_capacity_and_is_near_the_ideal() {
    let config = config(&[("KINDS", testkit::ONE_STAGE)]);
    let day = |load, transport| days(load, 1, |trace| ours::serve(trace, &config, transport));
    let ideal = days(95, 1, |trace| Policy::Ideal.serve(trace, &config));
    let ideal = p95(&ideal, Tier::Tier4);
    for transport in [Transport::INSTANT, Transport::QUEUE, Transport::BATCHED] {
        let ours = day(95, transport);
        assert_eq!((ours.violations, ours.unassigned), (0, 0), "{transport:?}");
        // What is left is a ticket's way, where nobody was there to listen: not one job in fifty waits for one.
        let travel = transport.travel * i64::try_from(ours.jobs()).unwrap();
        assert!(
            50 * ours.idle_ms <= travel,
            "{transport:?} {}",
            ours.idle_ms
        );
        let ours = p95(&ours, Tier::Tier4);
        assert!(10 * ours <= 11 * ideal, "{transport:?} {ours} {ideal}");
    }
    // The backlog outlasts the head start now and then; a day is too short to say how often.
    let ours = day(102, Transport::QUEUE);
    assert_eq!((ours.violations, ours.unassigned), (0, 0));
}

fn jobs(trace: &mut Trace, at: i64, tier: Tier, count: usize, service: i64) {
    for _ in 0..count {
        let user = trace.users.len();
        trace.users.push(tier);
        trace.arrivals.push(Arrival {
            at,
            tier,
            user,
            service,
        });
    }
}

/// Three slots that were taken just now; seven jobs of tier1 ahead; head starts of 1,500 s for tier4. The last
/// job of tier1 waits exactly as long as the formula of docs/scheduling.md says, and with the queue between at most so.
#[test]
fn the_bound_of_the_wait_is_the_formula_and_is_reached() {
    let config = config(&[("PRIORITY_BOOST_SECONDS", "500")]);
    let (slots, service) = (3, 1_000 * SECOND);
    let mut trace = Trace {
        arrivals: Vec::new(),
        slots,
        users: Vec::new(),
    };
    jobs(&mut trace, 0, Tier::Tier1, 3 + 7, service);
    jobs(&mut trace, 0, Tier::Tier1, 1, service);
    let probe = trace.users.len() - 1;
    jobs(&mut trace, 1_400 * SECOND, Tier::Tier4, 1, service);
    jobs(&mut trace, 1_499 * SECOND, Tier::Tier4, 1, service);
    // Too late to go first, however many.
    jobs(&mut trace, 1_501 * SECOND, Tier::Tier4, 50, service);
    let wait_of = |outcome: &Outcome| {
        let served = outcome.served.iter().find(|served| served.user == probe);
        served.unwrap().wait
    };
    let bound = longest_wait(7 + 2, slots, service);
    assert_eq!(bound, 4_000 * SECOND);
    let instant = ours::serve(&trace, &config, Transport::INSTANT);
    assert_eq!(wait_of(&instant), bound);
    // These deliveries soon are past their age, so a slot is handed over by a ticket, once a job and a stage.
    let queued = ours::serve(&trace, &config, Transport::QUEUE);
    let travel = Transport::QUEUE.travel;
    let bound = longest_wait(7 + 2, slots, service + 3 * travel) + travel;
    assert!(wait_of(&queued) <= bound, "{} {bound}", wait_of(&queued));
}

#[test]
fn a_heavy_user_delays_others_only_as_far_as_its_limit_allows() {
    let config = config(&[]);
    let trace = scenes::flood(8, Tier::Tier4, true);
    let by_submission = Age::Submission.discipline(&trace, &config.gate, scenes::MEAN);
    let before = light(&trace, &line::serve(&trace, &config.gate, &by_submission));
    let ours = light(&trace, &Policy::Ours.serve(&trace, &config));
    let p95 = |waits: &[i64]| quantile(waits, 0.95);
    assert!(50 * p95(&ours.waits) < p95(&before.waits));
    assert!(
        ours.jain > 0.95 && before.jain < 0.1,
        "{} {}",
        ours.jain,
        before.jain
    );
}

#[test]
fn a_decision_takes_as_many_steps_whatever_the_backlog() {
    let folder = env::temp_dir().join(format!("story-queue-steps-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let sizes = load::Sizes {
        gates: &[100, 1_500],
        pools: &[1_000, 10_000],
        cycles: 20,
    };
    // Without the quota of what waits, which is counted anew with each submission.
    let config = config(&[("TIERS", load::gate::TIERS)]);
    let costs = load::run(&config, &folder, &sizes).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(costs.len(), 2 * (3 + 2));
    for cost in &costs {
        let same =
            |other: &&load::Cost| (other.object, other.decision) == (cost.object, cost.decision);
        for other in costs.iter().filter(same) {
            assert_eq!(cost.steps, other.steps, "{} {}", cost.object, cost.decision);
        }
    }
}
