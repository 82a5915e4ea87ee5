//! What is kept of a subscription when its user is deleted: a keyed hash of its id. Without the key, which is the secret of
//! the webhook, nobody can tell whose it is; with it, a late event is known.

use crate::{api::mac::mac_of, config::secret::StripeSecret, domain::hex::hex};

/// The first half of an HMAC: enough that no two of a user's subscriptions are the same.
const LENGTH: usize = 16;

/// The marks of an id, one for each secret: while a secret is being replaced, that of either is known. What Stripe signs
/// begins with a digit, so no mark is a signature.
#[must_use]
pub fn marks(secrets: &[StripeSecret], id: &str) -> Vec<String> {
    let secrets = secrets.iter().map(StripeSecret::as_bytes);
    let macs = secrets.map(|key| mac_of(key, &[b"mark:", id.as_bytes()]));
    macs.map(|mac| hex(&mac[..LENGTH])).collect()
}
