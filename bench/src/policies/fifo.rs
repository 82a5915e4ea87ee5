//! First come, first served: one line.

use super::line::Discipline;
use crate::trace::Trace;

/// One line, by time.
#[must_use]
pub fn discipline(trace: &Trace) -> Discipline {
    Discipline {
        slots: vec![trace.slots],
        line_of: |_| 0,
        key: Box::new(|_, arrival, _| arrival.at),
    }
}
