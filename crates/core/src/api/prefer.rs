//! How long a client would wait for a change (RFC 7240, `Prefer: wait`).

use crate::live::watcher::WAIT_MAX;
use std::time::Duration;

/// The wait that a `Prefer` header asks for, at most [`WAIT_MAX`]; `None` if it asks for none that can be read. What is not
/// understood is ignored, as the RFC has it, and of several the first counts.
#[must_use]
pub fn wait(prefer: Option<&str>) -> Option<Duration> {
    let mut preferences = prefer?.split(',').map(|preference| {
        let named = preference.split(';').next().unwrap_or_default();
        let (name, value) = named.split_once('=').unwrap_or((named, ""));
        (name.trim(), value.trim().trim_matches('"'))
    });
    let (_, value) = preferences.find(|(name, _)| name.eq_ignore_ascii_case("wait"))?;
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // A number too large to read is a wish for as long as possible.
    let seconds = value.parse().map_or(WAIT_MAX, Duration::from_secs);
    (!seconds.is_zero()).then(|| seconds.min(WAIT_MAX))
}

/// The `Preference-Applied` header of an answer that was held back for so long at most.
#[must_use]
pub fn applied(wait: Duration) -> String {
    format!("wait={}", wait.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_read_among_other_preferences_and_bounded() {
        for (header, seconds) in [
            ("wait=10", Some(10)),
            ("Wait = \"10\"", Some(10)),
            ("respond-async, wait=10", Some(10)),
            ("wait=10; strictly, handling=lenient", Some(10)),
            ("wait=5, wait=10", Some(5)),
            ("wait=30", Some(30)),
            ("wait=31", Some(30)),
            ("wait=99999999999999999999999", Some(30)),
            ("wait=0", None),
            ("wait", None),
            ("wait=", None),
            ("wait=-1", None),
            ("wait=+1", None),
            ("wait=1.5", None),
            ("await=10", None),
            ("", None),
        ] {
            assert_eq!(
                wait(Some(header)),
                seconds.map(Duration::from_secs),
                "{header:?}"
            );
        }
        assert_eq!(wait(None), None);
    }

    #[test]
    fn the_answer_says_what_was_applied() {
        assert_eq!(applied(WAIT_MAX), "wait=30");
    }
}
