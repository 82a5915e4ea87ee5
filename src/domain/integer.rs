//! The bound that every integer crossing JavaScript must keep.

use serde::{Deserialize, Deserializer, de::Error};

/// Largest integer that a JavaScript number holds exactly: 2^53 − 1 (ECMA-262 `Number.MAX_SAFE_INTEGER`).
pub const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// Reads an integer and refuses one that JavaScript would have rounded on the way.
pub(crate) fn safe<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let value = i64::deserialize(deserializer)?;
    if (-MAX_SAFE_INTEGER..=MAX_SAFE_INTEGER).contains(&value) {
        Ok(value)
    } else {
        Err(D::Error::custom(format!(
            "{value} is outside ±{MAX_SAFE_INTEGER}, the integers JavaScript keeps exactly"
        )))
    }
}
