//! When a ticket is sent to bring a delivery: one, and another only if none begins.

use crate::domain::Timestamp;
use std::time::Duration;

/// How long a ticket may take to bring a delivery before another is sent; doubles up to [`TICKET_MAX`].
pub(super) const TICKET_WITHIN: Duration = Duration::from_secs(10);

/// Longest pause between two tickets while nobody comes.
const TICKET_MAX: Duration = Duration::from_mins(1);

/// The ticket that is on its way, if one is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Ticketing(Option<Ticketed>);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Ticketed {
    until: Timestamp,
    times: u32,
}

impl Ticketing {
    /// A ticket of somebody else's is on its way.
    pub(super) fn follows(&mut self, now: Timestamp) {
        self.0.get_or_insert(Ticketed {
            until: now.after(TICKET_WITHIN),
            times: 0,
        });
    }

    /// A delivery began.
    pub(super) const fn begins(&mut self) {
        self.0 = None;
    }

    /// A slot is free beside a line, and nobody is there: whether a ticket must be sent now, and when to look again.
    pub(super) fn calls(&mut self, now: Timestamp) -> (bool, Timestamp) {
        let times = match self.0 {
            // Not where the clock was set back since.
            Some(Ticketed { until, .. }) if now < until && until <= now.after(TICKET_MAX) => {
                return (false, until);
            }
            Some(Ticketed { times, .. }) => times,
            None => 0,
        };
        let pause = (TICKET_WITHIN * 2_u32.saturating_pow(times.min(8))).min(TICKET_MAX);
        let until = now.after(pause);
        let times = times.saturating_add(1);
        self.0 = Some(Ticketed { until, times });
        (true, until)
    }
}
