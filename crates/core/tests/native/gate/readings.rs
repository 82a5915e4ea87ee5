//! Once a day Stripe is asked what a user pays for.

use super::{
    harness::GateHarness,
    subscriptions::{TOLD, Told},
};
use crate::harness::{Harness, START};
use queue_core::{
    domain::{Tier, Timestamp, subscription::SubscriptionStatus},
    gate::Command,
};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// A gate that may ask, and a user of whom Stripe said that.
fn told(status: SubscriptionStatus) -> GateHarness {
    let mut gate = GateHarness::new();
    gate.config.reads_stripe = true;
    gate.set_plan(Told { status, ..TOLD }.change());
    gate
}

/// Lets the alarm ring whenever it is due, for so long, and returns when Stripe was asked.
fn readings(gate: &mut GateHarness, span: Duration) -> Vec<Timestamp> {
    let (mut asked, end) = (Vec::new(), gate.now.after(span));
    while let Some(due) = gate.next_due().filter(|due| *due <= end) {
        gate.wake_at(due.max(gate.now));
        if gate.effects.reads_stripe {
            assert!(gate.effects.wake_by > Some(gate.now), "once is enough");
            asked.push(gate.now);
        }
    }
    gate.now = end;
    asked
}

#[test]
fn who_pays_or_should_is_asked_about_once_a_day_at_the_same_time() {
    use SubscriptionStatus::{Active, PastDue, Trialing};
    for status in [Active, Trialing, PastDue] {
        let asked = readings(&mut told(status), DAY * 5);
        assert_eq!(asked.len(), 5, "{status:?}");
        assert!(asked.windows(2).all(|two| two[1] == two[0].after(DAY)));
    }
}

#[test]
fn who_pays_nothing_to_stripe_is_not_asked_about() {
    use SubscriptionStatus::{Active, Canceled, Incomplete, Paused, Unpaid};
    for status in [Canceled, Incomplete, Paused, Unpaid] {
        assert_eq!(told(status).next_due(), None, "{status:?}");
    }
    let mut by_service = GateHarness::new();
    by_service.config.reads_stripe = true;
    by_service.subscribe(Active);
    assert_eq!(by_service.next_due(), None);
    let mut ended = told(Active);
    ended.set_plan(
        Told {
            event: "evt_2",
            created: 2,
            status: Canceled,
            ..TOLD
        }
        .change(),
    );
    assert_eq!(readings(&mut ended, DAY * 3), []);
}

#[test]
fn without_a_key_nobody_is_and_with_one_it_begins_at_the_next_turn() {
    let mut gate = told(SubscriptionStatus::Active);
    gate.config.reads_stripe = false;
    assert_eq!(readings(&mut gate, DAY * 3), []);
    assert_eq!(gate.next_due(), None);
    gate.config.reads_stripe = true;
    gate.turn(Command::Account);
    assert_eq!(readings(&mut gate, DAY).len(), 1);
}

#[test]
fn a_clock_that_was_set_back_puts_it_off_by_two_days_at_most() {
    let mut gate = told(SubscriptionStatus::Active);
    gate.pass(DAY * 400);
    gate.wake();
    gate.now = START;
    assert!(!readings(&mut gate, DAY * 2).is_empty());
}

#[test]
fn a_user_who_is_being_deleted_is_not_asked_about_and_no_alarm_rings_for_it() {
    let mut gate = told(SubscriptionStatus::Active);
    let job_id = gate.submit(Tier::Tier1);
    gate.turn(Command::Cancel { job_id });
    gate.turn(Command::DeleteUser);
    gate.wake_after(DAY * 2);
    assert!(!gate.effects.reads_stripe);
    let failed = gate.effects.purge.clone();
    gate.turn(Command::Forget {
        jobs: Vec::new(),
        failed,
    });
    assert!(gate.next_due() > Some(gate.now), "only artifacts are left");
}
