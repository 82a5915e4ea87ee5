//! The bound of every integer that passes through JavaScript.

use serde::{Deserialize, Deserializer, de::Error};

/// Largest integer that a JavaScript number holds exactly: 2^53 − 1 (ECMA-262 `Number.MAX_SAFE_INTEGER`).
pub const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// Whether JavaScript represents it exactly.
#[must_use]
pub const fn is_safe(value: i64) -> bool {
    -MAX_SAFE_INTEGER <= value && value <= MAX_SAFE_INTEGER
}

/// Reads an integer, and refuses one that JavaScript would have rounded.
pub(crate) fn safe<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let value = i64::deserialize(deserializer)?;
    if is_safe(value) {
        Ok(value)
    } else {
        Err(D::Error::custom(format!(
            "{value} is outside ±{MAX_SAFE_INTEGER}, the integers that JavaScript represents exactly"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_safe_integer_is_one_less_than_2_to_the_53rd() {
        for (value, kept) in [
            (MAX_SAFE_INTEGER, true),
            (-MAX_SAFE_INTEGER, true),
            (MAX_SAFE_INTEGER + 1, false),
            (-MAX_SAFE_INTEGER - 1, false),
            (i64::MAX, false),
            // Has no absolute value.
            (i64::MIN, false),
        ] {
            assert_eq!(is_safe(value), kept, "{value}");
        }
    }
}
