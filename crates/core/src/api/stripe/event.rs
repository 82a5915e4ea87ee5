//! A Stripe event, and what it means: which user's subscription is now what (`docs/plans-and-stripe.md`).
//!
//! A session has no status and no price, and is completed after its subscription was created. So its effect is dated
//! with the *start* of the session: it never replaces the effect of an event of its subscription, in whatever order they
//! arrive.
//!
//! Stripe dates events to the second, and a subscription is often created and made active within one. So the
//! milliseconds, which Stripe does not use, give the order within a second: a session, `.created`, the others,
//! `.deleted`. Of two `.updated` in one second, the one that arrives last counts.
//!
//! The signature says that Stripe's clock and this one agree. So an event that is dated further in the future is one of a
//! test clock, and counts as of now; or it would win over every later one.

use crate::{
    api::json,
    domain::{
        Subscription, Timestamp, UserId,
        subscription::{PRICES_MAX, SERVICE, SubscriptionStatus, is_price_id},
    },
};
use serde_json::{Map, Value};
use std::time::Duration;

/// Longest id or type of an event that is kept, in characters, as Stripe promises for ids.
pub const NAME_MAX_LENGTH: usize = 255;

/// How far a time of Stripe may be in the past or future, in seconds: Stripe's own tolerance for signatures. Stripe's
/// libraries accept any time in the future; here a recorded request never becomes valid later.
pub const TOLERANCE_SECONDS: u64 = 300;

/// The id of a customer or a subscription at Stripe: letters, digits and underscores, so that it can be part of a key.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct StripeId(String);

impl StripeId {
    /// The id as Stripe writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id in a text, if it is one.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let is_id = (1..=NAME_MAX_LENGTH).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        (is_id && text != SERVICE).then(|| Self(text.to_owned()))
    }

    fn read(value: Option<&Value>) -> Option<Self> {
        Self::of(value?.as_str()?)
    }
}

/// What an event does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Effect {
    /// A subscription is now this.
    Subscription {
        /// The user that the metadata name.
        user_id: Option<UserId>,
        /// The subscription's id.
        id: StripeId,
        /// The customer: if no user is named, a checkout has linked the customer to one.
        customer: Option<StripeId>,
        /// When it began.
        began: Option<Timestamp>,
        /// The subscription.
        subscription: Subscription,
        /// Whether its status came with this event, as Stripe says.
        has_turned: bool,
        /// When this became so; the effect of a later event stays.
        as_of: Timestamp,
    },
    /// A checkout was completed: the customer is this user.
    Checkout {
        /// The user.
        user_id: Option<UserId>,
        /// The id of the subscription that was bought.
        id: Option<StripeId>,
        /// The customer.
        customer: Option<StripeId>,
        /// What counts until an event of the subscription arrives; `None` if there is no paid subscription.
        subscription: Option<Subscription>,
        /// When the session began.
        as_of: Timestamp,
    },
    /// Nothing, and why.
    Nothing(&'static str),
}

/// An event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StripeEvent {
    /// Its id; the same each time it is sent.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// What it does.
    pub effect: Effect,
}

impl StripeEvent {
    /// Reads the body of a webhook whose signature is valid now.
    ///
    /// # Errors
    /// What is wrong with it; the text shows nothing of the body.
    pub fn read(now: Timestamp, body: &[u8]) -> Result<Self, &'static str> {
        let event = json::object(body);
        let (id, kind, created, object) = event.as_ref().and_then(parts).ok_or(
            "The body is not a Stripe event: JSON with id, type, created and data.object, no key twice.",
        )?;
        if !is_name(&id) || !is_name(&kind) {
            return Err("The event's id and type must be 1 to 255 visible ASCII characters.");
        }
        let created = moment_by(now, created).ok_or("The event's created is not a valid time.")?;
        let stated = object.get("status").and_then(Value::as_str);
        let stated = stated.and_then(SubscriptionStatus::from_name);
        let (order, status) = match kind.as_str() {
            "customer.subscription.created" => (1, stated),
            "customer.subscription.updated"
            | "customer.subscription.paused"
            | "customer.subscription.resumed" => (2, stated),
            "customer.subscription.deleted" => (3, Some(SubscriptionStatus::Canceled)),
            "checkout.session.completed" => {
                let effect = checkout(object, now, created);
                return Ok(Self { id, kind, effect });
            }
            _ => {
                let effect = Effect::Nothing("event type ignored");
                return Ok(Self { id, kind, effect });
            }
        };
        let as_of = created.after(Duration::from_millis(order));
        let has_turned = event.as_ref().is_some_and(has_turned);
        let effect = status.map_or(Effect::Nothing("unknown status"), |status| {
            subscription((now, object), (created, as_of), (status, has_turned))
        });
        Ok(Self { id, kind, effect })
    }
}

/// The id, the type, the time and the object of an event.
fn parts(event: &Map<String, Value>) -> Option<(String, String, i64, &Map<String, Value>)> {
    let text = |name| Some(event.get(name)?.as_str()?.to_owned());
    let object = event.get("data")?.get("object")?.as_object()?;
    Some((
        text("id")?,
        text("type")?,
        event.get("created")?.as_i64()?,
        object,
    ))
}

/// Whether Stripe says that the status was another before the event.
fn has_turned(event: &Map<String, Value>) -> bool {
    let data = event.get("data");
    data.is_some_and(|data| data.pointer("/previous_attributes/status").is_some())
}

fn subscription(
    (now, object): (Timestamp, &Map<String, Value>),
    (created, as_of): (Timestamp, Timestamp),
    (status, has_turned): (SubscriptionStatus, bool),
) -> Effect {
    let Some(id) = StripeId::read(object.get("id")) else {
        return Effect::Nothing("the subscription has no valid id");
    };
    let customer = StripeId::read(object.get("customer"));
    let began = object.get("created").and_then(Value::as_i64);
    Effect::Subscription {
        user_id: user(object),
        began: began.and_then(|began| moment_by(now, began)),
        subscription: Subscription {
            id: id.0.clone(),
            status,
            since: created,
            price_ids: prices(object),
            customer: customer.clone().map(|customer| customer.0),
        },
        id,
        customer,
        has_turned,
        as_of,
    }
}

/// The prices of all items: the one that has a tier may come after a base fee.
pub(super) fn prices(object: &Map<String, Value>) -> Vec<String> {
    let items = object.get("items").and_then(|items| items.get("data"));
    let items = items.and_then(Value::as_array).into_iter().flatten();
    let prices = items.filter_map(|item| item.pointer("/price/id")?.as_str());
    let prices = prices.filter(|price| is_price_id(price)).map(str::to_owned);
    prices.take(PRICES_MAX).collect()
}

fn checkout(object: &Map<String, Value>, now: Timestamp, created: Timestamp) -> Effect {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let is_paid = matches!(text("payment_status"), Some("paid" | "no_payment_required"));
    let is_subscription = text("mode") == Some("subscription");
    let began = object.get("created").and_then(Value::as_i64);
    let Some(began) = began.and_then(|began| moment_by(now, began)) else {
        return Effect::Nothing("the session has no valid time");
    };
    let id = StripeId::read(object.get("subscription"));
    let customer = StripeId::read(object.get("customer"));
    let known_by = id.as_ref().or(customer.as_ref());
    Effect::Checkout {
        user_id: user(object),
        subscription: known_by
            .filter(|_| is_paid && is_subscription)
            .map(|known_by| Subscription {
                id: known_by.0.clone(),
                status: SubscriptionStatus::Active,
                since: created,
                price_ids: Vec::new(),
                customer: customer.clone().map(|customer| customer.0),
            }),
        id,
        customer,
        as_of: began,
    }
}

/// The user that the product set: in the metadata, or with the checkout.
pub(super) fn user(object: &Map<String, Value>) -> Option<UserId> {
    let named = object
        .get("metadata")
        .and_then(|metadata| metadata.get("userId"))
        .filter(|name| !name.is_null())
        .or_else(|| object.get("client_reference_id"))?;
    let user_id = UserId::try_from(named.as_str()?.to_owned()).ok();
    user_id.filter(|user_id| !user_id.is_nobody())
}

/// Whether it can be the id or the type of an event.
pub(super) fn is_name(text: &str) -> bool {
    (1..=NAME_MAX_LENGTH).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A time that Stripe gives in seconds.
pub(super) fn moment(seconds: i64) -> Option<Timestamp> {
    // Up to the year 5138: a larger number was not meant as seconds.
    (0..=99_999_999_999)
        .contains(&seconds)
        .then(|| Timestamp::from_millis(seconds * 1_000))
}

/// The same; one of the future is now.
pub(super) fn moment_by(now: Timestamp, seconds: i64) -> Option<Timestamp> {
    let at = moment(seconds)?;
    let is_ahead = at > now.after(Duration::from_secs(TOLERANCE_SECONDS));
    let this_second = Timestamp::from_millis(now.as_millis() / 1_000 * 1_000);
    Some(if is_ahead { this_second } else { at })
}
