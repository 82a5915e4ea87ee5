//! Records of messages that could not be read: where they lie in the bucket, where a page of them begins, and when they
//! are deleted.

use crate::domain::Timestamp;
use base64ct::{Base64UrlUnpadded, Encoding};
use std::time::Duration;

/// What the key of every record begins with.
pub const FOLDER: &str = "dead-letters/";

/// The key of the record of a message that was sent then. The oldest come first in a listing, and a message that is
/// buried twice has one record.
#[must_use]
pub fn key(sent_at: Timestamp, message_id: &str) -> String {
    format!("{FOLDER}{:013}-{message_id}", sent_at.as_millis().max(0))
}

/// The cursor of the page that begins after the record with that key.
#[must_use]
pub fn cursor(key: &str) -> String {
    Base64UrlUnpadded::encode_string(key.as_bytes())
}

/// The key that a cursor holds; `None` for any text that is no cursor of ours.
#[must_use]
pub fn read_cursor(cursor: &str) -> Option<String> {
    let bytes = Base64UrlUnpadded::decode_vec(cursor).ok()?;
    let key = String::from_utf8(bytes).ok()?;
    let is_record = key
        .strip_prefix(FOLDER)
        .is_some_and(|name| !name.is_empty());
    is_record.then_some(key)
}

/// Whether a record that was stored then has been kept long enough.
#[must_use]
pub fn is_over(stored_at: Timestamp, now: Timestamp, retention: Duration) -> bool {
    stored_at.after(retention) <= now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_listed_by_the_time_of_their_message() {
        let keys = [0, 9, 10, 1_700_000_000_000].map(|at| key(Timestamp::from_millis(at), "an-id"));
        assert!(keys.is_sorted());
        assert_eq!(keys[3], "dead-letters/1700000000000-an-id");
    }

    #[test]
    fn a_cursor_holds_the_key_of_a_record_and_nothing_else() {
        let key = key(Timestamp::from_millis(5), "an id of ä");
        assert_eq!(read_cursor(&cursor(&key)), Some(key));
        for other in ["stories/u/j/1/a.svg", "dead-letters/", "dead-letters", ""] {
            assert_eq!(read_cursor(&cursor(other)), None, "{other}");
        }
        for text in ["garbage", "", "ZGVhZC1sZXR0ZXJzL3g=", "//79"] {
            assert_eq!(read_cursor(text), None, "{text}");
        }
        let not_utf8 = Base64UrlUnpadded::encode_string(b"dead-letters/\xff");
        assert_eq!(read_cursor(&not_utf8), None);
    }

    #[test]
    fn a_record_is_kept_for_the_retention_and_not_longer() {
        let day = Duration::from_hours(24);
        let stored = Timestamp::from_millis(1_000);
        let end = stored.after(day).as_millis();
        for (now, over) in [(0, false), (end - 1, false), (end, true), (end + 1, true)] {
            assert_eq!(is_over(stored, Timestamp::from_millis(now), day), over);
        }
    }
}
