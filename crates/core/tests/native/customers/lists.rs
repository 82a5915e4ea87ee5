//! Stripe's list of a user's subscriptions: what is asked for, and which answers are read.

use super::{
    reconcile::{MINUTE, item, list, paying, scope},
    world::{World, event, of, session, subscription, user},
};
use queue_core::{
    api::stripe::list::ListFault,
    customers::{reconcile::PAGES_MAX, telling::doubt},
    domain::{Tier, subscription::SubscriptionStatus},
};
use serde_json::{Value, json};

#[test]
fn who_has_no_customer_has_no_list() {
    let scope = scope("both");
    let world = World::new();
    assert!(world.reading(&scope).is_none());
    world.gate(&user("mara"), |gate| {
        gate.subscribe(SubscriptionStatus::Active)
    });
    assert!(world.reading(&scope).is_none());
}

#[test]
fn all_pages_of_all_customers_are_read() {
    let mut world = paying("tier2");
    let completed = session("mara", "cus_b", "sub_b");
    world.apply(&event("evt_b", "checkout.session.completed", 1, &completed));
    world.pass(MINUTE);
    let of_b = |id: &str, price: &str| of("cus_b", subscription(id, None, "active", &[price]));
    let (asked, doubts) = world.reconcile(&[
        list(&[of_b("sub_c", "tier1"), of_b("sub_b", "tier2")], true),
        list(&[of_b("sub_d", "tier4")], false),
        list(&[item("sub_a", "active", "tier2")], false),
    ]);
    assert_eq!(
        asked,
        [
            "/v1/subscriptions?customer=cus_b&status=all&limit=100",
            "/v1/subscriptions?customer=cus_b&status=all&limit=100&starting_after=sub_b",
            "/v1/subscriptions?customer=cus_a&status=all&limit=100",
        ]
    );
    assert_eq!(world.tier("mara"), Tier::Tier4);
    assert_eq!(doubts, [doubt::SECOND_CUSTOMER]);
}

#[test]
fn a_list_without_end_is_not_read_for_ever() {
    let scope = scope("both");
    let world = paying("tier3");
    let mut reading = world.reading(&scope).unwrap();
    let page = list(&[item("sub_a", "active", "tier4")], true).to_string();
    for _ in 0..PAGES_MAX {
        assert!(reading.wanted().unwrap().is_some());
        reading.answered(200, page.as_bytes()).unwrap();
    }
    assert_eq!(reading.wanted(), Err(ListFault::TooMany));
}

#[test]
fn an_answer_of_which_any_part_is_wrong_is_no_answer() {
    let good = list(&[item("sub_a", "active", "tier4")], false);
    let with = |pointer: &str, value: Value| {
        let mut page = good.clone();
        *page.pointer_mut(pointer).unwrap() = value;
        page.to_string()
    };
    let twice = good
        .to_string()
        .replace("\"has_more\"", "\"data\":[],\"has_more\"");
    let scope = scope("live");
    for (status, body, fault) in [
        (500, good.to_string(), ListFault::Status(500)),
        (401, good.to_string(), ListFault::Status(401)),
        (302, String::new(), ListFault::Status(302)),
        (200, String::new(), ListFault::Form),
        (200, "<html>".to_owned(), ListFault::Form),
        (200, "{}".to_owned(), ListFault::Form),
        (200, twice, ListFault::Form),
        (
            200,
            with("/object", json!("search_result")),
            ListFault::Form,
        ),
        (200, with("/has_more", json!("no")), ListFault::Form),
        (200, with("/data", json!({})), ListFault::Form),
        (200, with("/data/0", json!("sub_a")), ListFault::Form),
        (200, with("/data/0/id", json!("sub a")), ListFault::Form),
        (200, with("/data/0/id", json!("service")), ListFault::Form),
        (200, with("/data/0/status", json!(1)), ListFault::Form),
        (
            200,
            with("/data/0/customer", json!("cus_b")),
            ListFault::Form,
        ),
        (200, with("/data/0/customer", json!(null)), ListFault::Form),
        (200, list(&[], true).to_string(), ListFault::Form),
    ] {
        let world = paying("tier3");
        let mut reading = world.reading(&scope).unwrap();
        assert_eq!(
            reading.answered(status, body.as_bytes()),
            Err(fault),
            "{body}"
        );
    }
    let mut test = good.clone();
    test["data"][0]["livemode"] = json!(false);
    let world = paying("tier3");
    let mut reading = world.reading(&scope).unwrap();
    let read = reading.answered(200, test.to_string().as_bytes());
    assert_eq!(read, Err(ListFault::Mode));
}
