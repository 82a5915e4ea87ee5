//! Plans: which source of a tier counts, and what a change does to open jobs.

use crate::gate_harness::{GateHarness, START};
use queue_core::{
    domain::{
        Rank, Tier, Timestamp,
        plan::{AccountType, PlanName, Subscription, SubscriptionStatus},
    },
    gate::{
        Command, Reply, SqlStore, State, Store,
        account::KnownPlan,
        command::{AccountView, NewJob, PlanChange, PlanEvent, PlanOutcome, TierSource},
    },
};
use std::time::Duration;

pub fn paid(status: SubscriptionStatus, since: Timestamp) -> PlanChange {
    PlanChange {
        account_type: None,
        subscription: Some(Some(Subscription {
            status,
            since,
            price_id: None,
        })),
        by: "service".to_owned(),
        event: None,
    }
}

pub fn typed(account_type: AccountType) -> PlanChange {
    PlanChange {
        account_type: Some(account_type),
        subscription: None,
        by: "service".to_owned(),
        event: None,
    }
}

impl GateHarness {
    pub fn set_plan(&mut self, change: PlanChange) -> (AccountView, PlanOutcome) {
        let Reply::PlanSet { account, outcome } = self.turn(Command::SetPlan(change)) else {
            panic!("a plan is answered with the account");
        };
        (account, outcome)
    }

    /// Gives the plan whose tier is, by default, tier3 or tier1.
    pub fn subscribe(&mut self, status: SubscriptionStatus) -> AccountView {
        let (account, outcome) = self.set_plan(paid(status, self.now));
        assert_eq!(outcome, PlanOutcome::Applied);
        account
    }

    pub fn stripe(&mut self, id: &str, created: i64, status: SubscriptionStatus) -> PlanOutcome {
        let created = Timestamp::from_millis(created);
        let event = PlanEvent {
            id: id.to_owned(),
            created,
        };
        let change = PlanChange {
            by: "stripe".to_owned(),
            event: Some(event),
            ..paid(status, created)
        };
        self.set_plan(change).1
    }

    pub fn account(&mut self) -> AccountView {
        let Reply::Account { account } = self.turn(Command::Account) else {
            panic!("a question is answered");
        };
        account
    }

    pub fn known(&self) -> KnownPlan {
        let account = SqlStore::new(&self.database).account().unwrap().unwrap();
        account.plan.unwrap()
    }

    pub fn submit_as(&mut self, stated: Option<Tier>, ceiling: Option<Tier>) -> Reply {
        let job = NewJob {
            tier_ceiling: ceiling,
            ..self.new_job(stated)
        };
        self.turn(Command::Submit(job))
    }

    fn rank_of(&self, submitted_at: Timestamp, tier: Tier) -> Rank {
        let priority = self.config.tiers.of(tier).priority;
        Rank::new(submitted_at, priority, self.config.priority_boost)
    }
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
        let reply = gate.submit_as(stated, ceiling);
        if let Reply::Submitted { job, .. } = &reply {
            assert_eq!(Ok(job.tier), expected, "{case}");
        }
        if let Err(allowed) = expected {
            assert_eq!(reply, Reply::TierNotEntitled { allowed }, "{case}");
            assert_eq!(gate.jobs(), [], "{case}: nothing is recorded");
            assert_eq!(gate.account(), before, "{case}");
        } else if plan.is_some() {
            assert_eq!(
                gate.account().tier,
                before.tier,
                "{case}: the limit is the plan's"
            );
        }
    }
}

#[test]
fn the_account_shows_the_source_of_the_tier() {
    let mut gate = GateHarness::new();
    gate.submit_as(None, None);
    let of = |account: &AccountView| (account.source, account.tier, account.limit);
    assert_eq!(of(&gate.account()), (TierSource::Default, Tier::Tier1, 2));
    gate.submit_as(Some(Tier::Tier2), None);
    assert_eq!(of(&gate.account()), (TierSource::Stated, Tier::Tier2, 5));
    gate.submit_as(None, Some(Tier::Tier4));
    assert_eq!(of(&gate.account()), (TierSource::Stated, Tier::Tier4, 20));
    let account = gate.set_plan(typed(AccountType::Complimentary)).0;
    assert_eq!(of(&account), (TierSource::Plan, Tier::Tier3, 10));
    assert_eq!(account.plan.unwrap().name, PlanName::Complimentary);
    gate.submit_as(Some(Tier::Tier1), None);
    assert_eq!(gate.account().tier, Tier::Tier3, "a plan's word is above");
}

#[test]
fn a_user_upgraded_with_30_parked_jobs_overtakes() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 32);
    for job_id in &jobs[..2] {
        gate.start(job_id);
    }
    assert_eq!((gate.held(), gate.account().parked), (2, 30));
    gate.pass(Duration::from_mins(10));
    let account = gate.subscribe(SubscriptionStatus::Active);
    assert_eq!(
        (account.active, account.parked, account.limit),
        (10, 22, 10)
    );
    assert_eq!(gate.told(), jobs[2..10], "the oldest go, in the same turn");
    for want in &gate.effects.tell.wants {
        assert_eq!((want.ticket.tier, want.ticket.priority), (Tier::Tier3, 3));
    }
    for job_id in &jobs {
        let job = gate.job(job_id);
        assert_eq!(job.rank, gate.rank_of(job.submitted_at, Tier::Tier3));
    }
    // Another user's job of tier1 that waits since an hour before the last of them is behind it.
    let others = Timestamp::from_millis(START.as_millis() - 3_599_000);
    assert!(gate.job(&jobs[31]).rank < gate.rank_of(others, Tier::Tier1));
}

#[test]
fn a_downgraded_user_finishes_running_jobs() {
    let mut gate = GateHarness::new();
    gate.subscribe(SubscriptionStatus::Active);
    let jobs: Vec<_> = (0..30).map(|_| gate.submit(Tier::Tier3)).collect();
    let running: Vec<_> = jobs[..10]
        .iter()
        .map(|job_id| (job_id, gate.start(job_id).epoch))
        .collect();
    let account = gate.subscribe(SubscriptionStatus::Canceled);
    assert_eq!(
        (account.tier, account.limit, account.active),
        (Tier::Tier1, 2, 10)
    );
    assert_eq!(gate.told(), [], "none is started above the limit");
    for (ended, (job_id, epoch)) in (1..).zip(running) {
        assert_eq!(gate.state(job_id), State::Running, "it goes on");
        gate.fail(job_id, epoch, true);
        let expected = usize::from(ended > 8);
        assert_eq!(gate.told().len(), expected, "after {ended} ended");
    }
    assert_eq!(gate.held(), 2);
}

/// Tier, priority, submission and rank of the one job that the latest turn made known.
fn made_known(gate: &GateHarness) -> (Tier, u32, Timestamp, Rank) {
    let [want] = &gate.effects.tell.wants[..] else {
        panic!("{:?}", gate.effects);
    };
    let ticket = &want.ticket;
    (ticket.tier, ticket.priority, ticket.submitted_at, want.rank)
}

#[test]
fn a_job_is_announced_with_the_current_tier_of_its_user() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let at = gate.now;
    let as_of = |gate: &GateHarness, tier: Tier| {
        let priority = gate.config.tiers.of(tier).priority;
        (tier, priority, at, gate.rank_of(at, tier))
    };
    assert_eq!(made_known(&gate), as_of(&gate, Tier::Tier1));
    gate.subscribe(SubscriptionStatus::Active);
    assert_eq!(
        made_known(&gate),
        as_of(&gate, Tier::Tier3),
        "it waits for its turn"
    );
    gate.wake_for(&job_id);
    assert_eq!(
        made_known(&gate),
        as_of(&gate, Tier::Tier3),
        "it is told again"
    );
    let grant = gate.start(&job_id);
    assert_eq!((grant.tier, grant.priority), (Tier::Tier3, 3));
    gate.subscribe(SubscriptionStatus::Unpaid);
    assert_eq!(gate.told(), [], "it runs");
    gate.complete(&job_id, grant.epoch);
    assert_eq!(
        made_known(&gate),
        as_of(&gate, Tier::Tier1),
        "its next stage"
    );
    let grant = gate.start(&job_id);
    assert_eq!(
        (grant.tier, grant.priority, grant.limit),
        (Tier::Tier1, 1, 2)
    );
    gate.fail(&job_id, grant.epoch, false);
    gate.subscribe(SubscriptionStatus::Trialing);
    assert_eq!(
        (gate.state(&job_id), gate.told()),
        (State::Retrying, vec![])
    );
    gate.wake_for(&job_id);
    assert_eq!(
        made_known(&gate),
        as_of(&gate, Tier::Tier3),
        "its next attempt"
    );
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
