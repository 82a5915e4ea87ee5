//! What is noted beside the gates: whose a subscription, a customer or a mailbox is, and what was told of a customer whose
//! user nobody knew.

use crate::{
    api::stripe::event::StripeId,
    domain::{Subscription, Timestamp, UserId},
    gate::command::{AccountView, PlanChange, PlanOutcome},
};
use serde::{Deserialize, Serialize};
use std::{ops::Not, time::Duration};

/// Where all links of users lie.
const USERS: &str = "links/";

/// Facts that are kept of one customer whose user is not known.
pub const KEPT_MAX: usize = 20;

/// How long they are kept: a checkout is told within seconds, and again for a day if that fails.
pub const KEPT_FOR: Duration = Duration::from_hours(24);

/// Where what is kept lies.
pub const KEPT: &str = "stripe-waiting/";

/// What belongs to a user.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Link {
    /// A subscription.
    Subscription(StripeId),
    /// A customer.
    Customer(StripeId),
    /// A mailbox, by its digest. The user's gate says whether it still counts.
    Mailbox(String),
}

impl Link {
    /// The key under which the user lies.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Subscription(id) => format!("stripe-subscriptions/{}", id.as_str()),
            Self::Customer(id) => format!("stripe-customers/{}", id.as_str()),
            Self::Mailbox(digest) => format!("mailboxes/{digest}"),
        }
    }

    /// The key under which it is found among the user's links, to be deleted with the user.
    #[must_use]
    pub fn key_of(&self, user_id: &UserId) -> String {
        links_of(user_id) + &self.key()
    }

    /// The link of such a key.
    #[must_use]
    pub fn from_key(key: &str, user_id: &UserId) -> Option<Self> {
        let (folder, id) = key.strip_prefix(&links_of(user_id))?.split_once('/')?;
        match folder {
            "stripe-subscriptions" => StripeId::of(id).map(Self::Subscription),
            "stripe-customers" => StripeId::of(id).map(Self::Customer),
            "mailboxes" => Some(Self::Mailbox(id.to_owned())),
            _ => None,
        }
    }
}

/// Where the links of a user lie.
#[must_use]
pub fn links_of(user_id: &UserId) -> String {
    format!("{USERS}{user_id}/")
}

/// What an event says of a subscription.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fact {
    /// The event.
    pub event_id: String,
    /// When it came about.
    pub as_of: Timestamp,
    /// Whether it was read from Stripe then, and not told.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub is_read: bool,
    /// When the subscription began, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<Timestamp>,
    /// Whether its status came with the event.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_turned: bool,
    /// The subscription.
    pub subscription: Subscription,
}

/// A fact that waits for its customer's user to become known.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Kept {
    /// Since when.
    pub since: Timestamp,
    /// What was told.
    pub fact: Fact,
}

impl Kept {
    /// The key under which it lies.
    #[must_use]
    pub fn key(&self, customer: &StripeId) -> String {
        kept_of(customer) + &self.fact.event_id
    }

    /// Whether it has waited too long to be applied; a clock that was set back makes nothing wait longer.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.since.after(KEPT_FOR) || self.since > now.after(KEPT_FOR)
    }

    /// Whether the other says something newer of the same subscription.
    #[must_use]
    pub fn is_replaced_by(&self, other: &Fact) -> bool {
        self.fact.subscription.id == other.subscription.id && self.fact.as_of < other.as_of
    }
}

/// Where what is kept of a customer lies.
#[must_use]
pub fn kept_of(customer: &StripeId) -> String {
    format!("{KEPT}{}/", customer.as_str())
}

/// What applying an event reads and writes. What was written is read by whoever reads afterwards.
///
/// # Errors
/// Every method fails when the storage, or the gate, does; the event is then applied once more.
#[expect(async_fn_in_trait, reason = "a Worker has one thread")]
pub trait Ledger {
    /// Why something failed.
    type Error;
    /// Whose it is.
    async fn user_of(&self, link: &Link) -> Result<Option<UserId>, Self::Error>;
    /// It is this user's from now on. That it is to be found with the user comes first.
    async fn link(&self, link: &Link, user_id: &UserId) -> Result<(), Self::Error>;
    /// It is not that user's any more, if it was.
    async fn unlink(&self, link: &Link, user_id: &UserId) -> Result<(), Self::Error>;
    /// What is kept of a customer.
    async fn kept(&self, customer: &StripeId) -> Result<Vec<Kept>, Self::Error>;
    /// Keeps one more.
    async fn keep(&self, customer: &StripeId, kept: &Kept) -> Result<(), Self::Error>;
    /// Keeps these no longer.
    async fn let_go(&self, customer: &StripeId, kept: &[Kept]) -> Result<(), Self::Error>;
    /// Has the user's gate decide.
    async fn set_plan(
        &self,
        user_id: &UserId,
        change: PlanChange,
    ) -> Result<(AccountView, PlanOutcome), Self::Error>;
}
