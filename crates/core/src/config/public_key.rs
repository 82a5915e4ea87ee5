//! Public keys of user tokens: the supported kinds, and how they are read.

use base64ct::{Base64, Encoding};

/// How the DER of every uncompressed P-256 key begins: `SubjectPublicKeyInfo` of `id-ecPublicKey` on `prime256v1`
/// (RFC 5480), a bit string of 66 bytes, and the mark of an uncompressed point. 64 bytes follow.
const P256_PREFIX: [u8; 27] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
];
const P256_LENGTH: usize = P256_PREFIX.len() + 64;

/// How the DER of every Ed25519 key begins (RFC 8410). 32 bytes follow.
const ED25519_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
const ED25519_LENGTH: usize = ED25519_PREFIX.len() + 32;

/// A public key as `SubjectPublicKeyInfo` in DER. The platform checks whether the point lies on the curve.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PublicKey {
    /// For `ES256` (RFC 7518, 3.4).
    P256(Vec<u8>),
    /// For `EdDSA` (RFC 8037).
    Ed25519(Vec<u8>),
}

impl PublicKey {
    /// Reads a P-256 key in PEM, or only its base64.
    ///
    /// # Errors
    /// What is wrong.
    pub fn p256(text: &str) -> Result<Self, &'static str> {
        let der = der(text).filter(|der| der.starts_with(&P256_PREFIX) && der.len() == P256_LENGTH);
        der.map(Self::P256)
            .ok_or("is not a P-256 public key in PEM, as `openssl ec -pubout` writes it for ES256")
    }

    /// Reads an Ed25519 key in PEM, or only its base64.
    ///
    /// # Errors
    /// What is wrong.
    pub fn ed25519(text: &str) -> Result<Self, &'static str> {
        let is_one =
            |der: &Vec<u8>| der.starts_with(&ED25519_PREFIX) && der.len() == ED25519_LENGTH;
        der(text).filter(is_one).map(Self::Ed25519).ok_or(
            "is not an Ed25519 public key in PEM, as `openssl pkey -pubout` writes it for EdDSA",
        )
    }
}

/// The bytes of a PEM; line breaks may be missing or written as `\n`, as in a variable of one line.
fn der(text: &str) -> Option<Vec<u8>> {
    let inner = text
        .trim()
        .strip_prefix("-----BEGIN PUBLIC KEY-----")
        .map_or(Some(text), |rest| {
            rest.strip_suffix("-----END PUBLIC KEY-----")
        })?;
    let base64: String = inner.replace("\\n", "").split_whitespace().collect();
    Base64::decode_vec(&base64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made with openssl for this test; the private keys were deleted.
    const P256: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWdNX1Zx9FyyHYdipFNNEP3SBulxxk3X0juVpVAEGqj2+xyKS5oeRmiSATEkthNCgjhq5YS6/2kLeQchfZV9DUg==";
    const ED25519: &str = "MCowBQYDK2VwAyEAYBMlvjRZY3LXxWho1bTCk6PoTgySSbrum48DsVyhwTA=";

    fn pem(base64: &str, line_end: &str) -> String {
        format!("-----BEGIN PUBLIC KEY-----{line_end}{base64}{line_end}-----END PUBLIC KEY-----")
    }

    #[test]
    fn a_key_is_read_in_every_form_that_a_variable_can_have() {
        for text in [
            P256.to_owned(),
            pem(P256, "\n"),
            pem(P256, "\\n"),
            pem(P256, " ") + "\n",
        ] {
            assert!(
                matches!(PublicKey::p256(&text), Ok(PublicKey::P256(_))),
                "{text}"
            );
        }
        let key = PublicKey::ed25519(&pem(ED25519, "\r\n")).unwrap();
        assert!(matches!(key, PublicKey::Ed25519(der) if der.len() == 44));
    }

    #[test]
    fn the_wrong_kind_of_key_and_invalid_keys_are_refused() {
        assert!(PublicKey::p256(ED25519).unwrap_err().contains("P-256"));
        assert!(PublicKey::ed25519(P256).unwrap_err().contains("Ed25519"));
        let cut = &P256[..P256.len() - 4];
        let private = pem(P256, "\n").replace("PUBLIC", "PRIVATE");
        for text in ["", "x", "-----BEGIN PUBLIC KEY-----", cut, &private, "é"] {
            assert!(PublicKey::p256(text).is_err(), "{text:?}");
            assert!(PublicKey::ed25519(text).is_err(), "{text:?}");
        }
    }
}
