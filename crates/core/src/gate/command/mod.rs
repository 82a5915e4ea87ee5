//! What may be asked of a gate, and what it answers: the wire between the Worker and its objects.
//!
//! During a deploy the two sides may run different builds, so these shapes are pinned by golden tests:
//! fields are only ever added, with a default.

mod answer;
mod lease;
mod replay;
mod reply;
mod submission;
mod view;

pub use super::{
    account::{PlanChange, PlanStep},
    subscriptions::{PlanEvent, PlanOutcome},
};
pub use answer::answer_of;
pub use lease::{Going, Grant, Outcome, SkipReason, Start};
pub use replay::{Replay, ReplayOutcome, ReplayRun};
pub use reply::Reply;
pub use submission::{Exceeded, IdempotencyKey, NewJob, Quota};
pub use view::{
    AccountView, CHANGES_SHOWN, JobFilter, JobView, MonthUse, PlanView, SubscriptionView,
    TierSource,
};

use super::job::ArtifactRecord;
use crate::{
    domain::{Blame, JobId, Mailbox, Stage, Timestamp, UserId},
    failures::Word,
    line::want::Holding,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A call to the gate of one user.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// Whose gate; an object does not know its own name.
    pub user_id: UserId,
    /// What to do.
    pub command: Command,
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
        /// When the work ended; the report may come later. Left out: now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended_at: Option<Timestamp>,
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
        /// The back end that is to blame, if one is: then no attempt is spent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        blame: Option<Blame>,
        /// A random number, evenly spread, for the jitter of the pause.
        entropy: u32,
        /// When the work ended; the report may come later. Left out: now.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended_at: Option<Timestamp>,
        /// What its delivery would do next.
        #[serde(default)]
        going: Going,
    },
    /// The work cannot be done now. No attempt is spent.
    Requeue {
        /// The job.
        job_id: JobId,
        /// The holder's epoch.
        epoch: u32,
        /// How long the job waits, without its lease, for what it needs. Left out: the holder lost its slot, and the job
        /// waits for another one, under its lease.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pause_ms: Option<u32>,
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
    /// An ended job shall begin anew.
    Replay(Replay),
    /// The user's plan is another from now on, and so may be the tier.
    SetPlan(PlanChange),
    /// The user's mails go to this mailbox from now on, and to no other.
    SetMailbox {
        /// The mailbox.
        mailbox: Mailbox,
        /// When the caller asked. What was asked before a deletion brings nobody back.
        asked_at: Timestamp,
    },
    /// End what waits, ask what runs to stop, and forget everything about the user.
    DeleteUser,
    /// The artifacts of these finished jobs are gone; forget the jobs.
    Forget {
        /// The jobs.
        jobs: Vec<JobId>,
        /// Jobs whose artifacts could not be deleted: try again later.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        failed: Vec<JobId>,
    },
    /// The artifacts of this ended job are deleted; its record says so from now on.
    Swept {
        /// The job.
        job_id: JobId,
        /// They are going to be, if the answer says that the job has ended: until that is done, it is not replayed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        begins: bool,
    },
    /// The pool heard what there was to tell.
    Told {
        /// It knows that these jobs are gone.
        gone: Vec<Holding>,
        /// The stages at which no job may begin, since a back end is out, and since when.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        out: BTreeMap<Stage, Timestamp>,
    },
    /// The list of failures has heard these words.
    Listed {
        /// The words.
        words: Vec<Word>,
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
    /// Everything that is recorded of the user, in as many calls as it takes.
    Export {
        /// The last job of the answer before.
        before: Option<JobId>,
    },
}
