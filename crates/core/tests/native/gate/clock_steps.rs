//! A clock that steps: what was counted, what ended, and what was given stays as it was.

use super::{
    harness::GateHarness,
    subscriptions::{TOLD, Told, paid},
};
use crate::harness::Harness;
use queue_core::{
    domain::{Month, Tier, Timestamp, subscription::SubscriptionStatus},
    gate::{Command, Reply, command::NewJob},
};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);
const THREE: &str = r#"{"tier1":{"jobsPerMonth":3}}"#;

fn just_before(at: Timestamp) -> Timestamp {
    at.before(Duration::from_millis(1))
}

fn is_accepted(gate: &mut GateHarness) -> bool {
    let job = gate.new_job(Some(Tier::Tier1));
    matches!(gate.turn(Command::Submit(job)), Reply::Submitted { .. })
}

fn used(gate: &mut GateHarness) -> u32 {
    gate.month().unwrap().used
}

#[test]
fn a_clock_that_was_far_ahead_once_uses_up_no_month_of_now() {
    let mut gate = GateHarness::new();
    gate.set_quotas(THREE);
    let start = gate.now;
    assert!(is_accepted(&mut gate));
    gate.pass(400 * DAY);
    for expected in [true, true, true, false] {
        assert_eq!(is_accepted(&mut gate), expected);
    }
    gate.now = start;
    assert_eq!(used(&mut gate), 1);
    for expected in [true, true, false] {
        assert_eq!(is_accepted(&mut gate), expected);
    }
    gate.now = Month::of(start).end;
    assert!(is_accepted(&mut gate), "nor any that comes before");
}

#[test]
fn a_cancelled_job_is_given_back_in_the_month_that_counted_it() {
    let mut gate = GateHarness::new();
    gate.set_quotas(THREE);
    gate.now = just_before(Month::of(gate.now).end);
    let old = gate.submit(Tier::Tier1);
    gate.pass(Duration::from_millis(1));
    let new = gate.submit(Tier::Tier1);
    assert_eq!(used(&mut gate), 1);
    gate.now = just_before(gate.now);
    let back = gate.submit(Tier::Tier1);
    assert_eq!(used(&mut gate), 2, "no old month opens again");
    gate.cancel(&back);
    assert_eq!(used(&mut gate), 1);
    gate.cancel(&new);
    assert_eq!(used(&mut gate), 0);
    gate.cancel(&old);
    assert_eq!(used(&mut gate), 0, "another month");
}

#[test]
fn a_grace_that_ended_stays_ended_and_nothing_is_repriced() {
    let mut gate = GateHarness::new();
    gate.config.plans.past_due_grace = 2 * DAY;
    gate.subscribe(SubscriptionStatus::PastDue);
    let job_id = gate.submit(Tier::Tier3);
    gate.wake_after(2 * DAY);
    assert_eq!(gate.job(&job_id).tier, Tier::Tier1);
    for step in [Duration::from_millis(1), DAY] {
        gate.now = gate.now.before(step);
        gate.evict();
        let (jobs, rows) = (gate.jobs(), gate.database.changes());
        let account = gate.account();
        assert_eq!(account.tier, Tier::Tier1, "{step:?}");
        assert_eq!(account.plan.unwrap().until, None);
        assert_eq!((gate.jobs(), gate.database.changes()), (jobs, rows));
    }
    let job = NewJob {
        ..gate.new_job(Some(Tier::Tier3))
    };
    let allowed = Tier::Tier1;
    let refused = gate.turn(Command::Submit(job));
    assert_eq!(refused, Reply::TierNotEntitled { allowed });
    // What is paid again counts at once, and so does the next grace.
    gate.subscribe(SubscriptionStatus::Active);
    assert_eq!(gate.account().tier, Tier::Tier3);
    gate.pass(DAY);
    gate.set_plan(paid(SubscriptionStatus::PastDue, gate.now));
    let until = gate.account().plan.unwrap().until;
    assert_eq!(until, Some(gate.now.after(2 * DAY)));
}

#[test]
fn a_grace_that_ended_while_another_subscription_counts_stays_ended() {
    let mut gate = GateHarness::new();
    gate.config.plans.past_due_grace = DAY;
    gate.set_plan(
        Told {
            status: SubscriptionStatus::PastDue,
            ..TOLD
        }
        .change(),
    );
    let other = Told {
        event: "evt_2",
        subscription: "sub_2",
        ..TOLD
    };
    gate.set_plan(other.change());
    let then = gate.now;
    gate.pass(2 * DAY);
    gate.wake();
    gate.now = then;
    let ended = Told {
        event: "evt_3",
        status: SubscriptionStatus::Canceled,
        ..other
    };
    let (account, _) = gate.set_plan(ended.change());
    assert_eq!(account.tier, Tier::Tier1, "{account:?}");
}
