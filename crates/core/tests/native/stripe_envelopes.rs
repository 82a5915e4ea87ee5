//! Which of Stripe's events are read at all, and how large they may be.

use queue_core::{
    api::stripe::{Effect, Envelope, StripeEvent, envelope::EVENT_MAX_BYTES},
    config::access::Access,
    domain::Timestamp,
};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const USED: &str = "customer.subscription.updated";

/// What becomes of an event with these members, under these settings.
fn ignored(members: &Value, settings: &[(&str, &str)]) -> Option<&'static str> {
    let mut event = json!({"id": "evt_1", "type": USED, "created": 1_700_000_000, "livemode": true,
        "data": {"object": {"id": "sub_1"}}});
    let members = members.as_object().unwrap().clone();
    event.as_object_mut().unwrap().extend(members);
    let scope = Access::from_vars(&crate::harness::vars(settings));
    let envelope = Envelope::read(event.to_string().as_bytes()).unwrap();
    envelope.ignored(&scope.unwrap().stripe_scope)
}

#[test]
fn a_setting_says_whether_events_of_live_and_of_test_mode_are_taken() {
    const TEST: Option<&str> = Some("test event ignored");
    const LIVE: Option<&str> = Some("live event ignored");
    let table: [(&[(&str, &str)], _, _); 6] = [
        (&[], None, TEST),
        (&[("AUTH", "open")], None, None),
        (&[("AUTH", "open"), ("STRIPE_MODE", "live")], None, TEST),
        (&[("STRIPE_MODE", "live")], None, TEST),
        (&[("STRIPE_MODE", "test")], LIVE, None),
        (&[("STRIPE_MODE", "both")], None, None),
    ];
    for (settings, live, test) in table {
        assert_eq!(ignored(&json!({}), settings), live, "{settings:?}");
        let unsaid = json!({"livemode": null});
        assert_eq!(ignored(&unsaid, settings), live, "{settings:?}");
        let event = json!({"livemode": false});
        assert_eq!(ignored(&event, settings), test, "{settings:?}");
    }
}

#[test]
fn events_of_connected_accounts_are_taken_only_if_a_setting_names_the_account() {
    const OTHER: Option<&str> = Some("event of another account ignored");
    let named = [("STRIPE_ACCOUNTS", "acct_1, acct_2")];
    for (account, alone, with) in [
        (json!(null), None, None),
        (json!("acct_1"), OTHER, None),
        (json!("acct_2"), OTHER, None),
        (json!("acct_12"), OTHER, OTHER),
        (json!(""), OTHER, OTHER),
    ] {
        let event = json!({"account": account});
        assert_eq!(ignored(&event, &[]), alone, "{account}");
        assert_eq!(ignored(&event, &named), with, "{account}");
    }
    for wrong in [
        "",
        "1",
        "acct_",
        "acct_1 *",
        "acct_ä",
        &"acct_1 ".repeat(101),
    ] {
        let settings = [("STRIPE_ACCOUNTS", wrong)];
        let found = Access::from_vars(&crate::harness::vars(&settings));
        assert!(found.is_err(), "{wrong}");
    }
}

#[test]
fn events_of_types_that_are_not_used_are_ignored_in_every_scope() {
    let ignored_type = |kind: &str| ignored(&json!({"type": kind}), &[]).is_some();
    for kind in [
        "invoice.paid",
        "customer.updated",
        "customer.subscriptions",
        "x",
    ] {
        assert!(ignored_type(kind), "{kind}");
    }
    // What is read has an effect, and what has one is read.
    for kind in ["created", "updated", "deleted", "paused", "resumed"] {
        assert!(!ignored_type(&format!("customer.subscription.{kind}")));
    }
    assert!(!ignored_type("checkout.session.completed"));
}

#[test]
fn an_event_of_four_mebibytes_is_read_whatever_is_in_it() {
    let long = "x".repeat(EVENT_MAX_BYTES - 1_000);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let many = format!("[{}0]", "{\"a\":0},".repeat(EVENT_MAX_BYTES / 10));
    for inside in [format!("{long:?}"), deep, many] {
        let event = format!(
            r#"{{"id":"evt_1","type":"invoice.paid","created":1,"data":{{"object":{{"lines":{inside}}}}}}}"#
        );
        assert!(event.len() <= EVENT_MAX_BYTES);
        assert_eq!(Envelope::read(event.as_bytes()).unwrap().id, "evt_1");
    }
}

#[test]
fn a_subscription_with_many_items_and_a_long_description_is_read() {
    let item = |number: usize| {
        json!({"id": format!("si_{number}"), "object": "subscription_item", "quantity": 1,
            "price": {"id": format!("price_{number}"), "metadata": {"note": "n".repeat(500)}}})
    };
    let items: Vec<Value> = (0..1_000).map(item).collect();
    let object = json!({"id": "sub_1", "customer": "cus_1", "status": "active", "description": "d".repeat(300_000),
        "metadata": {"userId": "mara"}, "items": {"object": "list", "data": items}});
    let event =
        json!({"id": "evt_1", "type": USED, "created": 1_700_000_000, "data": {"object": object}});
    let body = event.to_string();
    assert!(body.len() > 800_000 && body.len() <= EVENT_MAX_BYTES);
    let event = StripeEvent::read(NOW, body.as_bytes()).unwrap();
    assert!(matches!(event.effect, Effect::Subscription { .. }));
}

#[test]
fn what_is_not_an_event_is_refused() {
    let good = r#"{"id":"evt_1","type":"x","created":1,"data":{"object":{}}}"#;
    assert!(Envelope::read(good.as_bytes()).is_ok());
    for (part, other) in [
        (r#""evt_1""#, r#""""#),
        (r#""evt_1""#, r#""e v t""#),
        (r#""evt_1""#, r#""evt_1","id":"evt_1""#),
        (r#""x""#, "7"),
        (r#""x""#, r#""x","type":"y""#),
        (r#""created":1"#, r#""created":"now""#),
        (r#""created":1"#, r#""created":-1"#),
        (
            r#""created":1"#,
            r#""created":1,"livemode":true,"livemode":false"#,
        ),
        (
            r#""created":1"#,
            r#""created":1,"account":"a","account":null"#,
        ),
        (r#""created":1"#, r#""created":1,"account":7"#),
        (r#"{"object":{}}"#, r#"{"object":"x"}"#),
        (r#"{"object":{}}"#, "{}"),
        ("}}}", "}}"),
        ("}}}", "}}} {}"),
    ] {
        let wrong = good.replacen(part, other, 1);
        assert_ne!(wrong, good);
        assert!(Envelope::read(wrong.as_bytes()).is_err(), "{wrong}");
    }
}
