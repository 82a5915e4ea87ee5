//! Who runs when: five policies over the same trace.
//!
//! - [`fifo`]: first come, first served.
//! - [`batch_sort`]: the obvious design, batches of ten sorted by priority, a counter, and `retry()`.
//! - [`per_tier`]: one queue a tier, each with a fixed share of the slots.
//! - [`ours`]: the product's own decisions, with the queue between them.
//! - [`ideal`]: non-preemptive strict priority, with a hand-over that takes no time.
//!
//! All keep the limits of the tiers. `fifo`, `per_tier` and `ideal` hand over in no time, which no queue
//! does; [`mod@line`] serves them.

pub mod agenda;
pub mod batch_sort;
pub mod fifo;
pub mod ideal;
pub mod line;
pub mod ours;
pub mod per_tier;
pub mod window;

use crate::{ledger::Outcome, trace::Trace};
use queue_core::config::Config;

/// A policy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Policy {
    /// First come, first served.
    Fifo,
    /// The obvious design.
    BatchSort,
    /// One queue a tier.
    QueuePerTier,
    /// The product.
    Ours,
    /// Strict priority.
    Ideal,
}

impl Policy {
    /// All, in the order of the tables.
    pub const ALL: [Self; 5] = [
        Self::Fifo,
        Self::BatchSort,
        Self::QueuePerTier,
        Self::Ours,
        Self::Ideal,
    ];

    /// Its name in tables and results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fifo => "fifo",
            Self::BatchSort => "batch-sort",
            Self::QueuePerTier => "queue-per-tier",
            Self::Ours => "ours",
            Self::Ideal => "ideal",
        }
    }

    /// Serves the trace.
    #[must_use]
    pub fn serve(self, trace: &Trace, config: &Config) -> Outcome {
        match self {
            Self::Fifo => line::serve(trace, &config.gate, &fifo::discipline(trace)),
            Self::BatchSort => batch_sort::serve(trace, &config.gate),
            Self::QueuePerTier => line::serve(trace, &config.gate, &per_tier::discipline(trace)),
            Self::Ours => ours::serve(trace, config, ours::Transport::QUEUE),
            Self::Ideal => line::serve(trace, &config.gate, &ideal::discipline(trace)),
        }
    }
}
