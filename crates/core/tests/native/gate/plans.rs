//! Plans: which source of a tier counts, and what a change does to open jobs.

use super::{harness::GateHarness, subscriptions::typed};
use crate::harness::Harness;
use queue_core::{
    domain::{
        Tier, Timestamp,
        plan::{AccountType, PlanName},
        subscription::SubscriptionStatus,
    },
    gate::{
        Command, Reply, State,
        command::{AccountView, NewJob, TierSource},
    },
};

fn submit(gate: &mut GateHarness, stated: Option<Tier>, ceiling: Option<Tier>) -> Reply {
    let job = NewJob {
        tier_ceiling: ceiling,
        claimed_tier: ceiling,
        ..gate.new_job(stated)
    };
    gate.turn(Command::Submit(job))
}

#[test]
fn a_plan_overrides_the_stated_tier_and_a_ceiling_bounds_it() {
    use Tier::{Tier1, Tier2, Tier3, Tier4};
    let paid = Some(SubscriptionStatus::Active);
    let free = Some(SubscriptionStatus::Canceled);
    // Plan, what is stated, and the ceiling; then the tier of the job, or the best that may be stated.
    let table = [
        (None, None, None, Ok(Tier1)),
        (None, Some(Tier4), None, Ok(Tier4)),
        (None, None, Some(Tier2), Ok(Tier2)),
        (None, Some(Tier1), Some(Tier2), Ok(Tier1)),
        (None, Some(Tier2), Some(Tier2), Ok(Tier2)),
        (None, Some(Tier3), Some(Tier2), Err(Tier2)),
        (paid, None, None, Ok(Tier3)),
        (paid, None, Some(Tier1), Ok(Tier3)),
        (paid, Some(Tier3), Some(Tier1), Ok(Tier3)),
        (paid, Some(Tier2), None, Ok(Tier2)),
        (paid, Some(Tier4), None, Err(Tier3)),
        (paid, Some(Tier4), Some(Tier4), Err(Tier3)),
        (free, None, Some(Tier4), Ok(Tier1)),
        (free, Some(Tier2), None, Err(Tier1)),
    ];
    for (plan, stated, ceiling, expected) in table {
        let mut gate = GateHarness::new();
        if let Some(status) = plan {
            gate.subscribe(status);
        }
        let before = gate.account();
        let case = format!("{plan:?} {stated:?} {ceiling:?}");
        let reply = submit(&mut gate, stated, ceiling);
        if let Reply::Submitted { job, .. } = &reply {
            assert_eq!(Ok(job.tier), expected, "{case}");
        }
        if let Err(allowed) = expected {
            assert_eq!(reply, Reply::TierNotEntitled { allowed }, "{case}");
            assert_eq!(gate.jobs(), [], "{case}: nothing is recorded");
            assert_eq!(gate.account(), before, "{case}");
        } else if plan.is_some() {
            let tier = gate.account().tier;
            assert_eq!(tier, before.tier, "{case}: the limit is the plan's");
        }
    }
}

#[test]
fn the_account_shows_the_source_of_the_tier() {
    let mut gate = GateHarness::new();
    submit(&mut gate, None, None);
    let of = |account: &AccountView| (account.source, account.tier, account.limit);
    assert_eq!(of(&gate.account()), (TierSource::Default, Tier::Tier1, 2));
    submit(&mut gate, Some(Tier::Tier2), None);
    assert_eq!(of(&gate.account()), (TierSource::Stated, Tier::Tier2, 5));
    submit(&mut gate, None, Some(Tier::Tier4));
    assert_eq!(of(&gate.account()), (TierSource::Stated, Tier::Tier4, 20));
    let account = gate.set_plan(typed(AccountType::Complimentary)).0;
    assert_eq!(of(&account), (TierSource::Plan, Tier::Tier3, 10));
    assert_eq!(account.plan.unwrap().name, PlanName::Complimentary);
    submit(&mut gate, Some(Tier::Tier1), None);
    assert_eq!(gate.account().tier, Tier::Tier3, "a plan's word is above");
}

#[test]
fn a_downgraded_user_finishes_running_jobs() {
    let mut gate = GateHarness::new();
    gate.subscribe(SubscriptionStatus::Active);
    let jobs: Vec<_> = (0..30).map(|_| gate.submit(Tier::Tier3)).collect();
    let started = |job_id| (job_id, gate.start(job_id).epoch);
    let running: Vec<_> = jobs[..10].iter().map(started).collect();
    let account = gate.subscribe(SubscriptionStatus::Canceled);
    let leases = (account.limit, account.active);
    assert_eq!((account.tier, leases), (Tier::Tier1, (2, 10)));
    assert_eq!(gate.told(), [], "none is started above the limit");
    for (ended, (job_id, epoch)) in (1..).zip(running) {
        assert_eq!(gate.state(job_id), State::Running, "it goes on");
        gate.fail(job_id, epoch, true);
        let expected = usize::from(ended > 8);
        assert_eq!(gate.told().len(), expected, "after {ended} ended");
    }
    assert_eq!(gate.held(), 2);
}

/// The one job that the latest turn made known has the priority and the rank of that tier, at its age.
fn is_made_known(gate: &GateHarness, tier: Tier, submitted_at: Timestamp) {
    let [want] = &gate.effects.tell.wants[..] else {
        panic!("{:?}", gate.effects);
    };
    let ticket = &want.ticket;
    let priority = gate.config.tiers.of(tier).priority;
    assert_eq!((ticket.tier, ticket.priority), (tier, priority));
    assert_eq!(ticket.submitted_at, submitted_at);
    assert_eq!(want.rank, gate.rank_of(submitted_at, tier));
}

#[test]
fn a_job_is_announced_with_the_current_tier_of_its_user() {
    let (mut gate, job_id) = GateHarness::with_job();
    let at = gate.now;
    is_made_known(&gate, Tier::Tier1, at);
    gate.subscribe(SubscriptionStatus::Active);
    is_made_known(&gate, Tier::Tier3, at);
    // It is told again while it waits for its turn.
    gate.wake_for(&job_id);
    is_made_known(&gate, Tier::Tier3, at);
    let grant = gate.start(&job_id);
    assert_eq!((grant.tier, grant.priority), (Tier::Tier3, 3));
    gate.subscribe(SubscriptionStatus::Unpaid);
    assert_eq!(gate.told(), [], "it runs");
    // Its next stage.
    gate.complete(&job_id, grant.epoch);
    is_made_known(&gate, Tier::Tier1, at);
    let grant = gate.start(&job_id);
    let is = (grant.tier, grant.priority, grant.limit);
    assert_eq!(is, (Tier::Tier1, 1, 2));
    gate.fail(&job_id, grant.epoch, false);
    gate.subscribe(SubscriptionStatus::Trialing);
    assert_eq!(gate.state(&job_id), State::Retrying);
    assert_eq!(gate.told(), []);
    // Its next attempt.
    gate.wake_for(&job_id);
    is_made_known(&gate, Tier::Tier3, at);
    let grant = gate.start(&job_id);
    assert_eq!((grant.attempt, grant.tier), (2, Tier::Tier3));
}

#[test]
fn a_job_that_asked_for_a_lower_tier_never_gets_a_higher_one() {
    let mut gate = GateHarness::new();
    gate.subscribe(SubscriptionStatus::Active);
    let (low, own) = (gate.submit(Tier::Tier2), gate.submit(Tier::Tier3));
    let tiers = |gate: &GateHarness| [&low, &own].map(|job_id| gate.job(job_id).tier);
    assert_eq!(tiers(&gate), [Tier::Tier2, Tier::Tier3]);
    gate.config.plans.unlimited = Tier::Tier4;
    gate.set_plan(typed(AccountType::Unlimited));
    assert_eq!(tiers(&gate), [Tier::Tier2, Tier::Tier4]);
    gate.set_plan(typed(AccountType::Standard));
    gate.subscribe(SubscriptionStatus::Canceled);
    assert_eq!(tiers(&gate), [Tier::Tier1, Tier::Tier1]);
    gate.subscribe(SubscriptionStatus::Active);
    assert_eq!(tiers(&gate), [Tier::Tier2, Tier::Tier3]);
}

#[test]
fn only_a_word_on_the_tier_changes_a_stated_tier() {
    use Tier::{Tier1, Tier2, Tier4};
    // What the body states, the caller's ceiling, and the tier of its token.
    let table = [
        ("a service key", (None, None, None), Tier4, 20),
        ("a token", (None, Some(Tier1), None), Tier4, 20),
        (
            "a token with a tier",
            (None, Some(Tier2), Some(Tier2)),
            Tier2,
            5,
        ),
        ("a stated tier", (Some(Tier2), None, None), Tier2, 5),
        (
            "and below its tier",
            (Some(Tier1), Some(Tier2), Some(Tier2)),
            Tier1,
            2,
        ),
    ];
    for (case, (stated_tier, tier_ceiling, claimed_tier), tier, limit) in table {
        let mut gate = GateHarness::new();
        gate.submit(Tier4);
        let job = NewJob {
            tier_ceiling,
            claimed_tier,
            ..gate.new_job(stated_tier)
        };
        gate.submit_job(job);
        let account = gate.account();
        assert_eq!((account.tier, account.limit), (tier, limit), "{case}");
    }
}
