//! One queue a tier, each with slots of its own: what Cloudflare's `max_concurrency` a queue gives.

use super::line::Discipline;
use crate::trace::Trace;

/// Of 24 slots; the shares of the arrivals are 60, 25, 10 and 5 %, and the two highest tiers get more than theirs.
const SHARES: [u32; 4] = [13, 6, 3, 2];

/// Four lines, by time.
///
/// # Panics
/// When the slots are no multiple of 24.
#[must_use]
pub fn discipline(trace: &Trace) -> Discipline {
    let slots: Vec<u32> = SHARES
        .iter()
        .map(|share| share * trace.slots / 24)
        .collect();
    assert_eq!(
        slots.iter().sum::<u32>(),
        trace.slots,
        "a multiple of 24 slots"
    );
    Discipline {
        slots,
        line_of: |tier| tier as usize,
        key: Box::new(|_, arrival, _| arrival.at),
    }
}
