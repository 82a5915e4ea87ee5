//! Public keys of user tokens: the supported kinds, how they are read, and how they are made from their numbers.

use base64ct::{Base64, Encoding};
use std::ops::RangeInclusive;

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

/// How the algorithm of every RSA key is written in DER: `rsaEncryption` (RFC 8017, A.1).
const RSA_ALGORITHM: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

/// Bits of an RSA key: fewer are not safe (RFC 7518, 3.3), and more only cost time.
const RSA_BITS: RangeInclusive<usize> = 2_048..=8_192;

/// Most bytes of the exponent of an RSA key; nearly all have 65,537.
const RSA_EXPONENT_MAX: usize = 4;

/// A public key as `SubjectPublicKeyInfo` in DER. The platform checks whether the point lies on the curve.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PublicKey {
    /// For `ES256` (RFC 7518, 3.4).
    P256(Vec<u8>),
    /// For `EdDSA` (RFC 8037).
    Ed25519(Vec<u8>),
    /// For `RS256` (RFC 7518, 3.3).
    Rsa {
        /// The key.
        der: Vec<u8>,
        /// Bytes of its modulus, and so of a signature.
        length: usize,
    },
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

impl PublicKey {
    /// The P-256 key at this point; `None` if its coordinates do not have 32 bytes each.
    #[must_use]
    pub fn at(x: &[u8], y: &[u8]) -> Option<Self> {
        let is_one = x.len() == 32 && y.len() == 32;
        is_one.then(|| Self::P256([&P256_PREFIX[..], x, y].concat()))
    }

    /// The Ed25519 key of these bytes; `None` if they are not 32.
    #[must_use]
    pub fn of(x: &[u8]) -> Option<Self> {
        (x.len() == 32).then(|| Self::Ed25519([&ED25519_PREFIX[..], x].concat()))
    }

    /// The RSA key with this modulus and exponent; `None` if it has too few or too many bits, or the exponent cannot be
    /// one.
    #[must_use]
    pub fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let (modulus, exponent) = (without_zeros(modulus), without_zeros(exponent));
        let bits = modulus.len() * 8 - usize::try_from(modulus.first()?.leading_zeros()).ok()?;
        let is_odd = exponent.last()? % 2 == 1 && exponent != [1];
        if !RSA_BITS.contains(&bits) || !is_odd || exponent.len() > RSA_EXPONENT_MAX {
            return None;
        }
        let numbers = tagged(0x30, &[integer(modulus), integer(exponent)].concat());
        let bit_string = tagged(0x03, &[&[0][..], &numbers].concat());
        Some(Self::Rsa {
            der: tagged(0x30, &[&RSA_ALGORITHM[..], &bit_string].concat()),
            length: modulus.len(),
        })
    }

    /// The key.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        match self {
            Self::P256(der) | Self::Ed25519(der) | Self::Rsa { der, .. } => der,
        }
    }

    /// The algorithm that signatures under it have.
    #[must_use]
    pub const fn algorithm(&self) -> &'static str {
        match self {
            Self::P256(_) => "ES256",
            Self::Ed25519(_) => "EdDSA",
            Self::Rsa { .. } => "RS256",
        }
    }

    /// How many bytes a signature under it has.
    #[must_use]
    pub const fn signature_length(&self) -> usize {
        match self {
            Self::P256(_) | Self::Ed25519(_) => 64,
            Self::Rsa { length, .. } => *length,
        }
    }
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    &number[zeros..]
}

/// A positive number in DER: one that begins with a set bit would be negative.
fn integer(number: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if number[0] < 0x80 { &[] } else { &[0] };
    tagged(0x02, &[sign, number].concat())
}

/// A value in DER: its tag, its length and itself.
fn tagged(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let length = without_zeros(&length);
    let head = match length {
        [] => vec![tag, 0],
        [short] if *short < 0x80 => vec![tag, *short],
        long => {
            let count = u8::try_from(long.len()).unwrap_or(u8::MAX);
            [&[tag, 0x80 | count], long].concat()
        }
    };
    [&head, value].concat()
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
