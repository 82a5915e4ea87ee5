//! The set of a user's subscriptions: what is kept of it, for how long, and what its rows give.

use super::{
    harness::GateHarness,
    subscriptions::{TOLD, Told, paid, typed},
};
use crate::harness::{Harness, START};
use queue_core::{
    domain::{
        Tier,
        plan::{AccountType, PlanName},
        subscription::{SERVICE, SubscriptionStatus},
    },
    gate::{
        command::{PlanOutcome, PlanView},
        subscriptions::{ENDED_KEPT, SUBSCRIPTIONS_MAX},
    },
};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);
const CANCELED: SubscriptionStatus = SubscriptionStatus::Canceled;

impl GateHarness {
    /// An event of that number about a subscription.
    fn event(&mut self, number: i64, told: Told<'_>) -> PlanOutcome {
        let event = format!("evt_{number}");
        let told = Told {
            event: &event,
            created: number,
            ..told
        };
        self.set_plan(told.change()).1
    }

    fn plan(&mut self) -> PlanView {
        self.account().plan.unwrap()
    }

    fn ids(&mut self) -> Vec<String> {
        let subscriptions = self.plan().subscriptions.into_iter();
        subscriptions.map(|view| view.subscription.id).collect()
    }
}

fn of(subscription: &str) -> Told<'_> {
    Told {
        subscription,
        ..TOLD
    }
}

#[test]
fn what_the_service_sets_is_one_more_subscription() {
    let mut gate = GateHarness::new();
    gate.sell_tiers();
    let stripe = Told {
        prices: &["tier4"],
        ..TOLD
    };
    gate.event(1, stripe);
    gate.subscribe(SubscriptionStatus::Active);
    assert_eq!(gate.ids(), ["sub_1", SERVICE], "the best first");
    gate.subscribe(CANCELED);
    assert_eq!(gate.account().tier, Tier::Tier4, "Stripe's goes on");
    gate.subscribe(SubscriptionStatus::Active);
    let ended = Told {
        status: CANCELED,
        ..stripe
    };
    gate.event(2, ended);
    assert_eq!(
        gate.account().tier,
        Tier::Tier3,
        "and so does the service's"
    );
    assert_eq!(gate.plan().subscriptions[0].subscription.id, SERVICE);
}

#[test]
fn an_account_that_gives_more_wins_over_all_of_them() {
    let mut gate = GateHarness::new();
    gate.sell_tiers();
    for (number, subscription, price) in [(1, "sub_a", "tier2"), (2, "sub_b", "tier3")] {
        let prices = &[price][..];
        gate.event(
            number,
            Told {
                prices,
                ..of(subscription)
            },
        );
    }
    assert!(gate.plan().subscriptions[0].counts);
    gate.set_plan(typed(AccountType::Complimentary));
    let plan = gate.plan();
    assert_eq!(plan.name, PlanName::Complimentary);
    assert!(plan.subscriptions.iter().all(|view| !view.counts));
    let prices = &["tier4"];
    gate.event(
        3,
        Told {
            prices,
            ..of("sub_a")
        },
    );
    let plan = gate.plan();
    assert_eq!(
        (plan.name, gate.account().tier),
        (PlanName::Premium, Tier::Tier4)
    );
    assert!(plan.subscriptions[0].counts && !plan.subscriptions[1].counts);
}

#[test]
fn an_ended_one_is_forgotten_when_no_event_can_bring_it_back() {
    let mut gate = GateHarness::new();
    gate.event(1, of("sub_a"));
    gate.event(
        5,
        Told {
            status: CANCELED,
            ..of("sub_a")
        },
    );
    gate.event(
        6,
        Told {
            status: SubscriptionStatus::Paused,
            ..of("sub_p")
        },
    );
    gate.pass(ENDED_KEPT);
    let number = |gate: &GateHarness| gate.now.as_millis() - START.as_millis();
    let at = number(&gate);
    gate.event(at, of("sub_b"));
    assert_eq!(gate.ids(), ["sub_b", "sub_p", "sub_a"]);
    assert_eq!(gate.event(4, of("sub_a")), PlanOutcome::Outdated);
    gate.pass(Duration::from_millis(10));
    let at = number(&gate);
    gate.event(at, of("sub_b"));
    assert_eq!(
        gate.ids(),
        ["sub_b", "sub_p"],
        "a pause may end at any time"
    );
    assert_eq!(
        gate.event(4, of("sub_a")),
        PlanOutcome::Outdated,
        "too old to be of a new one"
    );
    assert_eq!(
        gate.event(8, of("sub_p")),
        PlanOutcome::Applied,
        "too old only for an unknown one"
    );
}

#[test]
fn of_too_many_the_oldest_that_give_nothing_make_way() {
    let mut gate = GateHarness::new();
    let most = i64::try_from(SUBSCRIPTIONS_MAX).unwrap();
    for number in 0..most {
        let id = format!("sub_{number}");
        let status = match number {
            0 => SubscriptionStatus::Paused,
            1 | 2 => CANCELED,
            _ => SubscriptionStatus::Active,
        };
        gate.event(number, Told { status, ..of(&id) });
    }
    for (number, gone) in [(100, "sub_1"), (101, "sub_2"), (102, "sub_0")] {
        assert!(gate.ids().contains(&gone.to_owned()));
        assert_eq!(
            gate.event(number, of(&format!("sub_{number}"))),
            PlanOutcome::Applied
        );
        assert!(!gate.ids().contains(&gone.to_owned()), "{gone}");
    }
    let all = gate.ids();
    assert_eq!(all.len(), SUBSCRIPTIONS_MAX);
    assert_eq!(gate.event(103, of("sub_x")), PlanOutcome::Full);
    assert_eq!(gate.ids(), all, "what gives something is never dropped");
    assert_eq!(
        gate.event(
            104,
            Told {
                status: CANCELED,
                ..of("sub_5")
            }
        ),
        PlanOutcome::Applied
    );
    assert_eq!(gate.event(103, of("sub_x")), PlanOutcome::Applied);
}

#[test]
fn a_grace_that_ends_leaves_the_others_alone() {
    let mut gate = GateHarness::new();
    gate.sell_tiers();
    gate.config.plans.past_due_grace = 2 * DAY;
    let past_due = SubscriptionStatus::PastDue;
    let best = Told {
        prices: &["tier4"],
        status: past_due,
        ..of("sub_a")
    };
    gate.event(0, best);
    gate.pass(DAY);
    let second = Told {
        prices: &["tier2"],
        status: past_due,
        ..of("sub_b")
    };
    let day = i64::try_from(DAY.as_millis()).unwrap();
    gate.event(day, second);
    let [first_end, last_end] = [2, 3].map(|days| START.after(days * DAY));
    let account = gate.account();
    assert_eq!(
        (account.tier, account.plan.unwrap().until),
        (Tier::Tier4, Some(first_end))
    );
    gate.wake_at(first_end);
    let account = gate.account();
    assert_eq!(
        (account.tier, account.plan.unwrap().until),
        (Tier::Tier2, Some(last_end))
    );
    let step = &account.changes[0];
    assert_eq!(
        (step.by.as_str(), step.subscription.as_deref()),
        ("grace", Some("sub_a"))
    );
    assert_eq!(gate.next_due(), Some(last_end));
    // Set back, the clock revives nothing, and a new grace of the service's own counts.
    gate.now = START;
    assert_eq!(gate.account().tier, Tier::Tier2);
    gate.set_plan(paid(past_due, START));
    assert_eq!(gate.account().tier, Tier::Tier3);
    gate.wake_at(last_end);
    assert_eq!(gate.account().tier, Tier::Tier1);
}

#[test]
fn a_question_changes_nothing_and_records_nobody() {
    let mut gate = GateHarness::new();
    let question = || {
        let mut change = of("sub_a").change();
        change.subscription = None;
        change
    };
    assert_eq!(gate.set_plan(question()).1, PlanOutcome::Applied);
    assert!(gate.is_forgotten());
    gate.event(1, of("sub_a"));
    let plan = gate.plan();
    assert_eq!(gate.set_plan(question()).1, PlanOutcome::Applied);
    assert_eq!(gate.plan(), plan);
    gate.delete_user();
    assert_eq!(gate.set_plan(question()).1, PlanOutcome::Erased);
}
