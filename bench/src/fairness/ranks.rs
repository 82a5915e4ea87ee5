//! From when a job's age counts among the jobs of all users: three answers, each with a perfect hand-over.

use crate::{ledger::rank, policies::line::Discipline, trace::Trace};
use queue_core::config::GateConfig;

/// From when a job's age counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Age {
    /// Its submission.
    Submission,
    /// A virtual start: the user's jobs are spaced as if its limit ran them on an empty system.
    Spacing,
    /// When its user's limit had room for it: what the product does.
    Room,
}

impl Age {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Submission, Self::Spacing, Self::Room];

    /// Its name in tables and results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Submission => "submission",
            Self::Spacing => "spacing",
            Self::Room => "room",
        }
    }

    /// One line by rank. `mean` is the service time that spacing expects, in milliseconds.
    #[must_use]
    pub fn discipline(self, trace: &Trace, config: &GateConfig, mean: i64) -> Discipline {
        let spaced = spaced(trace, config, mean);
        let config = config.clone();
        Discipline {
            slots: vec![trace.slots],
            line_of: |_| 0,
            key: Box::new(move |job, arrival, room| {
                let from = match self {
                    Self::Submission => arrival.at,
                    Self::Spacing => spaced[job],
                    Self::Room => room,
                };
                rank(&config, from, arrival.tier)
            }),
        }
    }
}

/// S(n) = max(submitted(n), S(n−1) + mean / limit) for the jobs of each user.
fn spaced(trace: &Trace, config: &GateConfig, mean: i64) -> Vec<i64> {
    let mut next = vec![i64::MIN; trace.users.len()];
    let tag = |arrival: &crate::trace::Arrival| {
        let limit = config.tiers.of(arrival.tier).max_concurrent_jobs;
        let start = arrival.at.max(next[arrival.user]);
        next[arrival.user] = start + mean / i64::from(limit);
        start
    };
    trace.arrivals.iter().map(tag).collect()
}
