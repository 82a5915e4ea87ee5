//! One thing wrong with a request, and how many of them one answer lists. Whoever reads a part of a request needs only
//! this, and none of the errors in [`super::problem`].

use serde::Serialize;

/// Most errors that one answer lists. A body of 256 KiB could have tens of thousands.
pub const FAULTS_MAX: usize = 100;

/// Longest pointer or parameter that is shown, in characters: a key may be as long as the body.
pub const POINTER_MAX: usize = 256;

/// One thing wrong with a request.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct FieldError {
    /// Where in the body, as a JSON pointer (RFC 6901); empty for the whole body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// Which header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<&'static str>,
    /// Which query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What is wrong and what is allowed.
    pub detail: String,
}

impl FieldError {
    /// An error in the body.
    #[must_use]
    pub fn at(pointer: &str, detail: impl Into<String>) -> Self {
        Self {
            pointer: Some(pointer.chars().take(POINTER_MAX).collect()),
            detail: detail.into(),
            ..Self::default()
        }
    }

    /// An error in a header.
    #[must_use]
    pub fn header(header: &'static str, detail: impl Into<String>) -> Self {
        Self {
            header: Some(header),
            detail: detail.into(),
            ..Self::default()
        }
    }

    /// An error in the query.
    #[must_use]
    pub fn parameter(parameter: &str, detail: impl Into<String>) -> Self {
        Self {
            parameter: Some(parameter.chars().take(POINTER_MAX).collect()),
            detail: detail.into(),
            ..Self::default()
        }
    }
}
