//! HMAC-SHA256, checked in constant time.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Whether `mac` is the HMAC-SHA256 of `parts`, one after another, under `key`.
///
/// The time of the comparison does not depend on where the two differ. It may show that a `mac` does not have 32 bytes;
/// that is not a secret.
///
/// # Panics
/// Never: HMAC takes keys of every length.
#[must_use]
pub fn is_mac_of(key: &[u8], parts: &[&[u8]], mac: &[u8]) -> bool {
    let mut expected =
        Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    for part in parts {
        expected.update(part);
    }
    expected.verify_slice(mac).is_ok()
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
        assert!(is_mac_of(b"Jefe", &parts, &mac));
        assert!(!is_mac_of(b"Jefe", &parts[..1], &mac));
        assert!(!is_mac_of(b"Jeff", &parts, &mac));
        for length in 0..32 {
            assert!(!is_mac_of(b"Jefe", &parts, &mac[..length]));
        }
    }
}
