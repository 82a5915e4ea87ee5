//! A user is deleted: no link is left, and no late event makes an account.

use super::world::{World, at, event, session, subscription, user};
use queue_core::{
    customers::mark::marks, domain::Tier, gate::account::MARKS_KEPT, storage::Database,
};
use serde_json::Value;
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);

fn told(seconds: i64, id: &str, status: &str) -> Value {
    let kind = "customer.subscription.updated";
    let object = subscription(id, Some("mara"), status, &["tier4"]);
    event(&format!("evt_{id}_{seconds}"), kind, seconds, &object)
}

fn is_unknown(world: &World) -> bool {
    world.gate(&user("mara"), |gate| gate.is_forgotten())
}

/// A paying user was deleted a minute ago.
fn deleted() -> World {
    let mut world = World::new();
    let completed = session("mara", "cus_a", "sub_a");
    world.apply(&event("evt_1", "checkout.session.completed", 0, &completed));
    world.apply(&told(1, "sub_a", "active"));
    assert_eq!(world.tier("mara"), Tier::Tier4);
    world.pass(MINUTE);
    world.delete("mara");
    world.pass(MINUTE);
    world
}

#[test]
fn the_links_go_and_late_events_of_the_subscription_make_no_account() {
    let world = deleted();
    assert!(world.objects.borrow().is_empty(), "{:?}", world.objects);
    // Dated before the deletion, and after it.
    for seconds in [2, 90, 120] {
        assert_eq!(
            world.apply(&told(seconds, "sub_a", "active")).outcome,
            "outdated"
        );
        assert!(is_unknown(&world));
    }
    let repeated = session("mara", "cus_a", "sub_a");
    let repeated = event("evt_1", "checkout.session.completed", 0, &repeated);
    assert_eq!(world.apply(&repeated).outcome, "outdated");
    assert!(is_unknown(&world));
    assert!(world.objects.borrow().is_empty(), "{:?}", world.objects);
}

#[test]
fn a_subscription_that_began_before_the_deletion_is_the_deleted_users() {
    let world = deleted();
    let began = |seconds| {
        let mut told = told(120, "sub_unheard_of", "active");
        told["data"]["object"]["created"] = at(seconds).into();
        world.apply(&told).outcome
    };
    assert_eq!(began(59), "outdated");
    assert!(is_unknown(&world));
    assert_eq!(began(61), "applied");
}

#[test]
fn who_comes_back_starts_from_nothing_and_may_buy_again() {
    let mut world = deleted();
    world.pass(6 * MINUTE);
    world.gate(&user("mara"), |gate| gate.submit(Tier::Tier1));
    world.apply(&told(400, "sub_a", "active"));
    let account = world.account("mara");
    assert_eq!((account.tier, account.plan), (Tier::Tier1, None));
    assert_eq!(
        world.apply(&told(401, "sub_b", "active")).outcome,
        "applied"
    );
    assert_eq!(world.tier("mara"), Tier::Tier4);
    // Deleted again, both are known.
    world.gate(&user("mara"), |gate| {
        gate.delete_user();
        gate.purge();
        gate.hear();
    });
    assert!(is_unknown(&world));
    world.pass(MINUTE);
    for id in ["sub_a", "sub_b"] {
        world.apply(&told(500, id, "active"));
        assert!(is_unknown(&world), "{id}");
    }
}

#[test]
fn a_mark_ends_and_survives_the_replacement_of_a_secret() {
    let mut world = deleted();
    world.replace_secrets(&["next", "now"]);
    world.apply(&told(120, "sub_a", "active"));
    assert!(is_unknown(&world));
    world.pass(MARKS_KEPT);
    let late = i64::try_from(MARKS_KEPT.as_secs()).unwrap() + 120;
    assert_eq!(
        world.apply(&told(late, "sub_a", "active")).outcome,
        "applied"
    );
}

#[test]
fn nothing_is_left_that_names_the_user_or_the_subscription() {
    let world = deleted();
    let rows = world.gate(&user("mara"), |gate| {
        let rows = gate.database.query("SELECT * FROM gate", &[]);
        format!("{rows:?}")
    });
    assert!(
        !rows.contains("sub_a") && !rows.contains("cus_a") && !rows.contains("evt_"),
        "{rows}"
    );
    let [mark] = &marks(&[super::world::secret("now")], "sub_a")[..] else {
        panic!("one secret, one mark");
    };
    assert!(rows.contains(mark), "{rows}");
    let others = [
        marks(&[super::world::secret("now")], "sub_b"),
        marks(&[super::world::secret("next")], "sub_a"),
    ];
    assert!(others.iter().all(|other| other[0] != *mark));
}
