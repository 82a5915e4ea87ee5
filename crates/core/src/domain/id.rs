//! Identifiers: parsed once at the edge, and never raw strings after that.

use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// Longest user or series id, in characters (all ASCII, so also in bytes).
pub const ID_MAX_LENGTH: usize = 128;

/// Longest name of a kind of job.
pub const KIND_MAX_LENGTH: usize = 32;

/// Why a string is not an identifier; the message says how to fix it.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum IdError {
    /// Not 1 to [`ID_MAX_LENGTH`] characters of the allowed alphabet.
    #[error("Must be 1 to {ID_MAX_LENGTH} characters from A-Z a-z 0-9 . _ : | @ + = ~ -")]
    Alphabet,
    /// Not the name of a kind of job.
    #[error("Must be 1 to {KIND_MAX_LENGTH} characters from a-z 0-9 -, beginning with a letter")]
    NotAKind,
    /// Not a lowercase UUID with hyphens.
    #[error("Must be a lowercase UUID with hyphens")]
    NotUuid,
}

fn is_name(text: &str) -> bool {
    (1..=ID_MAX_LENGTH).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._:|@+=~-".contains(&byte))
        // A path segment of dots would be resolved away by URL parsers.
        && text != "."
        && text != ".."
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $check:expr, $error:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                if $check(&text) { Ok(Self(text)) } else { Err($error) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// A user of the product: case-sensitive, never normalised, so that one user is one gate.
    /// Nothing in it can escape a path, a log line or a query.
    UserId, is_name, IdError::Alphabet
);
text_id!(
    /// The series a story belongs to; same alphabet as [`UserId`].
    SeriesId, is_name, IdError::Alphabet
);
text_id!(
    /// A job: a UUID of version 7 (RFC 9562), so that ids sort by the time they were made.
    JobId, is_uuid, IdError::NotUuid
);

text_id!(
    /// A replay of many jobs: a UUID of version 7, as [`JobId`] is.
    ReplayId, is_uuid, IdError::NotUuid
);

text_id!(
    /// The name of a kind of job; what it is made of, the configuration says.
    Kind, is_kind, IdError::NotAKind
);

fn is_kind(text: &str) -> bool {
    let is_kinds = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() <= KIND_MAX_LENGTH
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(is_kinds)
}

fn is_uuid(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok_and(|uuid| uuid.hyphenated().to_string() == text)
}

impl Kind {
    /// What `POST /create-story` makes.
    #[must_use]
    pub fn story() -> Self {
        Self("story".to_owned())
    }

    /// What `POST /create-episode` makes.
    #[must_use]
    pub fn episode() -> Self {
        Self("episode".to_owned())
    }
}

impl SeriesId {
    /// Of mails, unless something else is said of them.
    #[must_use]
    pub fn of_mails() -> Self {
        Self("mail".to_owned())
    }
}

impl UserId {
    /// Whose the jobs of nobody are: a user with a gate, but without a plan. No caller may take this name.
    const NOBODY: &str = "~nobody";

    /// Nobody.
    #[must_use]
    pub fn nobody() -> Self {
        Self(Self::NOBODY.to_owned())
    }

    /// Whether it is nobody.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        self.0 == Self::NOBODY
    }
}

impl ReplayId {
    /// A new id.
    #[must_use]
    pub fn new(now: super::Timestamp, random: &[u8; 10]) -> Self {
        Self(JobId::new(now, random).0)
    }
}

impl JobId {
    /// A new id from the time and ten random bytes: 74 of their bits survive beside version and variant.
    #[must_use]
    pub fn new(now: super::Timestamp, random: &[u8; 10]) -> Self {
        let millis = u64::try_from(now.as_millis()).unwrap_or(0);
        let uuid = uuid::Builder::from_unix_timestamp_millis(millis, random).into_uuid();
        Self(uuid.hyphenated().to_string())
    }

    /// When it was made, as it says itself.
    #[must_use]
    pub fn made_at(&self) -> super::Timestamp {
        let digits = self
            .0
            .bytes()
            .filter_map(|byte| char::from(byte).to_digit(16));
        let millis = digits
            .take(12)
            .fold(0, |millis, digit| millis * 16 + i64::from(digit));
        super::Timestamp::from_millis(millis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    #[test]
    fn ids_of_real_services_are_accepted() {
        for text in [
            "u",
            "auth0|64f",
            "a@b.co",
            "google-oauth2|1",
            "A-b_c.d~e:f+g=h",
            "...",
        ] {
            assert!(UserId::try_from(text.to_owned()).is_ok(), "{text}");
        }
    }

    #[test]
    fn ids_that_could_escape_a_path_or_a_line_are_refused() {
        let long = "x".repeat(ID_MAX_LENGTH + 1);
        for text in [
            "", ".", "..", "a/b", "a\nb", "a b", "a%2f", "é", "a\\b", "a\"b", "a\0", &long,
        ] {
            assert_eq!(
                UserId::try_from(text.to_owned()),
                Err(IdError::Alphabet),
                "{text:?}"
            );
        }
    }

    #[test]
    fn job_ids_sort_by_time_and_have_one_spelling() {
        let early = JobId::new(Timestamp::from_millis(1_000), &[0xff; 10]);
        assert_eq!(early.made_at(), Timestamp::from_millis(1_000));
        let late = JobId::new(Timestamp::from_millis(1_001), &[0; 10]);
        assert!(early < late);
        assert_eq!(JobId::try_from(early.to_string()), Ok(early.clone()));
        for text in [
            early.as_str().to_uppercase(),
            early.as_str().replace('-', ""),
            "x".into(),
        ] {
            assert_eq!(JobId::try_from(text), Err(IdError::NotUuid));
        }
    }
}
