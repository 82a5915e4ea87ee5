//! The address at which a user's mails become episodes.
//!
//! The sender of a mail can be forged, so the address itself is the secret: nobody can guess it, and whoever knows it can
//! have episodes made for its user, and nothing else.

use super::hex::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Random bytes of a mailbox, of 128 bits.
pub const MAILBOX_BYTES: usize = 16;

/// What stands before the `@`: [`MAILBOX_BYTES`] in lowercase hexadecimal digits.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String")]
pub struct Mailbox(String);

/// Not the digits of a mailbox.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("must be {} lowercase hexadecimal digits", 2 * MAILBOX_BYTES)]
pub struct NotAMailbox;

impl Mailbox {
    /// The mailbox of these random bytes.
    #[must_use]
    pub fn new(random: &[u8; MAILBOX_BYTES]) -> Self {
        Self(hex(random))
    }

    /// The mailbox of an address at that domain. Mail servers may change the case of letters on the way.
    #[must_use]
    pub fn of_address(address: &str, domain: &str) -> Option<Self> {
        let (local, of) = address.split_once('@')?;
        let local = of.eq_ignore_ascii_case(domain).then_some(local)?;
        Self::try_from(local.to_ascii_lowercase()).ok()
    }

    /// Its address at that domain.
    #[must_use]
    pub fn address(&self, domain: &str) -> String {
        format!("{}@{domain}", self.0)
    }

    /// What it is found by. Nobody who sees it learns the address.
    #[must_use]
    pub fn digest(&self) -> String {
        hex(&Sha256::digest(&self.0))
    }
}

impl TryFrom<String> for Mailbox {
    type Error = NotAMailbox;

    fn try_from(text: String) -> Result<Self, NotAMailbox> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == 2 * MAILBOX_BYTES && text.bytes().all(is_digit) {
            Ok(Self(text))
        } else {
            Err(NotAMailbox)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGITS: &str = "00112233445566778899aabbccddeeff";

    fn mailbox() -> Mailbox {
        Mailbox::try_from(DIGITS.to_owned()).unwrap()
    }

    #[test]
    fn an_address_has_the_random_bytes_and_leads_back_to_them() {
        let random = std::array::from_fn(|index| u8::try_from(index).unwrap() * 0x11);
        assert_eq!(Mailbox::new(&random), mailbox());
        let address = mailbox().address("mail.example");
        assert_eq!(address, format!("{DIGITS}@mail.example"));
        for address in [address.clone(), address.to_uppercase()] {
            let found = Mailbox::of_address(&address, "mail.example");
            assert_eq!(found, Some(mailbox()), "{address}");
        }
    }

    #[test]
    fn no_other_address_has_a_mailbox() {
        for address in [
            "",
            "@mail.example",
            DIGITS,
            &format!("{DIGITS}@"),
            &format!("{DIGITS}@other.example"),
            &format!("{DIGITS}@x.mail.example"),
            &format!("{DIGITS}@mail.example@mail.example"),
            &format!("{DIGITS}0@mail.example"),
            &format!("{}@mail.example", &DIGITS[1..]),
            &format!("{DIGITS}+tag@mail.example"),
            &format!("<{DIGITS}@mail.example>"),
            "../../00112233445566778899aabbccdd@mail.example",
        ] {
            assert_eq!(
                Mailbox::of_address(address, "mail.example"),
                None,
                "{address}"
            );
        }
    }

    #[test]
    fn the_digest_does_not_show_the_mailbox() {
        let digest = mailbox().digest();
        assert_eq!(digest.len(), 64);
        assert!(!digest.contains(DIGITS));
    }
}
