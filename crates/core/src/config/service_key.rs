//! Service keys: the product's own back end.

use super::secret::Secret;
use constant_time_eq::constant_time_eq_32;
use sha2::{Digest, Sha256};
use std::fmt;

/// A service key, stored only as its SHA-256: all digests have one length, and how two of them differ tells nothing
/// about the keys.
#[derive(Clone)]
pub struct ServiceKey([u8; 32]);

impl ServiceKey {
    /// The key for this secret.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Whether `presented` is one of the keys. All are compared completely, whichever matches.
    #[must_use]
    pub fn is_one_of(keys: &[Self], presented: &str) -> bool {
        let digest: [u8; 32] = Sha256::digest(presented.as_bytes()).into();
        keys.iter().fold(false, |found, Self(key)| {
            constant_time_eq_32(key, &digest) | found
        })
    }
}

impl fmt::Debug for ServiceKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURRENT: &str = "current-key-of-the-back-end-0123456789";
    const PREVIOUS: &str = "previous-key-of-the-back-end-012345678";

    fn keys(texts: &[&str]) -> Vec<ServiceKey> {
        let key = |text: &&str| ServiceKey::new(&Secret::try_from(*text).unwrap());
        texts.iter().map(key).collect()
    }

    #[test]
    fn both_keys_are_valid_during_a_rotation_and_one_after_it() {
        let both = keys(&[CURRENT, PREVIOUS]);
        assert!(ServiceKey::is_one_of(&both, CURRENT));
        assert!(ServiceKey::is_one_of(&both, PREVIOUS));
        assert!(!ServiceKey::is_one_of(&keys(&[CURRENT]), PREVIOUS));
    }

    #[test]
    fn nothing_else_is_a_key() {
        let both = keys(&[CURRENT, PREVIOUS]);
        let listed = format!("{CURRENT},{PREVIOUS}");
        for other in ["", "x", &CURRENT[1..], &CURRENT.to_uppercase(), &listed] {
            assert!(!ServiceKey::is_one_of(&both, other), "{other:?}");
        }
        assert!(!ServiceKey::is_one_of(&[], ""));
        assert_eq!(format!("{both:?}"), "[[redacted], [redacted]]");
    }
}
