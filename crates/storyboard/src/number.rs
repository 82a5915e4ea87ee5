//! Numbers, whole and real.

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
