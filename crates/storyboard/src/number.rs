//! Numbers: whole and real, and how markup writes them.

use std::fmt;

/// The nearest whole number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates; no coordinate comes near the limits"
)]
pub(super) fn whole(value: f64) -> i64 {
    value.round() as i64
}

/// A count as a number to calculate with.
pub(super) fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A length: small ones, which shape details, have one decimal; large ones, which place them, none.
#[derive(Clone, Copy)]
pub(super) struct N(pub(super) f64);

impl fmt::Display for N {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.abs() >= 100.0 {
            return write!(formatter, "{}", whole(self.0));
        }
        let tenths = whole(self.0 * 10.0);
        let sign = if tenths < 0 { "-" } else { "" };
        let (units, rest) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
        if rest == 0 {
            write!(formatter, "{sign}{units}")
        } else {
            write!(formatter, "{sign}{units}.{rest}")
        }
    }
}

/// A share, with two decimals.
#[derive(Clone, Copy)]
pub(super) struct Percent(pub(super) f64);

impl fmt::Display for Percent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = whole(self.0.clamp(0.0, 1.0) * 100.0);
        if hundredths == 100 {
            return formatter.write_str("1");
        }
        write!(formatter, ".{hundredths:02}")
    }
}

/// A scale, with two decimals.
#[derive(Clone, Copy)]
pub(super) struct Hundredths(pub(super) f64);

impl fmt::Display for Hundredths {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hundredths = whole(self.0 * 100.0).unsigned_abs();
        write!(formatter, "{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::{N, Percent};

    #[test]
    fn small_numbers_keep_one_decimal_and_large_ones_none() {
        let cases = [
            (0.0, "0"),
            (-0.04, "0"),
            (1.25, "1.3"),
            (-0.5, "-0.5"),
            (12.0, "12"),
            (-7.96, "-8"),
            (1234.56, "1235"),
        ];
        for (value, text) in cases {
            assert_eq!(N(value).to_string(), text);
        }
    }

    #[test]
    fn shares_keep_two_decimals() {
        assert_eq!(Percent(0.05).to_string(), ".05");
        assert_eq!(Percent(1.7).to_string(), "1");
    }
}
