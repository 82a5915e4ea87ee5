//! Events as Stripe's API of [`API_VERSION`] tells them, and lives of customers that are made of them.

use crate::customers::world::at;
use queue_core::domain::Tier;
use serde_json::{Value, json};

/// That of the npm library `stripe` 23.1.
const API_VERSION: &str = "2026-10-28.endive";

/// The type of an event that stands for `DELETE /users/mara`.
pub const DELETION: &str = "deletion";

pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 24 * HOUR;

/// What `PLANS` gives for a price. It does not know `price_seat`.
pub const PRICES: [(&str, Tier); 3] = [
    ("price_basic", Tier::Tier2),
    ("price_basic_annual", Tier::Tier3),
    ("price_pro", Tier::Tier4),
];

/// The life of a customer, whose user is mara.
pub struct Life {
    pub name: &'static str,
    /// `pastDueGraceDays`.
    pub grace_days: u64,
    /// Oldest first: an event; the tier from then on; the tier in the end if this one is lost.
    pub told: Vec<(Value, Tier, Tier)>,
    /// Every subscription in the end: its status and what it gives.
    pub ends: &'static [(&'static str, &'static str, Option<Tier>)],
}

/// A subscription as it is now. Each change of it is an event.
pub struct Recorder {
    id: &'static str,
    object: Value,
    events: u32,
}

impl Recorder {
    /// Bought by the product, which names the user.
    pub fn new(id: &'static str, began: i64, price: &str) -> Self {
        let object = json!({
            "id": id, "object": "subscription", "cancel_at": null, "cancel_at_period_end": false, "canceled_at": null,
            "cancellation_details": {"comment": null, "feedback": null, "feedback_option": null, "reason": null},
            "collection_method": "charge_automatically", "created": at(began), "currency": "eur",
            "customer": "cus_mara", "default_payment_method": "pm_1", "discounts": [], "ended_at": null,
            "items": items(began, &[(price, 1)])["items"], "latest_invoice": "in_1", "livemode": true,
            "metadata": {"userId": "mara"}, "pause_collection": null, "pending_update": null, "schedule": null, "start_date": at(began), "status": "active",
            "trial_end": null, "trial_start": null,
        });
        Self {
            id,
            object,
            events: 0,
        }
    }

    /// Bought through a payment link, which cannot name the user in the metadata.
    pub fn by_link(id: &'static str, began: i64, price: &str) -> Self {
        let mut by_link = Self::new(id, began, price);
        by_link.object["metadata"] = json!({});
        by_link
    }

    /// `customer.subscription.…`, with what has changed since the last one.
    pub fn told(&mut self, seconds: i64, kind: &str, changes: &Value) -> Value {
        let mut previous = json!({});
        for (name, value) in changes.as_object().unwrap() {
            previous[name] = std::mem::replace(&mut self.object[name], value.clone());
        }
        let object = self.object.clone();
        let mut event = self.other(seconds, &format!("customer.subscription.{kind}"), &object);
        if kind == "updated" {
            event["data"]["previous_attributes"] = previous;
        }
        event
    }

    /// An event of another object.
    pub fn other(&mut self, seconds: i64, kind: &str, object: &Value) -> Value {
        self.events += 1;
        json!({
            "id": format!("evt_{}_{}", self.id, self.events), "object": "event", "api_version": API_VERSION,
            "created": at(seconds), "data": {"object": object}, "livemode": true, "pending_webhooks": 1,
            "request": {"id": null, "idempotency_key": null}, "type": kind,
        })
    }

    /// An invoice of it was paid, or could not be.
    pub fn invoice(&mut self, seconds: i64, kind: &str, amount: i64) -> Value {
        let invoice = json!({
            "id": "in_1", "object": "invoice", "amount_due": amount, "created": at(seconds), "customer": "cus_mara",
            "livemode": true, "metadata": {}, "status": if kind == "paid" { "paid" } else { "open" },
            "parent": {"type": "subscription_details", "quote_details": null,
                "subscription_details": {"metadata": {"userId": "mara"}, "subscription": self.id}},
        });
        self.other(seconds, &format!("invoice.{kind}"), &invoice)
    }

    /// A charge of its customer, a refund or a dispute of one.
    pub fn charge(&mut self, seconds: i64, kind: &str, object: &str, status: &str) -> Value {
        let object = json!({
            "id": "ch_1", "object": object, "amount": 900, "created": at(seconds), "currency": "eur",
            "metadata": {}, "payment_intent": "pi_1", "status": status,
        });
        self.other(seconds, kind, &object)
    }

    /// Its checkout through a payment link to which the page has added the user.
    pub fn checkout(&mut self, seconds: i64) -> Value {
        let session = json!({
            "id": "cs_1", "object": "checkout.session", "client_reference_id": "mara", "created": at(seconds - 90),
            "customer": "cus_mara", "livemode": true, "metadata": {}, "mode": "subscription",
            "payment_link": "plink_1", "payment_status": "paid", "status": "complete", "subscription": self.id,
        });
        self.other(seconds, "checkout.session.completed", &session)
    }
}

pub fn deletion(seconds: i64) -> Value {
    json!({"type": DELETION, "created": at(seconds)})
}

pub fn status(status: &str) -> Value {
    json!({"status": status})
}

/// Its items from then on: prices, and how many of each.
pub fn items(since: i64, prices: &[(&str, u32)]) -> Value {
    let item = |(index, (price, quantity)): (usize, &(&str, u32))| {
        let interval = if price.ends_with("annual") {
            "year"
        } else {
            "month"
        };
        let days = if interval == "year" { 365 } else { 30 };
        json!({
            "id": format!("si_{index}"), "object": "subscription_item", "created": at(since),
            "current_period_end": at(since + days * DAY), "current_period_start": at(since), "discounts": [],
            "metadata": {}, "quantity": quantity,
            "price": {"id": price, "object": "price", "active": true, "currency": "eur", "livemode": true,
                "product": "prod_1", "recurring": {"interval": interval, "interval_count": 1},
                "type": "recurring", "unit_amount": 900},
        })
    };
    let data: Vec<_> = prices.iter().enumerate().map(item).collect();
    json!({"items": {"object": "list", "data": data, "has_more": false, "url": "/v1/subscription_items"}})
}

/// It has ended, and why.
pub fn ended(seconds: i64, reason: &str) -> Value {
    json!({
        "status": "canceled", "canceled_at": at(seconds), "ended_at": at(seconds),
        "cancellation_details": {"comment": null, "feedback": null, "feedback_option": null, "reason": reason},
    })
}
