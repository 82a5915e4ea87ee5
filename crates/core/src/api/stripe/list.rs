//! Stripe's list of a customer's subscriptions: how a page of it is asked for, and what it says.

use super::event::{StripeId, moment_by, prices, user};
use crate::{
    api::json,
    config::stripe::StripeScope,
    domain::{Subscription, Timestamp, UserId, subscription::SubscriptionStatus},
};
use serde_json::{Map, Value};
use thiserror::Error;

/// The version of Stripe's API in which the list is asked for: that of the library that the tests use.
pub const API_VERSION: &str = "2026-10-28.endive";

/// Most bytes of a page: a hundred subscriptions with some items each.
pub const PAGE_MAX_BYTES: usize = 4 * 1024 * 1024;

/// Why the list could not be read.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[expect(missing_docs, reason = "the sentences say it")]
pub enum ListFault {
    #[error("it could not be reached")]
    Unreachable,
    #[error("it did not answer in time")]
    Late,
    #[error("it answered with status {0}")]
    Status(u16),
    #[error("its answer is too long")]
    TooLong,
    #[error("its answer is not a list of the customer's subscriptions")]
    Form,
    #[error("its answer is of a mode that STRIPE_MODE does not take")]
    Mode,
    #[error("it has more pages than are read")]
    TooMany,
}

/// A subscription as it is now.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listed {
    /// Its id.
    pub id: StripeId,
    /// The user that the metadata name.
    pub user_id: Option<UserId>,
    /// When it began.
    pub began: Option<Timestamp>,
    /// The subscription; `None` if its status is one that is not known.
    pub subscription: Option<Subscription>,
}

/// A page of the list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page {
    /// What is on it.
    pub listed: Vec<Listed>,
    /// Whether another follows.
    pub more: bool,
}

/// The path and query of a page: the first, or the one after that subscription.
#[must_use]
pub fn path(customer: &StripeId, after: Option<&StripeId>) -> String {
    let after = after.map_or_else(String::new, |id| format!("&starting_after={}", id.as_str()));
    let customer = customer.as_str();
    format!("/v1/subscriptions?customer={customer}&status=all&limit=100{after}")
}

impl Page {
    /// Reads the answer to a question that was asked then. If anything on the page is not as it must be, nothing of it counts:
    /// a subscription that is overlooked would be taken for one that has ended.
    ///
    /// # Errors
    /// [`ListFault`] says what is wrong with it.
    pub fn read(
        asked_at: Timestamp,
        customer: &StripeId,
        scope: &StripeScope,
        body: &[u8],
    ) -> Result<Self, ListFault> {
        let page = json::object(body).ok_or(ListFault::Form)?;
        let is_list = page.get("object").and_then(Value::as_str) == Some("list");
        let data = page.get("data").and_then(Value::as_array);
        let more = page.get("has_more").and_then(Value::as_bool);
        let (Some(data), Some(more), true) = (data, more, is_list) else {
            return Err(ListFault::Form);
        };
        let mut listed = Vec::new();
        for item in data {
            let item = item.as_object().ok_or(ListFault::Form)?;
            let is_test = item.get("livemode") == Some(&Value::Bool(false));
            if !(if is_test {
                scope.takes_test
            } else {
                scope.takes_live
            }) {
                return Err(ListFault::Mode);
            }
            listed.push(subscription(asked_at, customer, item).ok_or(ListFault::Form)?);
        }
        if more && listed.is_empty() {
            return Err(ListFault::Form);
        }
        Ok(Self { listed, more })
    }
}

fn subscription(
    asked_at: Timestamp,
    customer: &StripeId,
    item: &Map<String, Value>,
) -> Option<Listed> {
    let text = |name| item.get(name).and_then(Value::as_str);
    let id = StripeId::of(text("id")?)?;
    if text("customer")? != customer.as_str() {
        return None;
    }
    let status = SubscriptionStatus::from_name(text("status")?);
    let began = item.get("created").and_then(Value::as_i64);
    Some(Listed {
        user_id: user(item),
        began: began.and_then(|began| moment_by(asked_at, began)),
        subscription: status.map(|status| Subscription {
            id: id.as_str().to_owned(),
            status,
            since: asked_at,
            price_ids: prices(item),
            customer: Some(customer.as_str().to_owned()),
        }),
        id,
    })
}
