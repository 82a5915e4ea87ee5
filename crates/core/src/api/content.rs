//! Which bodies are read: JSON, as it is, without a content coding.

use super::problem::ApiError;

/// Most that an answer repeats of a header, in characters.
const SHOWN_MAX: usize = 100;

/// Checks the `content-type` of a body that must be JSON.
///
/// # Errors
/// 415 for a body that is not said to be JSON.
pub fn require_json(content_type: Option<&str>) -> Result<(), ApiError> {
    let media_type = content_type.unwrap_or_default().split(';').next();
    let media_type = media_type.unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(ApiError::UnsupportedMediaType(shown(media_type)))
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
