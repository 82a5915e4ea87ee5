//! What may be asked of a gate, and what it answers: the wire between the Worker and its objects.
//!
//! During a deploy the two sides may run different builds, so these shapes are pinned by golden tests:
//! fields are only ever added, with a default.

use super::job::{ArtifactRecord, Job, State};
use crate::{
    domain::{JobId, Kind, Plan, SeriesId, Stage, Tier, Timestamp, UserId, plan::PlanName},
    line::{
        pace::Pace,
        want::{Holding, Want},
    },
};
use serde::{Deserialize, Serialize};

pub use super::account::{PlanChange, PlanEvent, PlanOutcome, PlanStep};

/// A call to the gate of one user.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// Whose gate; an object does not know its own name.
    pub user_id: UserId,
    /// What to do.
    pub command: Command,
}

/// A key under which a client repeats a submission.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IdempotencyKey {
    /// The client's key, unique per user.
    pub key: String,
    /// What was submitted under it, as a digest.
    pub fingerprint: String,
}

/// A job to be recorded.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewJob {
    /// Its id; a repeated call with the same id changes nothing.
    pub job_id: JobId,
    /// What it makes.
    pub kind: Kind,
    /// The series it belongs to.
    pub series_id: SeriesId,
    /// The tier that the caller states, if any.
    pub stated_tier: Option<Tier>,
    /// The best tier that the caller may state where no plan is known, and the one that holds if it states none;
    /// `None`: the caller's word counts.
    #[serde(default)]
    pub tier_ceiling: Option<Tier>,
    /// Length of the script in characters, for the quota.
    #[serde(default)]
    pub script_chars: u32,
    /// About what it takes while it runs, in bytes.
    #[serde(default)]
    pub weight: u32,
    /// The payload for the generator: a JSON text, kept to the letter.
    pub payload: String,
    /// The client's key, if it sent one.
    pub idempotency: Option<IdempotencyKey>,
}

/// Which jobs a question is about.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobFilter {
    /// Only jobs in this state.
    pub state: Option<State>,
    /// Only jobs of this series.
    pub series_id: Option<SeriesId>,
    /// Only jobs before this one (newest first).
    pub before: Option<JobId>,
    /// At most so many.
    pub limit: u32,
}

/// What a delivery would do after a report.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Going {
    /// It runs the job's next stage right away, in the same place and slot.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on: bool,
    /// It takes along what the freed lease goes to: to the pool with its next call, or, where there is none, to its
    /// own places. Otherwise the gate tells the pool, or sends the tickets.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub carries: bool,
}

/// What is bounded.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Quota {
    /// Jobs in a calendar month, UTC.
    JobsPerMonth,
    /// Characters of one script.
    MaxScriptChars,
    /// Jobs that wait: queued, parked or retrying.
    MaxParkedJobs,
}

/// A submission that was refused.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exceeded {
    /// What is bounded.
    pub quota: Quota,
    /// The user's tier, whose quota it is.
    pub tier: Tier,
    /// The bound.
    pub limit: u32,
    /// What was used before it; of a script, its length.
    pub used: u32,
    /// When all of it can be used again, where time alone brings that about.
    pub resets_at: Option<Timestamp>,
}

/// How much of a month's quota is used.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MonthUse {
    /// The bound.
    pub limit: u32,
    /// Jobs that count.
    pub used: u32,
    /// When the next month begins.
    pub ends_at: Timestamp,
}

/// What may be asked of a gate.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "op")]
pub enum Command {
    /// Record a job.
    Submit(NewJob),
    /// A delivery is about to run these jobs; may it?
    Start {
        /// The delivery that asks; asking again gets the same answer.
        holder: String,
        /// The jobs, without repetition, each under the epoch of its lease.
        jobs: Vec<Holding>,
    },
    /// The current stage succeeded.
    Complete {
        /// The job.
        job_id: JobId,
        /// The holder's epoch.
        epoch: u32,
        /// What the stage made, already stored.
        artifacts: Vec<ArtifactRecord>,
        /// What its delivery would do next.
        #[serde(default)]
        going: Going,
    },
    /// The current stage failed.
    Fail {
        /// The job.
        job_id: JobId,
        /// The holder's epoch.
        epoch: u32,
        /// Whether another attempt is pointless.
        permanent: bool,
        /// A stable word.
        code: String,
        /// A sentence.
        message: String,
        /// A random number, evenly spread, for the jitter of the pause.
        entropy: u32,
        /// What its delivery would do next.
        #[serde(default)]
        going: Going,
    },
    /// The holder lost its slot: the job waits for another one, under its lease. No attempt is spent.
    Requeue {
        /// The job.
        job_id: JobId,
        /// The holder's epoch.
        epoch: u32,
        /// What its delivery would do next.
        #[serde(default)]
        going: Going,
    },
    /// The holder is still at it.
    Renew {
        /// The job.
        job_id: JobId,
        /// The holder's epoch.
        epoch: u32,
    },
    /// The job's ticket ended in the dead-letter queue.
    Bury {
        /// The job.
        job_id: JobId,
        /// A sentence.
        message: String,
    },
    /// The user wants the job to end.
    Cancel {
        /// The job.
        job_id: JobId,
    },
    /// The user's plan is another from now on, and so may be the tier.
    SetPlan(PlanChange),
    /// End what waits, ask what runs to stop, and forget everything about the user.
    DeleteUser,
    /// The artifacts of these finished jobs are gone; forget the jobs.
    Forget {
        /// The jobs.
        jobs: Vec<JobId>,
    },
    /// The pool knows that these are gone.
    Told {
        /// The jobs.
        gone: Vec<Holding>,
    },
    /// The alarm rang: do all that is due.
    Wake {
        /// A random number, evenly spread, for the jitter of pauses.
        entropy: u32,
    },
    /// How is the user doing?
    Account,
    /// One job.
    Job {
        /// The job.
        job_id: JobId,
    },
    /// Several jobs, newest first.
    Jobs(JobFilter),
}

/// A job that may run: all its holder needs.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// The epoch to report under.
    pub epoch: u32,
    /// What the job makes.
    pub kind: Kind,
    /// The stage to run.
    pub stage: Stage,
    /// The job's tier.
    pub tier: Tier,
    /// The job's priority.
    pub priority: u32,
    /// Which attempt of the stage this is; the first is 1.
    pub attempt: u32,
    /// From submission to the start of the job, in milliseconds; only with its first start.
    pub wait_ms: Option<i64>,
    /// The user's leases, this one included.
    pub active: u32,
    /// The user's limit.
    pub limit: u32,
    /// The payload.
    pub payload: String,
}

/// Why a job is not to be run.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SkipReason {
    /// Somebody is at it.
    AlreadyRunning,
    /// It is in the waiting line already.
    AlreadyParked,
    /// It waits out its back-off.
    Retrying,
    /// It holds another lease by now; that one brings it.
    OtherLease,
    /// It has ended.
    Ended,
    /// The gate does not know it: it was forgotten, or never accepted.
    Unknown,
}

/// Whether a job may run.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "is")]
pub enum Start {
    /// Run it.
    Run(Grant),
    /// Nothing to do.
    Skip {
        /// Why.
        reason: SkipReason,
    },
}

/// What became of a holder's report.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Recorded.
    Accepted,
    /// This holder's report was recorded before.
    Repeated,
    /// The lease is another's by now; nothing was changed.
    Stale,
}

/// Where a user's tier comes from.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TierSource {
    /// The plan.
    Plan,
    /// A caller stated it.
    Stated,
    /// Nobody said anything.
    #[default]
    Default,
}

/// A user's plan and what it gives now.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// Which of its parts gives the tier.
    pub name: PlanName,
    /// The plan.
    pub plan: Plan,
    /// When time alone takes the tier away.
    pub until: Option<Timestamp>,
}

/// Where a user stands.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// The user's tier.
    pub tier: Tier,
    /// The tier's limit.
    pub limit: u32,
    /// Jobs that hold a lease.
    pub active: u32,
    /// Jobs in the waiting line.
    pub parked: u32,
    /// Jobs that hold a lease and wait for their turn.
    pub queued: u32,
    /// Jobs that wait out a back-off.
    pub retrying: u32,
    /// Where the tier comes from.
    #[serde(default)]
    pub source: TierSource,
    /// The plan, if one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanView>,
    /// What is used of the month's quota, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<MonthUse>,
    /// The latest changes of the plan, newest first, at most [`CHANGES_SHOWN`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<PlanStep>,
    /// The user is being deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_erased: bool,
}

/// Changes of the plan that an account shows.
pub const CHANGES_SHOWN: usize = 10;

/// A job and where it stands in the line.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobView {
    /// The job.
    pub job: Job,
    /// The user's leases.
    pub active: u32,
    /// The user's limit.
    pub limit: u32,
    /// Its place among the parked jobs, the next being 1; counted up to
    /// [`POSITION_MAX`](crate::line::POSITION_MAX).
    pub position: Option<u32>,
    /// How fast the user's jobs ended lately; of a parked job only, and where enough of them did.
    #[serde(default)]
    pub pace: Option<Pace>,
}

/// What a gate answers.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "is")]
pub enum Reply {
    /// The job is recorded (now or before).
    Submitted {
        /// The job.
        job: Box<Job>,
        /// Whether the key had been used for the same submission before.
        replayed: bool,
    },
    /// The key had been used for another submission.
    KeyReused {
        /// The job that it stands for.
        job_id: JobId,
    },
    /// The job states a tier above what its user or caller is entitled to; nothing was recorded.
    TierNotEntitled {
        /// The best tier that it may state.
        allowed: Tier,
    },
    /// A quota leaves no room for the job; nothing was recorded.
    QuotaExceeded {
        /// Which.
        exceeded: Exceeded,
    },
    /// The user is being deleted; nothing was recorded.
    Erasing,
    /// The plan after a change.
    PlanSet {
        /// The account.
        account: AccountView,
        /// What became of the change.
        outcome: PlanOutcome,
    },
    /// How far the deletion of a user is.
    UserDeleted {
        /// Jobs that still run and were asked to stop.
        running: u32,
        /// Nothing is left.
        is_gone: bool,
    },
    /// One answer a job, in the order asked.
    Started {
        /// The answers.
        starts: Vec<Start>,
    },
    /// What became of a report, and of the job.
    Reported {
        /// What became of the report.
        outcome: Outcome,
        /// The job's state after it, if the gate knows the job.
        state: Option<State>,
        /// The user wants the job to end: stop working on it.
        cancel: bool,
        /// When the job will be tried again, if it will.
        retry_at: Option<Timestamp>,
        /// The job's next stage, if the delivery goes on with it. A repeated report gets it again, in case that the
        /// first answer was lost.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<Box<Grant>>,
        /// Jobs that were granted a lease, if the delivery takes them along. A repeated report gets all that wait
        /// under a lease.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        granted: Vec<Want>,
    },
    /// The job after a cancellation, if the gate knows it.
    Job {
        /// The job.
        view: Option<Box<JobView>>,
    },
    /// Where the user stands.
    Account {
        /// The account.
        account: AccountView,
    },
    /// Jobs, newest first.
    Jobs {
        /// The jobs.
        jobs: Vec<Job>,
        /// Whether there are more.
        more: bool,
    },
    /// Done.
    Done,
}

impl Reply {
    /// The answer to a holder's report about a job.
    pub(super) fn reported(outcome: Outcome, job: Option<&Job>) -> Self {
        Self::Reported {
            outcome,
            state: job.map(|job| job.state),
            cancel: outcome != Outcome::Accepted || job.is_none_or(|job| job.cancel_requested),
            retry_at: job
                .filter(|job| job.state == State::Retrying)
                .and_then(|job| job.due),
            next: None,
            granted: Vec::new(),
        }
    }
}
