//! Which bodies are read: JSON, a form or a mail, as it is, without a content coding.

use super::problem::ApiError;

/// Most that an answer repeats of a header, in characters.
const SHOWN_MAX: usize = 100;

/// How a body is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MediaType {
    /// `application/json`.
    Json,
    /// `multipart/form-data`.
    Form,
    /// `message/rfc822`.
    Mail,
}

impl MediaType {
    const fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "multipart/form-data",
            Self::Mail => "message/rfc822",
        }
    }
}

/// Checks the `content-type` of a body that must be JSON.
///
/// # Errors
/// 415 for a body that is not said to be JSON.
pub fn require_json(content_type: Option<&str>) -> Result<(), ApiError> {
    let accepted = MediaType::Json.name();
    one_of(
        content_type.unwrap_or_default(),
        &[MediaType::Json],
        accepted,
    )
    .map(drop)
}

/// How the body of an episode is written.
///
/// # Errors
/// 415 for one that is not said to be JSON, a form or a mail.
pub fn of_episode(content_type: &str) -> Result<MediaType, ApiError> {
    let known = [MediaType::Json, MediaType::Form, MediaType::Mail];
    let accepted = "application/json, multipart/form-data, message/rfc822";
    one_of(content_type, &known, accepted)
}

fn one_of(
    content_type: &str,
    known: &[MediaType],
    accepted: &'static str,
) -> Result<MediaType, ApiError> {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let found = known
        .iter()
        .find(|known| media_type.eq_ignore_ascii_case(known.name()));
    found
        .copied()
        .ok_or_else(|| ApiError::UnsupportedMediaType(shown(media_type), accepted))
}

/// Checks the `content-encoding` of a body.
///
/// # Errors
/// 415 for a body that is said to be compressed, which nothing here would undo (RFC 9110, 15.5.16).
pub fn require_plain(content_encoding: Option<&str>) -> Result<(), ApiError> {
    let codings = content_encoding.unwrap_or_default();
    let is_none = |coding: &str| coding.is_empty() || coding.eq_ignore_ascii_case("identity");
    if codings.split(',').map(str::trim).all(is_none) {
        return Ok(());
    }
    Err(ApiError::UnsupportedCoding(shown(codings)))
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN_MAX).collect()
}
