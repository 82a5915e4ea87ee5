//! What may be asked of a pool, and what it answers. Pinned by golden tests like the gate's.

use crate::{
    domain::{JobId, Rank, Ticket},
    gate::command::{Grant, Holding},
    line::pace::Pace,
};
use serde::{Deserialize, Serialize};

/// A job that wants a slot, under the lease that its consumer holds.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Want {
    /// What to send when it has waited for its slot.
    pub ticket: Ticket,
    /// The epoch of the lease.
    pub epoch: u32,
    /// Its place in the line.
    pub rank: Rank,
}

impl Want {
    /// What a job wants that its gate admitted: by the grant, since the gate's row decides, not the ticket.
    #[must_use]
    pub fn new(ticket: &Ticket, grant: &Grant) -> Self {
        Self {
            ticket: Ticket {
                kind: grant.kind,
                stage: grant.stage,
                tier: grant.tier,
                priority: grant.priority,
                epoch: Some(grant.epoch),
                ..ticket.clone()
            },
            epoch: grant.epoch,
            rank: grant.rank,
        }
    }
}

/// What may be asked of a pool. Every command may be repeated.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "op")]
pub enum Command {
    /// These jobs would run; which of them may? What is freed goes to the best of them and of those in line.
    Claim {
        /// The jobs, without repetition, best rank first.
        wants: Vec<Want>,
        /// Jobs that need no slot any more.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        freed: Vec<Holding>,
        /// Whether the caller takes the tickets of jobs that this turn grants a slot, instead of the queue.
        #[serde(default, skip_serializing_if = "is_false")]
        takes: bool,
    },
    /// These jobs need no slot any more.
    Release {
        /// The jobs.
        jobs: Vec<Holding>,
    },
    /// These jobs still run.
    Renew {
        /// The jobs.
        jobs: Vec<Holding>,
    },
    /// The alarm rang: do all that is due.
    Wake,
    /// Where does this job stand?
    Place {
        /// The job.
        job_id: JobId,
    },
}

impl Command {
    /// Claims slots, frees none, and leaves tickets to the queue.
    #[must_use]
    pub const fn claim(wants: Vec<Want>) -> Self {
        Self::Claim {
            wants,
            freed: Vec::new(),
            takes: false,
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// What became of a want.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Claimed {
    /// It has a slot: run it.
    Slot,
    /// It is in the line; its ticket comes when a slot is free.
    Parked,
    /// A later lease has claimed for the job.
    Stale,
}

/// Where a job stands in the pool's line.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Its place among the parked, the next being 1, counted up to
    /// [`POSITION_MAX`](crate::line::POSITION_MAX); `None` when it has a slot or is unknown.
    pub position: Option<u32>,
    /// Slots taken.
    pub active: u32,
    /// Slots in all.
    pub capacity: u32,
    /// How fast the line moved lately, where enough of it did.
    pub pace: Option<Pace>,
}

/// What a pool answers.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "is")]
pub enum Reply {
    /// One answer a want, in the order asked.
    Claimed {
        /// The answers.
        claimed: Vec<Claimed>,
        /// Slots taken afterwards.
        active: u32,
        /// Slots in all.
        capacity: u32,
        /// Tickets that the caller takes, best rank first; the pool owes each until the job's slot is claimed,
        /// renewed or released.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tickets: Vec<Ticket>,
    },
    /// The jobs among those renewed that have no slot any more: stop working on them.
    Renewed {
        /// The jobs.
        lost: Vec<JobId>,
    },
    /// Where a job stands.
    Place {
        /// The place.
        place: Place,
    },
    /// Done.
    Done,
}
