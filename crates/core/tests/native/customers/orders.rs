//! Two events at once, step by step: wherever one stops and the other goes on, the tier is right.

use super::world::{World, event, finish, session, step, subscription};
use queue_core::domain::Tier;
use serde_json::Value;
use std::pin::pin;

/// The first event stops after `first` steps; the second takes `second`; then the first goes on to its end, and the second.
/// Says which of them had ended when they were to stop.
fn interleave(
    world: &World,
    [one, two]: [&Value; 2],
    (first, second): (usize, usize),
) -> [bool; 2] {
    let mut one = pin!(world.applied(one));
    let mut two = pin!(world.applied(two));
    let is_done = (0..first).any(|_| step(one.as_mut()).is_some());
    let is_other_done = (0..second).any(|_| step(two.as_mut()).is_some());
    if !is_done {
        finish(one);
    }
    if !is_other_done {
        finish(two);
    }
    [is_done, is_other_done]
}

/// Both orders, with every way to stop in between.
fn everywhere([one, two]: [&Value; 2], mut check: impl FnMut(&World)) {
    for events in [[one, two], [two, one]] {
        'first: for first in 0.. {
            for second in 0.. {
                let world = World::new();
                let [is_done, is_other_done] = interleave(&world, events, (first, second));
                check(&world);
                if is_done {
                    break 'first;
                }
                if is_other_done {
                    break;
                }
            }
        }
    }
}

#[test]
fn no_race_of_a_checkout_and_its_subscription_loses_the_tier() {
    let object = subscription("sub_a", None, "active", &["tier4"]);
    let created = event("evt_1", "customer.subscription.created", 0, &object);
    let completed = event(
        "evt_2",
        "checkout.session.completed",
        1,
        &session("mara", "cus_a", "sub_a"),
    );
    everywhere([&created, &completed], |world| {
        assert_eq!(world.tier("mara"), Tier::Tier4);
    });
}

#[test]
fn no_race_of_two_events_of_one_subscription_keeps_the_older() {
    let told = |id, kind, seconds, status| {
        event(
            id,
            kind,
            seconds,
            &subscription("sub_a", None, status, &["tier4"]),
        )
    };
    let active = told("evt_1", "customer.subscription.created", 0, "active");
    let gone = told("evt_2", "customer.subscription.deleted", 1, "canceled");
    let completed = event(
        "evt_3",
        "checkout.session.completed",
        1,
        &session("mara", "cus_a", "sub_a"),
    );
    everywhere([&active, &gone], |world| {
        world.apply(&completed);
        assert_eq!(world.tier("mara"), Tier::Tier1);
    });
    everywhere([&gone, &completed], |world| {
        world.apply(&active);
        assert_eq!(world.tier("mara"), Tier::Tier1);
    });
}

#[test]
fn no_race_with_a_deletion_leaves_a_link_or_an_account() {
    let object = subscription("sub_a", Some("mara"), "active", &["tier4"]);
    let created = event("evt_1", "customer.subscription.created", -1, &object);
    let completed = event(
        "evt_2",
        "checkout.session.completed",
        -1,
        &session("mara", "cus_a", "sub_a"),
    );
    let mut unpaid = completed.clone();
    unpaid["data"]["object"]["payment_status"] = "unpaid".into();
    for event in [created, completed, unpaid] {
        for steps in 0.. {
            let world = World::new();
            let mut applying = pin!(world.applied(&event));
            let is_done = (0..steps).any(|_| step(applying.as_mut()).is_some());
            world.delete("mara");
            if !is_done {
                finish(applying);
            }
            let left = world.objects.borrow().clone();
            assert!(left.is_empty(), "{steps} steps: {left:?}");
            assert_eq!(world.account("mara").plan, None);
            if is_done {
                break;
            }
        }
    }
}
