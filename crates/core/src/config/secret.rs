//! Secrets: strings that no log line, no answer and no panic can show.

use super::reader::Reader;
use std::fmt;
use thiserror::Error;

/// Fewest characters of a secret: HS256 requires at least 32 bytes (RFC 7518, 3.2), and they cannot be guessed.
pub const SECRET_MIN_LENGTH: usize = 32;

/// Most characters of a secret; no generator of secrets makes longer ones.
pub const SECRET_MAX_LENGTH: usize = 512;

/// Most secrets at once under one name. Two are enough for a rotation; each is tried with every request.
pub const SECRETS_MAX: usize = 8;

/// Why a string is not a valid secret. The error never contains the string.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum SecretError {
    /// Not [`SECRET_MIN_LENGTH`] to [`SECRET_MAX_LENGTH`] characters.
    #[error("has {0} characters, must have {SECRET_MIN_LENGTH} to {SECRET_MAX_LENGTH}")]
    Length(usize),
    /// Characters that are not visible ASCII.
    #[error("must be visible ASCII characters")]
    Alphabet,
}

/// A secret string of [`SECRET_MIN_LENGTH`] to [`SECRET_MAX_LENGTH`] visible ASCII characters. It has no `Display`, no
/// `PartialEq` and no `Serialize`, and its `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The secret's bytes, for a key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl TryFrom<&str> for Secret {
    type Error = SecretError;

    fn try_from(text: &str) -> Result<Self, SecretError> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SecretError::Alphabet);
        }
        if !(SECRET_MIN_LENGTH..=SECRET_MAX_LENGTH).contains(&text.len()) {
            return Err(SecretError::Length(text.len()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

/// The secrets under that name; each is valid or an error. An empty string is an error, too.
pub(super) fn listed(reader: &mut Reader, name: &str) -> Vec<Secret> {
    reader.listed(name, "secret", SECRETS_MAX, |text| {
        Secret::try_from(text).map_err(|error| error.to_string())
    })
}

/// A signing secret of a Stripe endpoint: nothing else takes one, since Stripe's scheme looks like another that decodes it.
#[derive(Clone, Debug)]
pub struct StripeSecret(Secret);

impl StripeSecret {
    /// The secret, if it starts with `whsec_`, as Stripe's do.
    #[must_use]
    pub fn new(secret: Secret) -> Option<Self> {
        secret
            .as_bytes()
            .starts_with(b"whsec_")
            .then_some(Self(secret))
    }

    /// The key of its signatures.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// A restricted key of Stripe's API: one that may do everything is refused.
#[derive(Clone, Debug)]
pub struct StripeKey(Secret);

impl StripeKey {
    /// The key, if it starts with `rk_`, as restricted ones do.
    #[must_use]
    pub fn new(secret: Secret) -> Option<Self> {
        secret.0.starts_with("rk_").then_some(Self(secret))
    }

    /// What the header `authorization` says.
    #[must_use]
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_long_enough_and_has_visible_characters() {
        for length in [SECRET_MIN_LENGTH, SECRET_MAX_LENGTH] {
            assert!(Secret::try_from("k".repeat(length).as_str()).is_ok());
        }
        for length in [0, 1, SECRET_MIN_LENGTH - 1, SECRET_MAX_LENGTH + 1] {
            let error = Secret::try_from("k".repeat(length).as_str()).unwrap_err();
            assert_eq!(error, SecretError::Length(length));
        }
        let spaced = format!("{} ", "k".repeat(40));
        assert_eq!(
            Secret::try_from(spaced.as_str()).unwrap_err(),
            SecretError::Alphabet
        );
    }

    #[test]
    fn nothing_shows_it() {
        let secret = Secret::try_from("correct-horse-battery-staple-and-more").unwrap();
        assert_eq!(format!("{secret:?}"), "[redacted]");
        assert_eq!(format!("{:#?}", vec![secret]), "[\n    [redacted],\n]");
    }
}
