//! Stripe's webhook: checks that Stripe sent it, and what it means for a user.
//!
//! The signature is Stripe's own scheme, version `v1`. Standard Webhooks has secrets with the same prefix `whsec_` and
//! calls its scheme `v1`, too, but decodes the secret; here the whole string is the key. So [`StripeSecret`] is a type of
//! its own, and nothing else takes one.

pub mod envelope;
pub mod event;
pub mod list;

pub use envelope::Envelope;
pub use event::{Effect, StripeEvent, StripeId, TOLERANCE_SECONDS};

use super::mac::Hashing;
use crate::{config::secret::StripeSecret, domain::Timestamp};
use thiserror::Error;

/// Longest `Stripe-Signature` header, in bytes: a time and some ten signatures, where Stripe sends one, or two while a
/// secret is being replaced.
pub const HEADER_MAX_LENGTH: usize = 1_024;

/// Why a request is not from Stripe.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[expect(missing_docs, reason = "the sentences say it")]
pub enum SignatureFault {
    #[error("the Stripe-Signature header is missing or longer than 1,024 bytes")]
    Missing,
    #[error("the Stripe-Signature header has no time t in whole seconds")]
    Time,
    #[error("the Stripe-Signature header has no v1 signature")]
    Scheme,
    #[error("no v1 signature matches this body")]
    Wrong,
    #[error("its time is more than 300 seconds in the past or future")]
    Stale,
}

/// What a `Stripe-Signature` header claims, at a time that is near enough.
#[derive(Debug)]
pub struct Claim<'a> {
    time: &'a str,
    signatures: Vec<[u8; 32]>,
}

impl<'a> Claim<'a> {
    /// Reads the header. This needs no body: of a request whose time is too old or too new, none is read.
    ///
    /// # Errors
    /// [`SignatureFault`] says why no body can be right.
    pub fn read(now: Timestamp, header: Option<&'a str>) -> Result<Self, SignatureFault> {
        let header = header
            .filter(|header| header.len() <= HEADER_MAX_LENGTH)
            .ok_or(SignatureFault::Missing)?;
        let fields = || header.split(',').filter_map(|field| field.split_once('='));
        // The last one, as in Stripe's libraries: the time that is signed is the one whose age is checked.
        let time = fields().rfind(|(name, _)| *name == "t");
        let (time, seconds) = time
            .and_then(|(_, text)| Some((text, seconds(text)?)))
            .ok_or(SignatureFault::Time)?;
        let signatures = || fields().filter(|(name, _)| *name == "v1");
        if signatures().next().is_none() {
            return Err(SignatureFault::Scheme);
        }
        if (now.as_millis() / 1_000).abs_diff(seconds) > TOLERANCE_SECONDS {
            return Err(SignatureFault::Stale);
        }
        let signatures = signatures().filter_map(|(_, hex)| bytes(hex)).collect();
        Ok(Self { time, signatures })
    }

    /// Begins to check a body under the secret, in parts: hashing the longest takes tens of milliseconds. `None` if no
    /// signature has the right form.
    #[must_use]
    pub fn check(&self, secret: &StripeSecret) -> Option<Check<'_>> {
        let mut hashing = Hashing::new(secret.as_bytes());
        hashing.update(self.time.as_bytes());
        hashing.update(b".");
        let signatures = &self.signatures;
        (!signatures.is_empty()).then_some(Check {
            hashing,
            signatures,
        })
    }
}

/// The check of a body that comes in parts.
#[derive(Debug)]
pub struct Check<'a> {
    hashing: Hashing,
    signatures: &'a [[u8; 32]],
}

impl Check<'_> {
    /// The next part of the body.
    pub fn update(&mut self, part: &[u8]) {
        self.hashing.update(part);
    }

    /// Whether one of the signatures is that of exactly this body.
    #[must_use]
    pub fn holds(self) -> bool {
        self.hashing.is_one_of(self.signatures)
    }
}

/// A time in seconds: only digits, and few enough for any number type.
fn seconds(text: &str) -> Option<i64> {
    let is_number =
        (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// The 32 bytes written as 64 lowercase hexadecimal digits; Stripe uses only these.
fn bytes(hex: &str) -> Option<[u8; 32]> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = hex.as_bytes().as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}
