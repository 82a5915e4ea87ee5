//! HMAC-SHA256, checked in constant time.

use constant_time_eq::constant_time_eq;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// HMAC-SHA256 of a text that comes in parts, so that a long one can be hashed bit by bit.
#[derive(Clone, Debug)]
pub struct Hashing(Hmac<Sha256>);

impl Hashing {
    /// Begins, under `key`.
    ///
    /// # Panics
    /// Never: HMAC takes keys of every length.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of every length"))
    }

    /// The next part.
    pub fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    /// The HMAC of all parts.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into_bytes().into()
    }

    /// Whether it is one of `macs`.
    ///
    /// The time of a comparison does not depend on where the two differ. It may show that one does not have 32 bytes; that
    /// is not a secret.
    #[must_use]
    pub fn is_one_of(self, macs: &[impl AsRef<[u8]>]) -> bool {
        let expected = self.finish();
        macs.iter().fold(false, |found, mac| {
            constant_time_eq(&expected, mac.as_ref()) | found
        })
    }
}

/// The HMAC-SHA256 of `parts`, one after another, under `key`.
#[must_use]
pub fn mac_of(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    hashed(key, parts).finish()
}

/// Whether one of `macs` is that of `parts`, one after another, under `key`; the parts are hashed once.
#[must_use]
pub fn has_mac_of(key: &[u8], parts: &[&[u8]], macs: &[impl AsRef<[u8]>]) -> bool {
    hashed(key, parts).is_one_of(macs)
}

fn hashed(key: &[u8], parts: &[&[u8]]) -> Hashing {
    let mut hashing = Hashing::new(key);
    for part in parts {
        hashing.update(part);
    }
    hashing
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn the_published_vector_is_valid_and_no_part_of_it_is() {
        let mac = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let mac = (0..32)
            .map(|index| u8::from_str_radix(&mac[2 * index..][..2], 16).unwrap())
            .collect::<Vec<_>>();
        let parts: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        assert!(has_mac_of(b"Jefe", &parts, &[&mac]));
        assert!(has_mac_of(b"Jefe", &parts, &[&[0; 32][..], &mac, &[1; 32]]));
        assert!(!has_mac_of(b"Jefe", &parts, &[[0; 32]; 2]));
        assert!(!has_mac_of(b"Jefe", &parts[..1], &[&mac]));
        assert!(!has_mac_of(b"Jeff", &parts, &[&mac]));
        for length in 0..32 {
            assert!(!has_mac_of(b"Jefe", &parts, &[&mac[..length]]));
        }
    }
}
