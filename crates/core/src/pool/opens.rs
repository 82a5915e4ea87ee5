//! From when a back end lets jobs begin again, where that is known: estimates rest on it.

use super::outages::{Closed, Outages};
use crate::domain::{Stage, Timestamp};

/// From when jobs may begin a stage, as far as anybody knows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Opens {
    /// At once.
    Now,
    /// From then on.
    At {
        /// When.
        until: Timestamp,
        /// Then one tries first.
        is_tried: bool,
    },
    /// Nobody knows.
    Unknown,
}

impl Outages {
    /// From when jobs may begin that stage: known where an operator or the back end itself named the time. A breaker that chose
    /// it knows nothing, nor does anybody while one job tries.
    pub(super) fn opens(&self, stage: Stage, now: Timestamp) -> Opens {
        let mut opens = Opens::Now;
        for (_, closed) in self.of(stage) {
            opens = match (opens, closed.opens(stage, now)) {
                (Opens::Unknown, _) | (_, Opens::Unknown) => Opens::Unknown,
                (Opens::Now, other) | (other, Opens::Now) => other,
                (
                    Opens::At { until, is_tried },
                    Opens::At {
                        until: other,
                        is_tried: also,
                    },
                ) => Opens::At {
                    until: until.max(other),
                    is_tried: is_tried || also,
                },
            };
        }
        opens
    }
}

impl Closed {
    fn opens(&self, stage: Stage, now: Timestamp) -> Opens {
        let paused = match self.pause(now).map(|pause| pause.until) {
            Some(None) => return Opens::Unknown,
            Some(until) => until,
            None => None,
        };
        let Some(outage) = self.outage(stage) else {
            return paused.map_or(Opens::Now, |until| Opens::At {
                until,
                is_tried: false,
            });
        };
        if !outage.is_named || !outage.holds(now) {
            return Opens::Unknown;
        }
        Opens::At {
            until: paused.map_or(outage.until, |until| until.max(outage.until)),
            is_tried: true,
        }
    }
}
