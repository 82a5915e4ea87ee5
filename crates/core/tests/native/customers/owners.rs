//! Whose a subscription is: a payment link names its user apart from it, a customer may have several users, and a stranger
//! may name anybody.

use super::world::{World, event, of, session, subscription, told};
use queue_core::{customers::telling::doubt, domain::Tier};
use serde_json::json;
use std::time::Duration;

const PAID: &[&str] = &["tier3"];

#[test]
fn a_payment_link_gives_the_right_tier_in_either_order() {
    for bought in [Tier::Tier2, Tier::Tier4] {
        let object = subscription("sub_a", None, "active", &[bought.name()]);
        let created = event("evt_1", "customer.subscription.created", 0, &object);
        let session = session("mara", "cus_a", "sub_a");
        let completed = event("evt_2", "checkout.session.completed", 2, &session);
        for (order, outcomes) in [
            ([&created, &completed], ["no user found", "applied"]),
            ([&completed, &created], ["applied", "applied"]),
        ] {
            let world = World::new();
            assert_eq!(order.map(|event| world.apply(event).outcome), outcomes);
            assert_eq!(world.tier("mara"), bought, "{outcomes:?}");
            let keys: Vec<_> = world.objects.borrow().keys().cloned().collect();
            assert!(keys.iter().all(|key| !key.contains("waiting")), "{keys:?}");
            // Later events name nobody either.
            let gone = event("evt_3", "customer.subscription.deleted", 9, &object);
            assert_eq!(world.apply(&gone).outcome, "applied");
            assert_eq!(world.tier("mara"), Tier::Tier1);
        }
    }
}

#[test]
fn what_waits_for_a_user_is_bounded_in_time_and_number() {
    let mut world = World::new();
    let object = |number| {
        of(
            "cus_a",
            subscription(&format!("sub_{number}"), None, "active", PAID),
        )
    };
    for number in 0..21 {
        let id = format!("evt_{number}");
        let applied = world.apply(&event(
            &id,
            "customer.subscription.created",
            0,
            &object(number),
        ));
        let is_full = applied.doubts == [doubt::NO_ROOM];
        assert_eq!(is_full, number == 20, "{number}");
    }
    assert_eq!(world.objects.borrow().len(), 20);
    let newer = event("evt_x", "customer.subscription.updated", 5, &object(3));
    assert_eq!(
        world.apply(&newer).doubts,
        [""; 0],
        "in place of an older one"
    );
    assert_eq!(world.objects.borrow().len(), 20);
    world.pass(Duration::from_hours(24));
    let completed = event(
        "evt_y",
        "checkout.session.completed",
        2,
        &session("mara", "cus_a", "sub_0"),
    );
    world.apply(&completed);
    assert_eq!(
        world.account("mara").plan.unwrap().subscriptions.len(),
        1,
        "only its own"
    );
    assert!(
        world
            .objects
            .borrow()
            .keys()
            .all(|key| !key.contains("waiting"))
    );
}

#[test]
fn a_stranger_who_names_a_victim_gives_and_takes_nothing() {
    let world = World::new();
    world.apply(&told(1, "created", "sub_a", "active", &["tier4"]));
    let object = |status| subscription("sub_s", None, status, &["tier2"]);
    let session = session("mara", "cus_s", "sub_s");
    world.apply(&event(
        "evt_1",
        "customer.subscription.created",
        2,
        &object("trialing"),
    ));
    let linked = world.apply(&event("evt_2", "checkout.session.completed", 3, &session));
    assert_eq!(linked.doubts, [doubt::SECOND_CUSTOMER]);
    assert_eq!(world.tier("mara"), Tier::Tier4);
    for kind in ["updated", "deleted"] {
        let kind = format!("customer.subscription.{kind}");
        let canceled = event(&format!("evt_{kind}"), &kind, 4, &object("canceled"));
        assert_eq!(world.apply(&canceled).outcome, "applied");
        assert_eq!(world.tier("mara"), Tier::Tier4);
    }
}

#[test]
fn a_subscription_stays_with_whom_its_checkout_named() {
    let world = World::new();
    let completed = |number, name, bought| {
        let session = session(name, "cus_a", bought);
        event(
            &format!("evt_c{number}"),
            "checkout.session.completed",
            number,
            &session,
        )
    };
    world.apply(&completed(1, "mara", "sub_a"));
    let other = world.apply(&completed(2, "theo", "sub_b"));
    assert_eq!(other.doubts, [doubt::SECOND_USER]);
    // Of one customer, and yet each of its own user.
    for (number, id) in [(3, "sub_a"), (4, "sub_b")] {
        let object = of("cus_a", subscription(id, None, "active", &["tier4"]));
        world.apply(&event(
            &format!("evt_{id}"),
            "customer.subscription.updated",
            number,
            &object,
        ));
    }
    assert_eq!([world.tier("mara"), world.tier("theo")], [Tier::Tier4; 2]);
    let object = of("cus_a", subscription("sub_a", None, "canceled", &["tier4"]));
    world.apply(&event("evt_5", "customer.subscription.deleted", 5, &object));
    assert_eq!(
        world.tier("mara"),
        Tier::Tier1,
        "nobody stays premium for ever"
    );
    assert_eq!(world.tier("theo"), Tier::Tier4);
    // A checkout moves nothing.
    world.apply(&completed(6, "mara", "sub_b"));
    assert_eq!(
        [world.tier("mara"), world.tier("theo")],
        [Tier::Tier1, Tier::Tier4]
    );
}

#[test]
fn a_subscription_moves_to_whom_its_newest_metadata_name() {
    let world = World::new();
    let told = |seconds, name| {
        let object = subscription("sub_a", Some(name), "active", &["tier4"]);
        event(
            &format!("evt_{seconds}"),
            "customer.subscription.updated",
            seconds,
            &object,
        )
    };
    let tiers = |world: &World| [world.tier("mara"), world.tier("theo")];
    world.apply(&told(1, "mara"));
    assert_eq!(world.apply(&told(3, "theo")).doubts, [doubt::MOVED]);
    assert_eq!(tiers(&world), [Tier::Tier1, Tier::Tier4]);
    // Older, and late; one of them names somebody who never had it.
    for event in [told(2, "mara"), told(2, "ines"), told(3, "theo")] {
        assert_ne!(world.apply(&event).outcome, "applied");
        assert_eq!(tiers(&world), [Tier::Tier1, Tier::Tier4]);
    }
    assert_eq!(world.tier("ines"), Tier::Tier1);
    world.apply(&told(5, "mara"));
    assert_eq!(tiers(&world), [Tier::Tier4, Tier::Tier1]);
}

#[test]
fn a_checkout_that_names_no_subscription_stands_for_the_next_of_its_customer() {
    let mut completed = event(
        "evt_1",
        "checkout.session.completed",
        0,
        &session("mara", "cus_a", ""),
    );
    completed["data"]["object"]["subscription"] = json!(null);
    let kind = "customer.subscription.created";
    let created = event(
        "evt_2",
        kind,
        0,
        &subscription("sub_a", Some("mara"), "active", &["tier2"]),
    );
    let gone = told(5, "deleted", "sub_a", "active", &["tier2"]);
    for order in [[&completed, &created], [&created, &completed]] {
        let world = World::new();
        for event in order {
            world.apply(event);
        }
        assert_eq!(world.tier("mara"), Tier::Tier2);
        world.apply(&gone);
        assert_eq!(world.tier("mara"), Tier::Tier1);
    }
    let world = World::new();
    world.apply(&completed);
    assert_eq!(world.tier("mara"), Tier::Tier3);
}
