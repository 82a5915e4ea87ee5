//! A subscription: what a user pays for, in Stripe's words, and how long a grace period lasts.

use super::{Timestamp, named::named};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Longest price id that is stored, in characters; Stripe's have fewer than 64.
pub const PRICE_ID_MAX_LENGTH: usize = 128;

/// Prices of a subscription that are stored; Stripe allows 20 items.
pub const PRICES_MAX: usize = 20;

/// The id of the subscription that the service itself sets.
pub const SERVICE: &str = "service";

named! {
    /// The status of a subscription, in Stripe's own words (Stripe API, "The Subscription object", `status`).
    #[expect(missing_docs, reason = "the words are Stripe's")]
    pub enum SubscriptionStatus {
        Active = "active",
        Trialing = "trialing",
        PastDue = "past_due",
        Canceled = "canceled",
        Unpaid = "unpaid",
        Incomplete = "incomplete",
        IncompleteExpired = "incomplete_expired",
        Paused = "paused",
    }
}

impl SubscriptionStatus {
    /// Whether no other status follows.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Canceled | Self::IncompleteExpired)
    }
}

/// Whether a string is valid as the id of a price: 1 to [`PRICE_ID_MAX_LENGTH`] visible ASCII characters.
#[must_use]
pub fn is_price_id(text: &str) -> bool {
    (1..=PRICE_ID_MAX_LENGTH).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What a user pays for.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Stripe's id of it, or [`SERVICE`]. Where only a checkout without one is known: the customer's id.
    pub id: String,
    /// Its status.
    pub status: SubscriptionStatus,
    /// When it got this status; a grace period starts then.
    pub since: Timestamp,
    /// The prices of its items, as far as they are known, at most [`PRICES_MAX`]; a price can have its own tier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub price_ids: Vec<String>,
    /// Who pays, by Stripe's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
}

impl Subscription {
    /// Whether it is known only from a checkout that did not name it: it stands for the next one of its customer.
    #[must_use]
    pub fn is_provisional(&self) -> bool {
        self.customer.as_ref() == Some(&self.id)
    }
}

/// What a clock has already said about the end of a grace period.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Grace {
    /// The end that has come. It stays so, also if the clock is set back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_at: Option<Timestamp>,
    /// When a grace ends whose beginning lies in the future, as far as the clock can be trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Timestamp>,
}

impl Grace {
    /// When a grace of that length ends that began `since`.
    #[must_use]
    pub fn end(&self, since: Timestamp, length: Duration) -> Timestamp {
        let end = since.after(length);
        self.bound.map_or(end, |bound| end.min(bound))
    }

    /// Whether that end has come, by this clock or an earlier one.
    #[must_use]
    pub fn has_ended(&self, end: Timestamp, now: Timestamp) -> bool {
        end <= self.over_at.map_or(now, |over| over.max(now))
    }
}
