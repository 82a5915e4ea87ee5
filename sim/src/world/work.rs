//! What is under way: messages, deliveries, and jobs in their hands; and what rests.

use queue_core::{
    delivery::{Delivery, assignment::Assignment, settlement::Settlement, stage::Ending},
    domain::{Blame, JobId, ReplayId},
    failures,
    gate::Command,
    line::want::{Holding, Want},
};
use std::collections::{BTreeMap, BTreeSet};

/// A message.
pub(super) struct Message {
    pub(super) body: String,
    pub(super) attempts: u32,
}

/// The queue and its dead letters.
#[derive(Default)]
pub(super) struct Queue {
    pub(super) messages: Vec<Message>,
    pub(super) ready: Vec<usize>,
    pub(super) timer: bool,
}

/// One delivery under way.
pub(super) struct Consumer {
    /// Messages, and how each is settled; `None` where its job decides.
    pub(super) messages: Vec<(usize, Option<JobId>, Settlement)>,
    /// Jobs that gates are asked to start.
    pub(super) questions: BTreeMap<usize, Vec<Want>>,
    pub(super) asked: usize,
    pub(super) delivery: Delivery,
    /// What runs, as its exchange under way says.
    pub(super) told: Vec<Holding>,
    /// The lease of each job that it ever started.
    pub(super) leases: BTreeMap<(JobId, u32), (usize, u32)>,
    /// When it looks again by itself.
    pub(super) tick: Option<i64>,
    /// Where it runs.
    pub(super) isolate: usize,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Phase {
    Waiting,
    Working,
    /// What was made is on its way to the bucket.
    Uploading,
    Reporting,
    Ended,
}

/// How the generator will end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fate {
    Made,
    Transient,
    Permanent,
    /// A back end is out, and says perhaps until when.
    Out(Blame),
}

/// A job in the hands of a delivery.
pub(super) struct Task {
    pub(super) delivery: usize,
    pub(super) job: usize,
    pub(super) user: usize,
    pub(super) assignment: Assignment,
    pub(super) lease: (usize, u32),
    pub(super) phase: Phase,
    pub(super) fate: Fate,
    /// It was given up while it uploaded, which is awaited.
    pub(super) given_up: Option<Ending>,
    pub(super) report: Option<Command>,
    pub(super) tries: u32,
    /// When the generator was called.
    pub(super) began: i64,
}

impl Task {
    pub(super) fn new(
        (delivery, job, user): (usize, usize, usize),
        assignment: Assignment,
        lease: (usize, u32),
    ) -> Self {
        let (phase, fate) = (Phase::Waiting, Fate::Made);
        Self {
            delivery,
            job,
            user,
            assignment,
            lease,
            phase,
            fate,
            given_up: None,
            report: None,
            tries: 0,
            began: 0,
        }
    }

    pub(super) fn is_at_work(&self) -> bool {
        matches!(self.phase, Phase::Working | Phase::Uploading) && self.given_up.is_none()
    }

    pub(super) fn lease_of(&self) -> (JobId, u32) {
        let Holding { job_id, epoch } = self.assignment.holding();
        (job_id, epoch)
    }
}

/// Artifacts, by job and epoch.
pub(super) type Bucket = BTreeSet<(usize, u32)>;

/// A deletion that a gate waits for.
pub(super) struct Purge {
    pub(super) gate: usize,
    /// The gate's memory of it is lost with its life.
    pub(super) life: usize,
    pub(super) deleted: Vec<JobId>,
    pub(super) failed: Vec<JobId>,
}

/// A stage whose back end was out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Met {
    /// When a job met that last.
    pub(super) at: i64,
    /// When a job that began later had succeeded.
    pub(super) back: Option<i64>,
}

/// What rests.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// When each user got another tier last.
    pub(super) repriced: BTreeMap<usize, i64>,
    /// Since when a slot is free beside a job that could run, without any start.
    pub(super) resting: Option<i64>,
    /// How many had started when that was looked at last.
    pub(super) starts: usize,
    /// The latest success at each stage: whose, and when.
    pub(super) well: BTreeMap<usize, (usize, i64)>,
    /// Since when a back end is paused, as the operator was answered.
    pub(super) paused: Option<i64>,
    /// Whether the operator has had it go on.
    pub(super) resumed: Resumed,
    /// Jobs that the operator let through.
    pub(super) through: BTreeSet<usize>,
    /// The stages at which jobs met outages.
    pub(super) met_at: BTreeMap<usize, Met>,
    /// When jobs met outages lately, and whose they were.
    pub(super) met: Vec<(i64, usize)>,
    /// Since when enough met an outage that all must hear of it, and how often one was met since.
    pub(super) out: Option<(i64, i64)>,
    /// Jobs that met outages: at which stage, how often in a row, and when last.
    pub(super) outs: BTreeMap<usize, (usize, u32, i64)>,
    /// Jobs that were passed by another: which, by which, and by when they must have started.
    pub(super) passed: Vec<(i64, usize, usize)>,
}

/// Gates that are being asked on behalf of one replay.
pub(super) struct Asking {
    pub(super) id: ReplayId,
    /// The life of the list in which they were asked.
    pub(super) life: usize,
    pub(super) answers: Vec<(u32, failures::Answer)>,
    /// Those that have not answered.
    pub(super) left: usize,
}

/// Whether the operator has had the back end go on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Resumed {
    #[default]
    Not,
    Once,
    Surely,
}
