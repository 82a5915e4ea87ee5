//! What asks for a replay.

use super::{form::Form, problem::FieldError};

/// Reads the header `Idempotency-Key`, if there is one.
///
/// # Errors
/// It is no key.
pub fn key(header: Option<&str>) -> Result<Option<String>, Vec<FieldError>> {
    let mut form = Form::default();
    let key = header.map(|header| form.idempotency_key(header));
    if form.errors.is_empty() {
        Ok(key)
    } else {
        Err(form.errors)
    }
}
