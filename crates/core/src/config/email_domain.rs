//! `EMAIL_DOMAIN`: the domain whose mails come to this Worker.

use super::reader::Reader;

const NAME: &str = "EMAIL_DOMAIN";

/// Longest domain: with the 33 characters of a mailbox before it, an address keeps below the 254 of RFC 5321.
const LENGTH_MAX: usize = 220;

/// The domain, in lowercase.
pub(super) fn read(reader: &mut Reader) -> Option<String> {
    let text = reader.text(NAME)?;
    if is_domain(&text) {
        return Some(text);
    }
    let detail = format!(
        "is {text:?}, must be a domain such as mail.example.com: lowercase, with a dot, at most {LENGTH_MAX} characters from a-z 0-9 . -"
    );
    reader.fault(NAME, detail);
    None
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    text.len() <= LENGTH_MAX && text.contains('.') && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_what_stands_behind_the_at() {
        let long = ["a", "b", "c"].map(|letter| letter.repeat(63)).join(".");
        for text in [
            "example.com",
            "in.mail-1.example",
            "xn--bcher-kva.example",
            &long,
        ] {
            assert!(is_domain(text), "{text}");
        }
        let longer = ["a", "b", "c", "d"]
            .map(|letter| letter.repeat(63))
            .join(".");
        let label = format!("{}.example", "a".repeat(64));
        for text in [
            "",
            "localhost",
            "Example.com",
            "a..b",
            ".example",
            "example.",
            "-a.example",
            "a-.example",
            "a b.example",
            "x@example.com",
            "bücher.example",
            "example.com/x",
            &longer,
            &label,
        ] {
            assert!(!is_domain(text), "{text}");
        }
    }
}
