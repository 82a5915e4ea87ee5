//! What Stripe's events mean.

use queue_core::{
    api::stripe::{Effect, StripeEvent, event::NAME_MAX_LENGTH},
    domain::{Subscription, Timestamp, UserId, subscription::SubscriptionStatus},
};
use serde_json::{Value, json};

const CREATED: i64 = 1_700_000_000;
const NOW: Timestamp = Timestamp::from_millis((CREATED + 5) * 1_000 + 678);

fn event(kind: &str, object: &Value) -> Value {
    json!({"id": "evt_1", "object": "event", "type": kind, "created": CREATED, "livemode": false,
        "data": {"object": object}})
}

fn read(event: &Value) -> Result<StripeEvent, &'static str> {
    StripeEvent::read(NOW, event.to_string().as_bytes())
}

fn effect(kind: &str, object: &Value) -> Effect {
    read(&event(kind, object)).unwrap().effect
}

fn subscription(status: &str) -> Value {
    json!({"id": "sub_1", "object": "subscription", "customer": "cus_1", "status": status,
        "metadata": {"userId": "auth0|mara"},
        "items": {"object": "list", "data": [{"price": {"id": "price_gold"}}, {"price": {"id": "price_2"}}]}})
}

fn session() -> Value {
    json!({"id": "cs_1", "object": "checkout.session", "created": CREATED - 90, "customer": "cus_1",
        "client_reference_id": "auth0|mara", "metadata": {}, "mode": "subscription", "payment_status": "paid",
        "subscription": "sub_1"})
}

fn changed(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn mara() -> UserId {
    UserId::try_from("auth0|mara".to_owned()).unwrap()
}

/// Whom it is about, which customer that is, what has been subscribed to, and since when.
fn parts(effect: Effect) -> (Option<UserId>, Option<String>, Option<Subscription>, i64) {
    let (user_id, customer, subscription, as_of) = match effect {
        Effect::Subscription {
            user_id,
            customer,
            subscription,
            as_of,
            ..
        } => (user_id, customer, Some(subscription), as_of),
        Effect::Checkout {
            user_id,
            customer,
            subscription,
            as_of,
            ..
        } => (user_id, customer, subscription, as_of),
        Effect::Nothing(why) => panic!("nothing: {why}"),
    };
    let customer = customer.map(|customer| customer.as_str().to_owned());
    (user_id, customer, subscription, as_of.as_millis())
}

fn told(kind: &str, object: &Value) -> (Option<UserId>, Option<String>, Option<Subscription>, i64) {
    parts(effect(&format!("customer.subscription.{kind}"), object))
}

fn completed(session: &Value) -> Effect {
    effect("checkout.session.completed", session)
}

#[test]
fn a_subscription_has_the_status_of_its_event() {
    for kind in ["created", "updated", "paused", "resumed"] {
        for status in SubscriptionStatus::ALL {
            let (user, customer, found, _) = told(kind, &subscription(status.name()));
            assert_eq!((user, customer.as_deref()), (Some(mara()), Some("cus_1")));
            let expected = Subscription {
                id: "sub_1".to_owned(),
                status,
                since: Timestamp::from_millis(CREATED * 1_000),
                price_ids: vec!["price_gold".to_owned(), "price_2".to_owned()],
                customer: Some("cus_1".to_owned()),
            };
            assert_eq!(found, Some(expected), "{kind}");
        }
    }
}

#[test]
fn a_deleted_subscription_is_canceled_whatever_its_status() {
    for status in ["active", "canceled", "past_due", "unheard_of"] {
        let (_, _, found, _) = told("deleted", &subscription(status));
        assert_eq!(found.unwrap().status, SubscriptionStatus::Canceled);
    }
}

#[test]
fn within_one_second_the_end_comes_last_and_a_checkout_comes_first() {
    let as_of = |kind: &str| told(kind, &subscription("active")).3;
    let session = changed(session(), "created", json!(CREATED));
    let moments = [
        parts(completed(&session)).3,
        as_of("created"),
        as_of("updated"),
        as_of("deleted"),
    ];
    let is_rising = moments.is_sorted_by(|earlier, later| earlier < later);
    assert!(is_rising, "{moments:?}");
    assert!(moments.iter().all(|moment| moment / 1_000 == CREATED));
    assert_eq!(["paused", "resumed"].map(as_of), [moments[2]; 2]);
}

#[test]
fn a_paid_checkout_counts_as_active_from_its_start() {
    let (user, customer, found, as_of) = parts(completed(&session()));
    assert_eq!((user, customer.as_deref()), (Some(mara()), Some("cus_1")));
    let found = found.unwrap();
    let is_active = found.status == SubscriptionStatus::Active;
    assert!(is_active && found.price_ids.is_empty(), "{found:?}");
    assert_eq!(found.id, "sub_1");
    assert_eq!(as_of, (CREATED - 90) * 1_000);
    let trial = changed(session(), "payment_status", json!("no_payment_required"));
    assert!(parts(completed(&trial)).2.is_some());
}

#[test]
fn an_unpaid_or_other_checkout_only_links_the_customer() {
    for (name, value) in [
        ("payment_status", json!("unpaid")),
        ("payment_status", json!(null)),
        ("mode", json!("payment")),
        ("mode", json!("setup")),
        ("mode", json!(["subscription"])),
    ] {
        let session = changed(session(), name, value.clone());
        let (user, customer, found, _) = parts(completed(&session));
        assert_eq!((user, customer.as_deref()), (Some(mara()), Some("cus_1")));
        assert_eq!(found, None, "{name} {value}");
    }
    let undated = changed(session(), "created", json!("yesterday"));
    assert!(matches!(completed(&undated), Effect::Nothing(_)));
}

#[test]
fn the_user_is_only_the_one_set_by_the_product() {
    for (metadata, expected) in [
        (json!({"userId": "auth0|mara"}), Some(mara())),
        (json!({"userid": "auth0|mara"}), None),
        (json!({"userId": "a b"}), None),
        (json!({"userId": "~nobody"}), None),
        (json!({"userId": 7}), None),
        (json!({"userId": "x".repeat(129)}), None),
        (json!({}), None),
        (json!(null), None),
        (json!("auth0|mara"), None),
    ] {
        let object = changed(subscription("active"), "metadata", metadata.clone());
        assert_eq!(told("created", &object).0, expected, "{metadata}");
    }
    // Of a session, the metadata go before the reference.
    let both = changed(session(), "metadata", json!({"userId": "theo"}));
    assert_eq!(parts(completed(&both)).0.unwrap().as_str(), "theo");
}

#[test]
fn invalid_ids_of_customers_and_prices_are_omitted() {
    for customer in [
        json!(null),
        json!(""),
        json!("cus/../x"),
        json!({"id": "cus_1"}),
        json!("c".repeat(256)),
    ] {
        let object = changed(subscription("active"), "customer", customer.clone());
        assert_eq!(told("created", &object).1, None, "{customer}");
    }
    for items in [
        json!(null),
        json!({"data": []}),
        json!({"data": [{"price": "p"}]}),
        json!({"data": [{"price": {"id": "p q"}}]}),
    ] {
        let object = changed(subscription("active"), "items", items.clone());
        let found = told("created", &object).2.unwrap();
        assert!(found.price_ids.is_empty(), "{items}");
    }
}

#[test]
fn other_events_do_nothing() {
    for kind in [
        "invoice.paid",
        "customer.created",
        "customer.subscription.trial_will_end",
        "customer.subscription.Created",
        "x",
    ] {
        let effect = effect(kind, &subscription("active"));
        assert!(matches!(effect, Effect::Nothing(_)), "{kind}");
    }
    for status in [json!("on_fire"), json!("Active"), json!(null), json!(1)] {
        let object = changed(subscription("active"), "status", status.clone());
        let found = effect("customer.subscription.updated", &object);
        assert_eq!(found, Effect::Nothing("unknown status"), "{status}");
    }
}

#[test]
fn an_invalid_event_is_refused_without_showing_its_content() {
    let good = event("customer.subscription.created", &subscription("active"));
    let mut table: Vec<String> = ["", "x", "[]", "null", "{}", "\u{feff}{}"]
        .map(str::to_owned)
        .into();
    for (name, value) in [
        ("id", json!(null)),
        ("id", json!("")),
        ("id", json!("evt 1")),
        ("id", json!("evt\n1")),
        ("id", json!("e".repeat(NAME_MAX_LENGTH + 1))),
        ("type", json!(7)),
        ("type", json!("t\u{2028}")),
        ("created", json!("1700000000")),
        ("created", json!(1.5)),
        ("created", json!(-1)),
        ("created", json!(i64::MAX)),
        ("created", json!(1e308)),
        ("data", json!([])),
        ("data", json!({"object": []})),
    ] {
        table.push(changed(good.clone(), name, value).to_string());
    }
    table.push(format!("{good}{good}"));
    for body in table {
        let error = StripeEvent::read(NOW, body.as_bytes()).unwrap_err();
        let is_plain = !error.contains("mara") && error.ends_with('.');
        assert!(is_plain, "{body}: {error}");
    }
    assert!(StripeEvent::read(NOW, &[0xff, 0xfe]).is_err());
    assert_eq!(read(&good).unwrap().id, "evt_1");
}

#[test]
fn an_event_with_a_repeated_or_reserved_key_is_refused() {
    let hidden = |value: &str| json!({"$serde_json::private::RawValue": value});
    let named = changed(session(), "metadata", json!({"userId": hidden("\"theo\"")}));
    let whole = changed(session(), "metadata", hidden(r#"{"userId":"theo"}"#));
    let customer = changed(session(), "customer", hidden("\"cus_2\""));
    for object in [named, whole, customer] {
        let event = event("checkout.session.completed", &object);
        assert!(read(&event).is_err(), "{event}");
    }
    let text = event("checkout.session.completed", &session()).to_string();
    for (once, twice) in [
        (r#""cus_1""#, r#""cus_1","customer":"cus_2""#),
        (r#""evt_1""#, r#""evt_1","id":"evt_2""#),
    ] {
        let twice = text.replace(once, twice);
        assert!(StripeEvent::read(NOW, twice.as_bytes()).is_err(), "{twice}");
    }
    assert!(StripeEvent::read(NOW, text.as_bytes()).is_ok());
}
