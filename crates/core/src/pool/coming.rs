//! A job that is not in the pool's line, as its gate tells of it, for an estimate.

use crate::{
    domain::{JobId, Kind, Rank, Stage, Timestamp},
    estimate::{Mark, Parked, lengths::Spreads},
};
use serde::{Deserialize, Serialize};

/// A job that comes into the line later.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Coming {
    /// What it makes.
    pub kind: Kind,
    /// The stage that it runs next.
    pub stage: Stage,
    /// Its place in the line, if it came now.
    pub rank: Rank,
    /// Its rank counts from when it comes.
    pub ages_later: bool,
    /// It does not come before.
    pub not_before: Option<Timestamp>,
    /// What it waits for first, if it does.
    pub parked: Option<Own>,
}

impl Coming {
    /// What it waits for, by what is known of lengths.
    pub(crate) fn parked(&self, spreads: &Spreads, own: &Own) -> Parked {
        let before = own.before.iter();
        Parked {
            leases: own.leases.iter().map(Mark::of).collect(),
            held: own.held,
            above: own.above,
            before: before
                .map(|before| (spreads.find(&before.kind, before.stage), before.count))
                .collect(),
            spread: spreads.find(&self.kind, self.stage),
        }
    }
}

/// What the user's own jobs have to do with it: they are at a limit, and it is parked.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Own {
    /// Jobs that hold leases under that limit; some of them, if they are many.
    pub leases: Vec<JobId>,
    /// How many do.
    pub held: u32,
    /// Of these, how many are above the limit.
    pub above: u32,
    /// Parked jobs that go before it.
    pub before: Vec<Before>,
}

/// So many jobs of a kind that begin at that stage.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Before {
    /// The kind.
    pub kind: Kind,
    /// The stage.
    pub stage: Stage,
    /// How many.
    pub count: u32,
}
