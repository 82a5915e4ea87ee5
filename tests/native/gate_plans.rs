//! Plans: whose word on a tier counts, and what a change does to jobs that are on their way.

use crate::gate_harness::{GateHarness, START};
use std::time::Duration;
use story_queue::{
    domain::{
        Rank, Tier, Timestamp,
        plan::{AccountType, PlanName, Subscription, SubscriptionStatus},
    },
    gate::{
        Command, Reply, SqlStore, State, Store,
        command::{
            AccountView, Admission, NewJob, PlanChange, PlanEvent, PlanOutcome, PlanStep,
            TierSource,
        },
        next_due,
        plan::{EVENTS_KEPT, EVENTS_MAX, HISTORY_MAX, KnownPlan, Standing},
    },
};

const DAY: Duration = Duration::from_hours(24);

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

fn typed(account_type: AccountType) -> PlanChange {
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
    fn subscribe(&mut self, status: SubscriptionStatus) -> AccountView {
        let (account, outcome) = self.set_plan(paid(status, self.now));
        assert_eq!(outcome, PlanOutcome::Applied);
        account
    }

    fn stripe(&mut self, id: &str, created: i64, status: SubscriptionStatus) -> PlanOutcome {
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

    fn known(&self) -> KnownPlan {
        let account = SqlStore::new(&self.database).account().unwrap().unwrap();
        account.plan.unwrap()
    }

    fn submit_as(&mut self, stated: Option<Tier>, ceiling: Option<Tier>) -> Reply {
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
fn a_plan_counts_above_every_word_and_a_word_up_to_its_ceiling() {
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
fn the_account_says_where_the_tier_comes_from() {
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
    gate.turn(Command::SetTier { tier: Tier::Tier4 });
    assert_eq!(gate.account().tier, Tier::Tier3, "a plan's word is above");
}

#[test]
fn a_user_upgraded_with_30_parked_jobs_overtakes() {
    let mut gate = GateHarness::new();
    let jobs = gate.submit_many(Tier::Tier1, 32);
    for job_id in &jobs {
        gate.admit(job_id);
    }
    assert_eq!((gate.held(), gate.account().parked), (2, 30));
    gate.pass(Duration::from_mins(10));
    let account = gate.subscribe(SubscriptionStatus::Active);
    assert_eq!(
        (account.active, account.parked, account.limit),
        (10, 22, 10)
    );
    assert_eq!(gate.sent(), jobs[2..10], "the oldest go, in the same turn");
    for ticket in &gate.effects.tickets {
        assert_eq!((ticket.tier, ticket.priority), (Tier::Tier3, 3));
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
fn a_downgraded_user_finishes_what_runs() {
    let mut gate = GateHarness::new();
    gate.subscribe(SubscriptionStatus::Active);
    let jobs: Vec<_> = (0..30).map(|_| gate.submit(Tier::Tier3)).collect();
    let mut running = Vec::new();
    for job_id in &jobs {
        if let Admission::Run(grant) = gate.admit(job_id) {
            running.push((job_id.clone(), grant.epoch));
        }
    }
    assert_eq!(running.len(), 10);
    let account = gate.subscribe(SubscriptionStatus::Canceled);
    assert_eq!(
        (account.tier, account.limit, account.active),
        (Tier::Tier1, 2, 10)
    );
    assert_eq!(gate.sent(), [], "none is started above the limit");
    for (ended, (job_id, epoch)) in (1..).zip(running) {
        assert_eq!(gate.state(&job_id), State::Running, "it goes on");
        gate.fail(&job_id, epoch, true);
        let expected = usize::from(ended > 8);
        assert_eq!(gate.sent().len(), expected, "after {ended} ended");
    }
    assert_eq!(gate.held(), 2);
}

#[test]
fn a_later_stage_carries_the_tier_of_its_user_at_that_time() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let submitted_at = gate.job(&job_id).submitted_at;
    let grant = gate.start(&job_id);
    assert_eq!((grant.tier, grant.priority), (Tier::Tier1, 1));
    gate.pass(Duration::from_mins(1));
    gate.subscribe(SubscriptionStatus::Active);
    gate.complete(&job_id, grant.epoch);
    let ticket = gate.effects.tickets[0].clone();
    let carried = (ticket.tier, ticket.priority, ticket.submitted_at);
    assert_eq!(carried, (Tier::Tier3, 3, submitted_at));
    let grant = gate.start(&job_id);
    assert_eq!(grant.rank, gate.rank_of(submitted_at, Tier::Tier3));
    gate.subscribe(SubscriptionStatus::Unpaid);
    gate.complete(&job_id, grant.epoch);
    let grant = gate.start(&job_id);
    assert_eq!(
        (grant.tier, grant.priority, grant.limit),
        (Tier::Tier1, 1, 2)
    );
    assert_eq!(grant.rank, gate.rank_of(submitted_at, Tier::Tier1));
}

#[test]
fn a_retry_carries_the_tier_of_its_user_at_that_time() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let submitted_at = gate.job(&job_id).submitted_at;
    let epoch = gate.start(&job_id).epoch;
    gate.fail(&job_id, epoch, false);
    gate.subscribe(SubscriptionStatus::Trialing);
    assert_eq!(gate.state(&job_id), State::Retrying);
    gate.now = gate.job(&job_id).due.unwrap();
    gate.wake();
    let ticket = gate.effects.tickets[0].clone();
    let carried = (ticket.tier, ticket.priority, ticket.submitted_at);
    assert_eq!(carried, (Tier::Tier3, 3, submitted_at));
    let grant = gate.start(&job_id);
    assert_eq!((grant.attempt, grant.tier), (2, Tier::Tier3));
}

#[test]
fn a_ticket_sent_again_carries_the_tier_of_its_user_at_that_time() {
    let mut gate = GateHarness::new();
    let job_id = gate.submit(Tier::Tier1);
    let submitted_at = gate.job(&job_id).submitted_at;
    gate.subscribe(SubscriptionStatus::Active);
    gate.now = gate.job(&job_id).due.unwrap();
    gate.wake();
    let ticket = gate.effects.tickets[0].clone();
    let carried = (ticket.tier, ticket.priority, ticket.submitted_at);
    assert_eq!(carried, (Tier::Tier3, 3, submitted_at));
}

#[test]
fn a_job_that_asked_for_less_never_gets_more() {
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
fn events_repeated_and_out_of_order_change_nothing() {
    use SubscriptionStatus::{Active, Canceled};
    let mut gate = GateHarness::new();
    assert_eq!(gate.stripe("evt_2", 2_000, Active), PlanOutcome::Applied);
    let after = gate.account();
    for _ in 0..2 {
        assert_eq!(gate.stripe("evt_2", 2_000, Canceled), PlanOutcome::Repeated);
        assert_eq!(gate.stripe("evt_1", 1_999, Canceled), PlanOutcome::Outdated);
        assert_eq!(gate.account(), after);
        assert_eq!(gate.sent(), []);
    }
    // Stripe's moments are whole seconds: another event of the same one counts.
    assert_eq!(gate.stripe("evt_3", 2_000, Canceled), PlanOutcome::Applied);
    assert_eq!(gate.account().tier, Tier::Tier1);
    assert_eq!(gate.stripe("evt_2", 2_000, Active), PlanOutcome::Repeated);
    assert_eq!(gate.account().tier, Tier::Tier1);
}

#[test]
fn every_change_is_recorded_with_who_when_from_and_to() {
    let mut gate = GateHarness::new();
    gate.submit(Tier::Tier2);
    gate.stripe("evt_1", 1_000, SubscriptionStatus::Active);
    // Told again, it is no change.
    gate.stripe("evt_2", 2_000, SubscriptionStatus::Active);
    gate.pass(DAY);
    gate.set_plan(typed(AccountType::Complimentary));
    let standing = |plan, status, tier| Standing { plan, status, tier };
    let active = Some(SubscriptionStatus::Active);
    let subscribed = standing(Some(PlanName::Premium), active, Tier::Tier3);
    let first = PlanStep {
        at: START,
        by: "stripe".to_owned(),
        event: Some("evt_1".to_owned()),
        from: standing(None, None, Tier::Tier2),
        to: subscribed,
    };
    let second = PlanStep {
        at: gate.now,
        by: "service".to_owned(),
        event: None,
        from: subscribed,
        to: standing(Some(PlanName::Complimentary), active, Tier::Tier3),
    };
    assert_eq!(gate.account().changes, [second, first], "newest first");
}

#[test]
fn the_newest_changes_and_events_are_kept_and_the_row_stays_small() {
    let mut gate = GateHarness::new();
    let statuses = [SubscriptionStatus::Active, SubscriptionStatus::Canceled];
    for number in 0..60 {
        let id = format!("evt_{number:0>40}");
        let status = statuses[usize::try_from(number % 2).unwrap()];
        gate.stripe(&id, 1_000 + number, status);
    }
    let known = gate.known();
    assert_eq!(
        (known.history.len(), known.events.len()),
        (HISTORY_MAX, EVENTS_MAX)
    );
    assert_eq!(known.events[EVENTS_MAX - 1].id, format!("evt_{:0>40}", 59));
    let row = serde_json::to_string(&known).unwrap().len();
    assert!(row < 30_000, "{row} bytes");
    gate.pass(EVENTS_KEPT);
    gate.stripe("evt_late", 5_000, SubscriptionStatus::Paused);
    assert_eq!(gate.known().events.len(), 1, "remembered for a day");
    assert_eq!(gate.account().changes.len(), 10);
}

#[test]
fn a_grace_ends_by_the_alarm_and_reprices() {
    let mut gate = GateHarness::new();
    gate.config.plans.past_due_grace = 2 * DAY;
    gate.subscribe(SubscriptionStatus::Active);
    gate.pass(DAY);
    let account = gate.subscribe(SubscriptionStatus::PastDue);
    let end = gate.now.after(2 * DAY);
    assert_eq!(
        (account.tier, account.plan.unwrap().until),
        (Tier::Tier3, Some(end))
    );
    assert_eq!(gate.effects.wake_by, Some(end));
    // Told again, it does not begin anew.
    gate.pass(DAY);
    gate.subscribe(SubscriptionStatus::PastDue);
    assert_eq!(gate.account().plan.unwrap().until, Some(end));
    let job_id = gate.submit(Tier::Tier3);
    gate.cancel(&job_id);
    let job_id = gate.submit(Tier::Tier3);
    gate.wake();
    assert_eq!(
        gate.job(&job_id).tier,
        Tier::Tier3,
        "early, it does nothing"
    );
    gate.run_to_the_end(&job_id);
    let store = SqlStore::new(&gate.database);
    assert_eq!(next_due(&store), Ok(Some(end)), "found again from the rows");
    gate.now = Timestamp::from_millis(end.as_millis() - 1);
    gate.wake();
    assert_eq!(gate.effects.wake_by, Some(end), "the alarm is set again");
    let job_id = gate.submit(Tier::Tier3);
    gate.now = end;
    gate.wake();
    let job = gate.job(&job_id);
    assert_eq!((job.tier, job.priority), (Tier::Tier1, 1));
    let account = gate.account();
    assert_eq!((account.tier, account.limit), (Tier::Tier1, 2));
    let last = &account.changes[0];
    assert_eq!((last.by.as_str(), last.at), ("grace", end));
    assert_eq!(last.from.plan, Some(PlanName::Premium));
    assert_eq!(last.to.plan, Some(PlanName::Free));
}

#[test]
fn a_late_alarm_makes_no_grace_longer() {
    let mut gate = GateHarness::new();
    gate.config.plans.past_due_grace = DAY;
    gate.subscribe(SubscriptionStatus::PastDue);
    gate.pass(DAY);
    let refused = gate.submit_as(Some(Tier::Tier3), None);
    let allowed = Tier::Tier1;
    assert_eq!(refused, Reply::TierNotEntitled { allowed });
}

#[test]
fn another_table_of_plans_holds_with_the_next_turn() {
    let mut gate = GateHarness::new();
    gate.subscribe(SubscriptionStatus::Active);
    let job_id = gate.submit(Tier::Tier3);
    gate.config.plans.premium = Tier::Tier2;
    assert_eq!(gate.account().tier, Tier::Tier2);
    assert_eq!(gate.job(&job_id).tier, Tier::Tier2);
    assert_eq!(gate.account().changes[0].by, "configuration");
    let rows = gate.jobs();
    gate.wake();
    gate.account();
    assert_eq!((gate.jobs(), gate.account().changes.len()), (rows, 2));
}

#[test]
fn a_plan_may_come_before_the_first_job() {
    let mut gate = GateHarness::new();
    gate.set_plan(typed(AccountType::Unlimited));
    assert!(matches!(
        gate.submit_as(None, None),
        Reply::Submitted { job, .. } if job.tier == Tier::Tier3
    ));
    let nothing = PlanChange {
        account_type: None,
        ..typed(AccountType::Standard)
    };
    let (account, _) = gate.set_plan(nothing);
    assert_eq!(
        account.plan.unwrap().name,
        PlanName::Unlimited,
        "left as it is"
    );
    let removed = PlanChange {
        subscription: Some(None),
        ..typed(AccountType::Standard)
    };
    gate.subscribe(SubscriptionStatus::Active);
    let (account, _) = gate.set_plan(removed);
    assert_eq!(account.plan.unwrap().plan.subscription, None);
}
