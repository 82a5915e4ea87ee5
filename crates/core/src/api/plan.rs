//! The body of `PUT /users/{userId}/plan`: a change of the plan, or every field that is wrong.

use super::{form::Form, problem::FieldError};
use crate::{
    domain::{
        Subscription, Timestamp,
        plan::AccountType,
        subscription::{PRICE_ID_MAX_LENGTH, SERVICE, SubscriptionStatus, is_price_id},
    },
    gate::command::PlanChange,
};
use serde_json::{Map, Value};

/// Reads a body, which is about the subscription [`SERVICE`]. A new status of a subscription is dated `now`; a status that it already had keeps its date.
///
/// # Errors
/// All errors at once.
pub fn parse(body: &[u8], now: Timestamp) -> Result<PlanChange, Vec<FieldError>> {
    let mut form = Form::default();
    let Some(fields) = form.body(body) else {
        return Err(form.errors);
    };
    let known = ["accountType", "subscription"];
    form.known("", &fields, &known);
    if !known.iter().any(|name| fields.contains_key(*name)) {
        form.fault("", "Must have accountType, subscription or both.");
    }
    let account_type = fields
        .get("accountType")
        .and_then(|value| account_type(&mut form, value));
    let subscription = match fields.get("subscription") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(value) => subscription(&mut form, value, now).map(Some),
    };
    if !form.errors.is_empty() {
        return Err(form.errors);
    }
    Ok(PlanChange {
        account_type,
        subscription,
        keeps_price: has_no_price(&fields),
        by: SERVICE.to_owned(),
        event: None,
    })
}

/// Whether a subscription leaves its price out.
fn has_no_price(fields: &Map<String, Value>) -> bool {
    let subscription = fields.get("subscription").and_then(Value::as_object);
    subscription.is_some_and(|fields| !fields.contains_key("priceId"))
}

fn account_type(form: &mut Form, value: &Value) -> Option<AccountType> {
    let found = value.as_str().and_then(AccountType::from_name);
    if found.is_none() {
        let names = AccountType::ALL.map(AccountType::name).join(", ");
        form.fault("/accountType", &format!("Must be one of {names}."));
    }
    found
}

fn subscription(form: &mut Form, value: &Value, now: Timestamp) -> Option<Subscription> {
    const AT: &str = "/subscription";
    let Value::Object(fields) = value else {
        form.fault(
            AT,
            "Must be an object with a status, or null for no subscription.",
        );
        return None;
    };
    form.known(AT, fields, &["status", "priceId"]);
    let status = fields.get("status").and_then(Value::as_str);
    let status = status.and_then(SubscriptionStatus::from_name);
    if status.is_none() {
        let names = SubscriptionStatus::ALL.map(SubscriptionStatus::name);
        let detail = format!("Required. Must be one of {}.", names.join(", "));
        form.fault("/subscription/status", &detail);
    }
    let price_id = fields.get("priceId").filter(|value| !value.is_null());
    if price_id.is_some_and(|value| !value.as_str().is_some_and(is_price_id)) {
        let detail = format!("Must be 1 to {PRICE_ID_MAX_LENGTH} visible ASCII characters.");
        form.fault("/subscription/priceId", &detail);
    }
    let price_id = price_id.and_then(Value::as_str);
    Some(Subscription {
        id: SERVICE.to_owned(),
        status: status?,
        since: now,
        price_ids: price_id.map(str::to_owned).into_iter().collect(),
        customer: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn read(body: &str) -> Result<PlanChange, Vec<FieldError>> {
        parse(body.as_bytes(), NOW)
    }

    #[test]
    fn each_part_is_changed_removed_or_left_as_it_is() {
        let change = read(r#"{"accountType":"unlimited"}"#).unwrap();
        let unlimited = Some(AccountType::Unlimited);
        assert_eq!(
            (change.account_type, change.subscription),
            (unlimited, None)
        );
        assert_eq!((change.by.as_str(), change.event), ("service", None));
        let change = read(r#"{"subscription":null}"#).unwrap();
        assert_eq!(
            (change.account_type, change.subscription),
            (None, Some(None))
        );
        let body = r#"{"subscription":{"status":"past_due","priceId":"price_1"}}"#;
        let subscription = Subscription {
            id: SERVICE.to_owned(),
            status: SubscriptionStatus::PastDue,
            since: NOW,
            price_ids: vec!["price_1".to_owned()],
            customer: None,
        };
        assert_eq!(read(body).unwrap().subscription, Some(Some(subscription)));
        for (price, keeps_price) in [
            ("", true),
            (r#","priceId":null"#, false),
            (r#","priceId":"price_1""#, false),
        ] {
            let body = format!(r#"{{"subscription":{{"status":"active"{price}}}}}"#);
            assert_eq!(read(&body).unwrap().keeps_price, keeps_price, "{body}");
        }
    }

    #[test]
    fn all_errors_are_reported_at_once() {
        let pointers = |body: &str| -> Vec<String> {
            let errors = read(body).unwrap_err();
            let pointer = |error: FieldError| error.pointer.unwrap_or_default();
            errors.into_iter().map(pointer).collect()
        };
        let body = r#"{"tier":"tier4","accountType":"gold",
            "subscription":{"status":"Active","priceId":"a b","since":0}}"#;
        let expected = [
            "/tier",
            "/accountType",
            "/subscription/since",
            "/subscription/status",
            "/subscription/priceId",
        ];
        assert_eq!(pointers(body), expected);
        assert_eq!(pointers(r#"{"subscription":"active"}"#), ["/subscription"]);
        assert_eq!(pointers(r#"{"subscription":{}}"#), ["/subscription/status"]);
        assert_eq!(pointers(r#"{"accountType":null}"#), ["/accountType"]);
        let twice = r#"{"accountType":"standard","accountType":"unlimited"}"#;
        assert_eq!(pointers(twice), ["/accountType"]);
        for nothing in ["{}", "[]", "5", ""] {
            assert_eq!(pointers(nothing), [""], "{nothing}");
        }
        let long = format!(
            r#"{{"subscription":{{"status":"active","priceId":"{}"}}}}"#,
            "x".repeat(PRICE_ID_MAX_LENGTH + 1)
        );
        assert_eq!(pointers(&long), ["/subscription/priceId"]);
    }
}
