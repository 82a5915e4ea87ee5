//! The bound of every integer that passes through JavaScript.

use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

/// Largest integer that a JavaScript number holds exactly: 2^53 − 1 (ECMA-262 `Number.MAX_SAFE_INTEGER`).
pub const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// Whether JavaScript represents it exactly.
#[must_use]
pub const fn is_safe(value: i64) -> bool {
    -MAX_SAFE_INTEGER <= value && value <= MAX_SAFE_INTEGER
}

/// The whole number that a value is, however JSON writes it: `640`, `640.0` and `6.4e2` are the same.
#[must_use]
pub fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "what is not whole and safe is refused below"
        )]
        let number = value.as_f64()? as i64;
        #[expect(clippy::cast_precision_loss, reason = "a safe integer has none")]
        let is_whole = is_safe(number) && value.as_f64() == Some(number as f64);
        is_whole.then_some(number)
    })
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
    fn a_whole_number_may_be_written_as_a_fraction_or_with_an_exponent() {
        for (text, number) in [
            ("640", Some(640)),
            ("640.0", Some(640)),
            ("6.4e2", Some(640)),
            ("6400E-1", Some(640)),
            ("-0.0", Some(0)),
            ("-640.0", Some(-640)),
            ("1e15", Some(1_000_000_000_000_000)),
            ("1e16", None),
            ("640.5", None),
            ("1e308", None),
            ("-1e308", None),
            ("18446744073709551615", None),
            ("\"640\"", None),
            ("null", None),
        ] {
            let value = serde_json::from_str(text).unwrap();
            assert_eq!(whole(&value), number, "{text}");
        }
    }

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
