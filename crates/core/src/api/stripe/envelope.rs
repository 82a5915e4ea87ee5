//! What an event says of itself, read without what it is about: whether it is for this service at all. It may be large,
//! and nothing of the rest is kept.

use super::event::{is_name, moment};
use crate::config::stripe::StripeScope;
use serde::Deserialize;

/// Most bytes of an event: many items and long texts, and still no more than an isolate can hold many of.
pub const EVENT_MAX_BYTES: usize = 4 * 1024 * 1024;

/// An event without what it is about.
#[derive(Debug, Deserialize)]
pub struct Envelope {
    /// Its id; the same each time it is sent.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    created: i64,
    /// `false` in test mode.
    livemode: Option<bool>,
    /// The connected account that it happened in, if not in the endpoint's own.
    account: Option<String>,
    #[serde(rename = "data")]
    _data: Data,
}

#[derive(Debug, Deserialize)]
struct Data {
    #[serde(rename = "object")]
    _object: AnyObject,
}

#[derive(Debug, Deserialize)]
struct AnyObject {}

impl Envelope {
    /// Reads the body of a webhook whose signature is valid.
    ///
    /// # Errors
    /// What is wrong with it; the text shows nothing of the body.
    pub fn read(body: &[u8]) -> Result<Self, &'static str> {
        let event: Self = serde_json::from_slice(body).map_err(|_| {
            "The body is not a Stripe event: JSON with id, type, created and data.object, no key twice."
        })?;
        if !is_name(&event.id) || !is_name(&event.kind) {
            return Err("The event's id and type must be 1 to 255 visible ASCII characters.");
        }
        moment(event.created).ok_or("The event's created is not a valid time.")?;
        Ok(event)
    }

    /// Why nothing else of the event is read; `None` if it is.
    #[must_use]
    pub fn ignored(&self, scope: &StripeScope) -> Option<&'static str> {
        let is_test = self.livemode == Some(false);
        let families = ["customer.subscription.", "checkout.session."];
        if !families.iter().any(|family| self.kind.starts_with(family)) {
            Some("event type ignored")
        } else if is_test && !scope.takes_test {
            Some("test event ignored")
        } else if !is_test && !scope.takes_live {
            Some("live event ignored")
        } else {
            let account = self.account.as_ref();
            let is_other = account.is_some_and(|account| !scope.accounts.contains(account));
            is_other.then_some("event of another account ignored")
        }
    }
}
