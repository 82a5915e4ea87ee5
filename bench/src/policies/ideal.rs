//! The ideal for whoever pays most: strict priority, first come first served within a tier. No order of
//! service that does not interrupt jobs can serve the highest tier faster; the lowest starves.

use super::line::Discipline;
use crate::trace::Trace;

/// Longer than any trace, in milliseconds.
const FAR: i64 = 1 << 40;

/// One line, by tier and then by time.
#[must_use]
pub fn discipline(trace: &Trace) -> Discipline {
    Discipline {
        slots: vec![trace.slots],
        line_of: |_| 0,
        key: Box::new(|_, arrival, _| arrival.at - arrival.tier as i64 * FAR),
    }
}
