//! Each way in which subscriptions overlap, and the tier that is right.

use super::world::{World, told};
use queue_core::{
    customers::telling::doubt,
    domain::{Tier, plan::UnknownPrice},
};
use serde_json::Value;

const PAID: &[&str] = &["tier3"];

/// The tier after these events.
fn tier(events: &[Value]) -> Tier {
    let world = World::new();
    for event in events {
        world.apply(event);
    }
    world.tier("mara")
}

#[test]
fn who_pays_for_one_of_two_is_not_free() {
    let active = |seconds, id| told(seconds, "created", id, "active", PAID);
    let after_upgrade = [
        active(1, "sub_a"),
        active(2, "sub_b"),
        told(3, "deleted", "sub_a", "canceled", PAID),
    ];
    assert_eq!(tier(&after_upgrade), Tier::Tier3);
    for status in [
        "incomplete",
        "incomplete_expired",
        "canceled",
        "unpaid",
        "paused",
        "past_due",
    ] {
        let second = told(2, "updated", "sub_b", status, PAID);
        let events = [active(1, "sub_a"), second];
        assert_eq!(tier(&events), Tier::Tier3, "{status}");
        let [first, second] = events;
        assert_eq!(tier(&[second, first]), Tier::Tier3, "{status}");
    }
    let both = [
        active(1, "sub_a"),
        active(2, "sub_b"),
        told(3, "deleted", "sub_a", "canceled", PAID),
        told(4, "deleted", "sub_b", "canceled", PAID),
    ];
    assert_eq!(tier(&both), Tier::Tier1, "none is paid");
}

#[test]
fn the_better_of_two_counts_and_any_item_of_one() {
    let a = told(1, "created", "sub_a", "active", &["tier2"]);
    let b = told(2, "created", "sub_b", "active", &["tier4"]);
    assert_eq!(tier(&[a.clone(), b.clone()]), Tier::Tier4);
    assert_eq!(tier(&[b.clone(), a.clone()]), Tier::Tier4);
    let world = World::new();
    for event in [&a, &b] {
        world.apply(event);
    }
    let shown = world.account("mara").plan.unwrap().subscriptions;
    let shown: Vec<_> = shown
        .iter()
        .map(|view| {
            (
                view.subscription.id.as_str(),
                view.paid.unwrap().tier,
                view.counts,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [("sub_b", Tier::Tier4, true), ("sub_a", Tier::Tier2, false)]
    );
    let second_item = told(
        1,
        "created",
        "sub_a",
        "active",
        &["price_base", "tier2", "tier4"],
    );
    assert_eq!(tier(&[second_item]), Tier::Tier4);
}

#[test]
fn each_subscription_has_its_own_order() {
    let events = [
        told(5, "updated", "sub_a", "active", &["tier2"]),
        // Older than that of another subscription, and of its own.
        told(3, "updated", "sub_b", "active", &["tier4"]),
        told(1, "created", "sub_b", "incomplete", &["tier4"]),
        told(4, "updated", "sub_a", "unpaid", &["tier2"]),
        told(3, "updated", "sub_b", "active", &["tier4"]),
    ];
    assert_eq!(tier(&events), Tier::Tier4);
    assert_eq!(
        tier(&[&events[..], &[told(6, "deleted", "sub_b", "active", &[])]].concat()),
        Tier::Tier2
    );
}

#[test]
fn a_price_that_plans_does_not_know_gives_what_the_setting_says() {
    for (setting, right, doubts) in [
        (UnknownPrice::Premium, Tier::Tier3, vec![]),
        (UnknownPrice::Free, Tier::Tier1, vec![]),
        (
            UnknownPrice::Refuse,
            Tier::Tier1,
            vec![doubt::UNKNOWN_PRICE],
        ),
    ] {
        let world = World::with(|gate| gate.config.plans.unknown_price = setting);
        let applied = world.apply(&told(1, "created", "sub_a", "active", &["price_hat"]));
        assert_eq!((world.tier("mara"), applied.doubts), (right, doubts));
        world.apply(&told(
            2,
            "created",
            "sub_b",
            "active",
            &["price_hat", "tier4"],
        ));
        assert_eq!(world.tier("mara"), Tier::Tier4);
    }
}

#[test]
fn an_event_of_the_future_counts_as_of_now() {
    let far = 900 * 86_400;
    let world = World::new();
    let ahead = told(far, "updated", "sub_a", "active", &["tier4"]);
    assert_eq!(world.apply(&ahead).outcome, "applied");
    assert_eq!(world.tier("mara"), Tier::Tier4);
    let later = told(0, "deleted", "sub_a", "canceled", &["tier4"]);
    assert_eq!(world.apply(&later).outcome, "applied");
    assert_eq!(world.tier("mara"), Tier::Tier1);
    assert_eq!(
        world.apply(&ahead).outcome,
        "repeated",
        "when it comes again, too"
    );
    // Within the tolerance of the clocks it is as it says.
    world.apply(&told(300, "updated", "sub_a", "active", &["tier4"]));
    assert_eq!(
        world
            .apply(&told(299, "updated", "sub_a", "unpaid", &["tier4"]))
            .outcome,
        "outdated"
    );
    world.apply(&told(301, "updated", "sub_b", "active", &["tier2"]));
    assert_eq!(
        world
            .apply(&told(1, "updated", "sub_b", "unpaid", &["tier2"]))
            .outcome,
        "applied"
    );
}
