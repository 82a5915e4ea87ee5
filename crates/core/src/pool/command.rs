//! What may be asked of a pool, and what it answers. Pinned by golden tests like the gate's.

use super::{
    coming::Coming,
    outage::{Fault, Pause, Well},
    outages::{Halt, Outages},
};
use crate::{
    domain::{Backend, JobId, Stage, Timestamp, integer},
    estimate::Estimate,
    line::want::{Holding, Want},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What gates tell: jobs that came, and jobs that are gone. What is gone is taken out first.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tell {
    /// Jobs that hold a lease and wait for their turn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wants: Vec<Want>,
    /// Jobs that need neither a slot nor a place in the line any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<Holding>,
    /// Whether a ticket of the caller follows.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ticketed: bool,
}

impl Tell {
    /// Whether there is nothing to tell.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.wants.is_empty() && self.gone.is_empty()
    }

    /// Adds what was found out since: the newer word about a job replaces the older one.
    pub fn add(&mut self, newer: Self) {
        let is_newer = |want: &Want| {
            let replaced = newer.wants.iter().any(|new| new.job_id() == want.job_id());
            let left = |gone: &Holding| gone.job_id == *want.job_id() && gone.epoch >= want.epoch();
            replaced || newer.gone.iter().any(left)
        };
        self.wants.retain(|want| !is_newer(want));
        self.wants.extend(newer.wants);
        self.gone.retain(|gone| !newer.gone.contains(gone));
        self.gone.extend(newer.gone);
    }
}

/// How much a delivery can take.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
    /// Places that are free.
    pub places: u32,
    /// How much the jobs for them may weigh together, in bytes.
    #[serde(deserialize_with = "integer::safe")]
    pub room: i64,
    /// Nothing runs where it runs: it takes one job of any weight.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_idle: bool,
    /// Its budget is used up: it takes only what no other has a place for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_spent: bool,
    /// Jobs that it was given and whose start it has not confirmed, each under the lease that it knows of. Any others, and
    /// newer leases, were given in an answer that it did not get.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<Holding>,
}

impl Offer {
    /// Whether it has that job, under this lease or a newer one.
    pub(super) fn has(&self, job_id: &JobId, epoch: u32) -> bool {
        let mut has = self.has.iter();
        has.any(|held| held.job_id == *job_id && held.epoch >= epoch)
    }
}

/// What a delivery tells and asks in one call. It makes one such call at a time.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// Which delivery.
    pub delivery: String,
    /// When it began.
    pub began: Timestamp,
    /// The number of this call among all of the delivery; one that arrives after a later one asks for nothing.
    pub call: u32,
    /// Whether this is its first call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_first: bool,
    /// Jobs that it gives up: their slots are free.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freed: Vec<Holding>,
    /// Jobs that it heard of from their gates, or gives back unstarted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wants: Vec<Want>,
    /// Jobs that run: starts to be confirmed, or slots to be renewed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub running: Vec<Holding>,
    /// What it can take.
    pub offer: Offer,
    /// Whether a call of its own waits for work, as far as it knows: what that was answered with is on the way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub listens: bool,
    /// Whether it goes on if it gets nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stays: bool,
    /// The latest success at each stage since its last call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub well: Vec<Well>,
    /// Faults of back ends that its jobs met.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
}

/// A delivery waits for work: the call is answered as soon as there is some.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listen {
    /// Which delivery.
    pub delivery: String,
    /// When it began.
    pub began: Timestamp,
    /// The number of this call among all of the delivery.
    pub call: u32,
    /// What it can take.
    pub offer: Offer,
}

/// What may be asked of a pool. Every command may be repeated.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "op")]
pub enum Command {
    /// A gate tells of jobs.
    Tell(Tell),
    /// A delivery tells and asks.
    Exchange(Exchange),
    /// A delivery waits for work.
    Listen(Listen),
    /// The alarm rang: do all that is due.
    Wake,
    /// Where does this job stand, and when does its turn come?
    Place {
        /// The job.
        job_id: JobId,
        /// How it comes into the line, if it is not there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        coming: Option<Box<Coming>>,
    },
    /// How many jobs are in the line?
    Backlog {
        /// How far to count.
        most: u32,
    },
    /// An operator pauses a back end, or has it go on.
    Pause {
        /// Which one.
        backend: Backend,
        /// The pause; none: it goes on.
        pause: Option<Pause>,
    },
    /// An operator lets a job through whatever holds its back ends.
    Let {
        /// The job.
        job_id: JobId,
    },
    /// What holds each back end?
    Backends,
}

impl Command {
    /// The delivery that listens, if this is its call.
    #[must_use]
    pub fn listener(&self) -> Option<&str> {
        match self {
            Self::Listen(listen) => Some(&listen.delivery),
            Self::Tell(_)
            | Self::Exchange(_)
            | Self::Wake
            | Self::Place { .. }
            | Self::Backlog { .. }
            | Self::Pause { .. }
            | Self::Let { .. }
            | Self::Backends => None,
        }
    }
}

/// Where a job stands in the pool's line.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Its place in the line, the next being 1, counted up to
    /// [`POSITION_MAX`](crate::line::POSITION_MAX); `None` when it has a slot or is unknown.
    pub position: Option<u32>,
    /// Slots taken.
    pub active: u32,
    /// Slots in all.
    pub capacity: u32,
    /// When its turn comes, where enough is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
    /// Why it may not begin, if a back end holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halt: Option<Halt>,
}

/// What a delivery gets.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Given {
    /// Jobs to start, each with a slot, best rank first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<Want>,
    /// Of the jobs that run, those that have no slot any more: stop working on them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<JobId>,
    /// Take nothing more, so that the queue sees a delivery end and adds consumers: slots are free, jobs wait, and
    /// nobody has a place for them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub yields: bool,
    /// Stages that no job may begin now: those that run go on with another only through the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Stage>,
}

/// What a pool answers.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "is")]
pub enum Reply {
    /// What a delivery gets.
    Given(Given),
    /// There is nothing for who listens: the answer comes when there is, as [`Reply::Given`].
    Held,
    /// Where a job stands.
    Place {
        /// The place.
        place: Place,
    },
    /// How many jobs are in the line.
    Backlog {
        /// Counted as far as was asked.
        waiting: u32,
    },
    /// The gate's word was heard; breakers are open.
    Told {
        /// The stages that they hold, and since when.
        out: BTreeMap<Stage, Timestamp>,
    },
    /// What holds each back end.
    Backends {
        /// All that holds any.
        outages: Outages,
    },
    /// Done.
    Done,
}
