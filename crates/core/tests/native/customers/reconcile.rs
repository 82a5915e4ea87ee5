//! A user's subscriptions are mended by what Stripe lists.

use super::world::{World, at, event, finish, of, session, subscription, told, user};
use queue_core::{
    config::{access::Access, stripe::StripeScope},
    customers::{
        Link,
        ledger::links_of,
        reconcile::{Reading, mend},
        telling::doubt,
    },
    domain::{Tier, subscription::SubscriptionStatus},
};
use serde_json::{Value, json};
use std::time::Duration;

pub const MINUTE: Duration = Duration::from_mins(1);

pub fn scope(mode: &str) -> StripeScope {
    let vars = [("STRIPE_MODE", mode)];
    let access = Access::from_vars(&crate::harness::vars(&vars)).unwrap();
    access.stripe_scope
}

pub fn list(data: &[Value], more: bool) -> Value {
    json!({"object": "list", "url": "/v1/subscriptions", "has_more": more, "data": data})
}

impl World {
    pub fn reading<'a>(&self, scope: &'a StripeScope) -> Option<Reading<'a>> {
        let mara = user("mara");
        let keys: Vec<_> = self.objects.borrow().keys().cloned().collect();
        let keys = keys.iter().filter(|key| key.starts_with(&links_of(&mara)));
        let links: Vec<_> = keys.filter_map(|key| Link::from_key(key, &mara)).collect();
        Reading::of(self.now, scope, &self.account("mara"), &links)
    }

    /// Mends mara's account by these pages, each an answer to the next question, and returns the questions and the doubts.
    pub fn reconcile(&self, pages: &[Value]) -> (Vec<String>, Vec<&'static str>) {
        let scope = scope("both");
        let mut reading = self.reading(&scope).unwrap();
        let mut asked = Vec::new();
        for page in pages {
            asked.push(reading.wanted().unwrap().unwrap());
            reading.answered(200, page.to_string().as_bytes()).unwrap();
        }
        assert_eq!(reading.wanted(), Ok(None));
        let mara = user("mara");
        let mended = mend(self, self.rules(), &mara, reading.findings());
        let Ok(doubts) = finish(mended);
        (asked, doubts)
    }

    fn status(&self, id: &str) -> Option<SubscriptionStatus> {
        let plan = self.account("mara").plan?;
        let mut rows = plan.subscriptions.into_iter();
        let row = rows.find(|row| row.subscription.id == id)?;
        Some(row.subscription.status)
    }
}

/// Mara pays for `sub_a` since the start; a minute has passed.
pub fn paying(tier: &str) -> World {
    let mut world = World::new();
    world.apply(&told(0, "updated", "sub_a", "active", &[tier]));
    world.pass(MINUTE);
    world
}

pub fn item(id: &str, status: &str, price: &str) -> Value {
    subscription(id, Some("mara"), status, &[price])
}

#[test]
fn what_was_lost_is_mended() {
    let a = |status, price| item("sub_a", status, price);
    let b = |status, price| of("cus_a", item("sub_b", status, price));
    for (case, lists, tier) in [
        ("nothing", vec![a("active", "tier3")], Tier::Tier3),
        ("a deletion", vec![a("canceled", "tier3")], Tier::Tier1),
        ("an upgrade", vec![a("active", "tier4")], Tier::Tier4),
        ("a downgrade", vec![a("active", "tier2")], Tier::Tier2),
        ("a failed payment", vec![a("unpaid", "tier3")], Tier::Tier1),
        ("a pause", vec![a("paused", "tier3")], Tier::Tier1),
        (
            "a second one",
            vec![b("active", "tier4"), a("active", "tier3")],
            Tier::Tier4,
        ),
        (
            "an exchange",
            vec![a("canceled", "tier3"), b("trialing", "tier2")],
            Tier::Tier2,
        ),
        (
            "a failed second one",
            vec![b("incomplete", "tier4"), a("active", "tier3")],
            Tier::Tier3,
        ),
        ("that it is gone", vec![], Tier::Tier1),
        (
            "that another took its place",
            vec![b("active", "tier2")],
            Tier::Tier2,
        ),
    ] {
        let world = paying("tier3");
        assert_eq!(world.tier("mara"), Tier::Tier3);
        let (asked, doubts) = world.reconcile(&[list(&lists, false)]);
        assert_eq!(
            asked,
            ["/v1/subscriptions?customer=cus_a&status=all&limit=100"]
        );
        assert_eq!((world.tier("mara"), doubts), (tier, vec![]), "{case}");
        let before = world.account("mara");
        world.reconcile(&[list(&lists, false)]);
        assert_eq!(world.account("mara"), before, "{case}, twice");
    }
}

#[test]
fn what_a_webhook_tells_later_wins_even_in_the_same_second() {
    let mut world = paying("tier3");
    world.pass(Duration::from_millis(700));
    world.reconcile(&[list(&[item("sub_a", "unpaid", "tier3")], false)]);
    assert_eq!(world.tier("mara"), Tier::Tier1);
    assert_eq!(
        world
            .apply(&told(60, "updated", "sub_a", "active", &["tier4"]))
            .outcome,
        "applied"
    );
    assert_eq!(world.tier("mara"), Tier::Tier4);
}

#[test]
fn what_came_about_before_changes_nothing_afterwards() {
    let world = paying("tier3");
    world.reconcile(&[list(&[item("sub_a", "canceled", "tier3")], false)]);
    let late = told(30, "updated", "sub_a", "active", &["tier4"]);
    assert_eq!(world.apply(&late).outcome, "outdated");
    assert_eq!(world.tier("mara"), Tier::Tier1);
}

#[test]
fn an_event_of_the_same_second_that_came_before_is_replaced() {
    let mut world = paying("tier3");
    world.apply(&told(60, "updated", "sub_a", "active", &["tier4"]));
    world.pass(Duration::from_millis(5));
    world.reconcile(&[list(&[item("sub_a", "canceled", "tier4")], false)]);
    assert_eq!(world.tier("mara"), Tier::Tier1);
    // Nor does one come back that came about before that.
    let late = told(59, "updated", "sub_a", "active", &["tier4"]);
    assert_eq!(world.apply(&late).outcome, "outdated");
    // But not one that is dated later than the question.
    let mut world = paying("tier3");
    world.apply(&told(61, "updated", "sub_a", "active", &["tier4"]));
    world.pass(Duration::from_millis(5));
    world.reconcile(&[list(&[item("sub_a", "canceled", "tier4")], false)]);
    assert_eq!(world.tier("mara"), Tier::Tier4);
}

#[test]
fn what_the_service_set_and_what_ended_before_anybody_knew_stays_out_of_it() {
    let world = paying("tier2");
    world.gate(&user("mara"), |gate| {
        gate.subscribe(SubscriptionStatus::Active)
    });
    let old = item("sub_old", "canceled", "tier4");
    world.reconcile(&[list(&[of("cus_a", old)], false)]);
    assert_eq!(world.status("service"), Some(SubscriptionStatus::Active));
    assert_eq!(world.status("sub_a"), Some(SubscriptionStatus::Canceled));
    assert_eq!(world.status("sub_old"), None);
}

#[test]
fn what_gives_something_is_told_first_and_of_the_unknown_a_bounded_number() {
    let world = paying("tier3");
    let scope = scope("both");
    let mut reading = world.reading(&scope).unwrap();
    let unpaid = (0..50).map(|number| item(&format!("sub_{number}"), "unpaid", "tier3"));
    let mut lists = vec![item("sub_a", "canceled", "tier3")];
    lists.extend(unpaid.map(|item| of("cus_a", item)));
    lists.push(of("cus_a", item("sub_b", "active", "tier3")));
    let page = list(&lists, false).to_string();
    reading.answered(200, page.as_bytes()).unwrap();
    let told = reading.findings().listed;
    let ids: Vec<_> = told.iter().map(|(_, fact)| &fact.subscription.id).collect();
    assert_eq!((ids[0].as_str(), ids[1].as_str()), ("sub_b", "sub_a"));
    assert_eq!(ids.len(), 21);
}

#[test]
fn a_checkout_that_named_no_subscription_is_replaced_or_ended() {
    let gone = of("cus_a", subscription("sub_a", None, "canceled", &[]));
    for (lists, tier) in [
        (vec![], Tier::Tier1),
        (vec![gone], Tier::Tier1),
        (
            vec![of(
                "cus_a",
                subscription("sub_a", None, "active", &["tier2"]),
            )],
            Tier::Tier2,
        ),
    ] {
        let mut world = World::new();
        let mut completed = session("mara", "cus_a", "");
        completed["subscription"] = Value::Null;
        world.apply(&event("evt_1", "checkout.session.completed", 0, &completed));
        assert_eq!(world.tier("mara"), Tier::Tier3);
        world.pass(MINUTE);
        world.reconcile(&[list(&lists, false)]);
        assert_eq!(world.tier("mara"), tier);
    }
}

#[test]
fn a_subscription_that_names_another_user_moves() {
    let world = paying("tier4");
    let moved = subscription("sub_a", Some("theo"), "active", &["tier4"]);
    let (_, doubts) = world.reconcile(&[list(&[moved], false)]);
    assert_eq!(
        (world.tier("mara"), world.tier("theo")),
        (Tier::Tier1, Tier::Tier4)
    );
    assert_eq!(doubts, [doubt::MOVED]);
}

#[test]
fn an_unknown_status_ends_nothing() {
    let world = paying("tier3");
    world.reconcile(&[list(&[item("sub_a", "dormant", "tier3")], false)]);
    assert_eq!(world.tier("mara"), Tier::Tier3);
}

#[test]
fn a_deleted_user_is_not_brought_back() {
    let mut world = paying("tier3");
    let scope = scope("both");
    let mut reading = world.reading(&scope).unwrap();
    let mut item = item("sub_a", "active", "tier3");
    item["created"] = at(0).into();
    reading
        .answered(200, list(&[item], false).to_string().as_bytes())
        .unwrap();
    world.pass(MINUTE);
    world.delete("mara");
    world.pass(MINUTE);
    let mara = user("mara");
    let mended = mend(&world, world.rules(), &mara, reading.findings());
    assert_eq!(finish(mended), Ok(vec![]));
    assert!(world.gate(&mara, |gate| gate.is_forgotten()));
    assert!(world.objects.borrow().is_empty());
}
