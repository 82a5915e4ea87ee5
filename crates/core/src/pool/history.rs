//! What the pool remembers of jobs that came and ended, in memory: enough to say when a job's turn comes. It decides nothing;
//! after an eviction nothing is told until enough was seen again.

use super::claim::Claim;
use crate::{
    domain::Timestamp,
    estimate::{Arrival, Arrivals, Lengths},
    line::want::Want,
};
use std::{rc::Rc, time::Duration};

/// A slot that is free beside a line for so long is one that nobody serves.
const IDLE_MAX: Duration = Duration::from_secs(5);

/// What was seen lately. A turn copies it only to change it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct History {
    lengths: Rc<Lengths>,
    arrivals: Rc<Arrivals>,
    /// Since when a slot is free beside a line.
    idle: Option<Timestamp>,
}

impl History {
    /// A job came into the line, or back into it.
    pub(super) fn came(&mut self, want: &Want, boost: Duration, now: Timestamp) {
        // Its age counts from when the limit had room for it.
        let is_next = want.rank > want.ticket.rank(boost);
        let arrivals = Rc::make_mut(&mut self.arrivals);
        arrivals.add(Arrival::of(want.rank, now, is_next));
    }

    /// A job that had run gives its slot back.
    pub(super) fn ended(&mut self, claim: &Claim, now: Timestamp) {
        if let Some(since) = claim.since {
            let lengths = Rc::make_mut(&mut self.lengths);
            let (kind, stage) = (&claim.want.ticket.kind, claim.stage());
            lengths.add(kind, stage, now, now.millis_since(since));
        }
    }

    /// Whether, at the end of a turn, a slot is free beside a line.
    pub(super) fn idles(&mut self, is_idle: bool, now: Timestamp) {
        self.idle = self.idle.filter(|_| is_idle).or(is_idle.then_some(now));
    }

    /// Whether one has been for so long that nobody seems to serve it.
    pub(super) fn is_unserved(&self, now: Timestamp) -> bool {
        self.idle.is_some_and(|idle| now > idle.after(IDLE_MAX))
    }

    pub(super) fn lengths(&self) -> &Lengths {
        &self.lengths
    }

    pub(super) fn arrivals(&self) -> &Arrivals {
        &self.arrivals
    }
}
