//! How a plan changes: events in any order, what is remembered of them, grace, and another `PLANS`.

use super::{
    harness::GateHarness,
    subscriptions::{TOLD, Told, typed},
};
use crate::harness::{Harness, START};
use queue_core::{
    api::plan::parse,
    domain::{
        JobId, Tier, Timestamp,
        plan::{AccountType, PlanName},
        subscription::SubscriptionStatus,
    },
    gate::{
        Command, Reply, SqlStore, State, Store,
        account::{HISTORY_MAX, KnownPlan, Standing},
        command::{PlanChange, PlanOutcome, PlanStep},
        subscriptions::{EVENTS_MAX, SUBSCRIPTIONS_MAX},
    },
};
use std::{collections::BTreeSet, time::Duration};

const DAY: Duration = Duration::from_hours(24);

fn known(gate: &GateHarness) -> KnownPlan {
    let account = SqlStore::new(&gate.database).account().unwrap().unwrap();
    account.plan.unwrap()
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
fn every_change_is_recorded_with_its_source_time_and_values() {
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
        subscription: Some("sub_1".to_owned()),
        from: standing(None, None, Tier::Tier2),
        to: subscribed,
    };
    let second = PlanStep {
        at: gate.now,
        by: "service".to_owned(),
        event: None,
        subscription: None,
        from: standing(Some(PlanName::Premium), None, Tier::Tier3),
        to: standing(Some(PlanName::Complimentary), None, Tier::Tier3),
    };
    assert_eq!(gate.account().changes, [second, first], "newest first");
}

#[test]
fn the_newest_changes_and_events_are_kept_and_the_row_stays_small() {
    let mut gate = GateHarness::new();
    let statuses = [SubscriptionStatus::Active, SubscriptionStatus::Canceled];
    let ids = |number| {
        [
            format!("evt_{number:0>40}"),
            format!("sub_{:0>40}", number % 20),
        ]
    };
    for number in 0..1_000 {
        let [event, subscription] = ids(number);
        let status = statuses[usize::try_from(number / 20 % 2).unwrap()];
        let told = Told {
            event: &event,
            created: number,
            subscription: &subscription,
            status,
            prices: &["price_0123456789012345678901234"; 2],
            ..TOLD
        };
        gate.set_plan(told.change());
    }
    let plan = known(&gate);
    let kept = (plan.history.len(), plan.subscriptions.0.len());
    assert_eq!(kept, (HISTORY_MAX, SUBSCRIPTIONS_MAX));
    let events = &plan.subscriptions.0[SUBSCRIPTIONS_MAX - 1].events;
    assert_eq!(events.len(), EVENTS_MAX);
    assert_eq!(events[EVENTS_MAX - 1], ids(999)[0]);
    let row = serde_json::to_string(&plan).unwrap().len();
    assert!(row < 50_000, "{row} bytes");
    assert_eq!(gate.account().changes.len(), 10);
}

#[test]
fn a_grace_period_ends_by_the_alarm_and_reprices() {
    let mut gate = GateHarness::new();
    gate.config.plans.past_due_grace = 2 * DAY;
    gate.subscribe(SubscriptionStatus::Active);
    gate.pass(DAY);
    let account = gate.subscribe(SubscriptionStatus::PastDue);
    let end = gate.now.after(2 * DAY);
    assert_eq!(account.tier, Tier::Tier3);
    assert_eq!(account.plan.unwrap().until, Some(end));
    assert_eq!(gate.effects.wake_by, Some(end));
    // Told again, it does not begin anew.
    gate.pass(DAY);
    gate.subscribe(SubscriptionStatus::PastDue);
    assert_eq!(gate.account().plan.unwrap().until, Some(end));
    let job_id = gate.submit(Tier::Tier3);
    gate.cancel(&job_id);
    gate.hear();
    let job_id = gate.submit(Tier::Tier3);
    gate.wake();
    assert_eq!(gate.job(&job_id).tier, Tier::Tier3, "it is early");
    gate.run_to_the_end(&job_id);
    assert_eq!(gate.next_due(), Some(end), "found again from the rows");
    gate.wake_at(Timestamp::from_millis(end.as_millis() - 1));
    assert_eq!(gate.effects.wake_by, Some(end), "the alarm is set again");
    let job_id = gate.submit(Tier::Tier3);
    gate.wake_at(end);
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
fn a_late_alarm_does_not_extend_a_grace_period() {
    let mut gate = GateHarness::new();
    gate.config.plans.past_due_grace = DAY;
    gate.subscribe(SubscriptionStatus::PastDue);
    gate.pass(DAY);
    let refused = gate.turn(Command::Submit(gate.new_job(Some(Tier::Tier3))));
    let allowed = Tier::Tier1;
    assert_eq!(refused, Reply::TierNotEntitled { allowed });
}

#[test]
fn a_changed_table_of_plans_applies_from_the_next_turn() {
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
fn a_place_that_a_new_plan_brings_goes_to_the_best_though_it_is_back_in_the_same_turn() {
    let mut gate = GateHarness::new();
    gate.subscribe(SubscriptionStatus::Active);
    gate.config.plans.premium = Tier::Tier1;
    gate.set_tiers(r#"{"tier2":{"maxConcurrentJobs":3}}"#);
    gate.account();
    let jobs = gate.submit_many(Tier::Tier1, 4);
    let [first, .., last] = &jobs[..] else {
        panic!("{jobs:?}")
    };
    let epoch = gate.start(first).epoch;
    gate.fail(first, epoch, false);
    assert_eq!(gate.states([first, last]), [State::Retrying, State::Parked]);
    gate.config.plans.premium = Tier::Tier2;
    gate.wake_for(first);
    assert_eq!(gate.account().limit, 3);
    assert_eq!(gate.states([first, last]), [State::Queued, State::Parked]);
    let told: BTreeSet<JobId> = gate.told().into_iter().collect();
    assert_eq!(told.len(), gate.told().len(), "each once: {told:?}");
}

#[test]
fn a_ticket_says_what_its_job_is_at_the_end_of_the_turn() {
    let mut gate = GateHarness::beside(false);
    gate.subscribe(SubscriptionStatus::Active);
    gate.config.plans.premium = Tier::Tier1;
    gate.account();
    let parked = gate.submit_many(Tier::Tier1, 3).remove(2);
    // The table of plans changed, and so does the plan in the same turn.
    gate.config.plans.premium = Tier::Tier2;
    gate.set_plan(typed(AccountType::Unlimited));
    let job = gate.job(&parked);
    let sent = gate.effects.tickets.iter();
    let [ticket] = &sent
        .filter(|sent| sent.job_id == parked)
        .collect::<Vec<_>>()[..]
    else {
        panic!("{:?}", gate.effects);
    };
    assert_eq!((ticket.tier, ticket.priority), (job.tier, job.priority));
    assert_eq!(job.tier, Tier::Tier3);
}

#[test]
fn a_plan_may_be_set_before_the_first_job() {
    let mut gate = GateHarness::new();
    gate.set_tier(Tier::Tier2);
    let account = gate.account();
    assert_eq!((account.tier, account.limit), (Tier::Tier2, 5));
    gate.set_plan(typed(AccountType::Unlimited));
    let job_id = gate.submit_job(gate.new_job(None));
    assert_eq!(gate.job(&job_id).tier, Tier::Tier3);
    let nothing = PlanChange {
        account_type: None,
        ..typed(AccountType::Standard)
    };
    let (account, _) = gate.set_plan(nothing);
    let name = account.plan.unwrap().name;
    assert_eq!(name, PlanName::Unlimited, "left as it is");
    let removed = PlanChange {
        subscription: Some(None),
        ..typed(AccountType::Standard)
    };
    gate.subscribe(SubscriptionStatus::Active);
    let (account, _) = gate.set_plan(removed);
    let left = account.plan.unwrap().subscriptions;
    let ids: Vec<_> = left.iter().map(|view| &view.subscription.id).collect();
    assert_eq!(ids, ["sub_1"], "that of the service is removed");
}

#[test]
fn a_price_that_is_left_out_stays_and_null_removes_it() {
    let mut gate = GateHarness::new();
    gate.sell_tiers();
    let tier = |gate: &mut GateHarness, price: &str| {
        let body = format!(r#"{{"subscription":{{"status":"active"{price}}}}}"#);
        let change = parse(body.as_bytes(), gate.now).unwrap();
        let account = gate.set_plan(change).0;
        let mut subscriptions = account.plan.unwrap().subscriptions;
        (
            account.tier,
            subscriptions.remove(0).subscription.price_ids.pop(),
        )
    };
    let known = Some("tier4".to_owned());
    let sold = tier(&mut gate, r#","priceId":"tier4""#);
    assert_eq!(sold, (Tier::Tier4, known.clone()));
    assert_eq!(tier(&mut gate, ""), (Tier::Tier4, known));
    let removed = tier(&mut gate, r#","priceId":null"#);
    assert_eq!(removed, (Tier::Tier3, None));
    assert_eq!(tier(&mut gate, ""), (Tier::Tier3, None));
}
