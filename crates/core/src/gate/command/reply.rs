//! What a gate answers.

use super::{
    lease::{Grant, Outcome, Start},
    replay::ReplayOutcome,
    submission::Exceeded,
    view::{AccountView, JobView},
};
use crate::{
    domain::{JobId, Tier, Timestamp, window::Untimely},
    gate::{
        account::Account,
        job::{Job, State},
        subscriptions::PlanOutcome,
    },
    line::want::Want,
};
use serde::{Deserialize, Serialize};

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
    /// The job cannot have these times; nothing was recorded.
    Untimely {
        /// What is wrong with them.
        faults: Vec<Untimely>,
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
    /// What became of a replay.
    Replayed {
        /// What.
        outcome: ReplayOutcome,
        /// The job after it, if the gate knows the job.
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
    /// What is recorded of the user.
    Exported {
        /// The user, if anything was ever recorded.
        account: Option<Box<Account>>,
        /// Jobs and their payloads, newest first.
        jobs: Vec<(Job, String)>,
        /// Whether there are more.
        more: bool,
    },
    /// Done.
    Done,
}

impl Reply {
    /// The answer to a holder's report about a job, with nothing to go on with.
    pub(in crate::gate) fn reported(outcome: Outcome, job: Option<&Job>) -> Self {
        Self::reported_with(outcome, job, None, Vec::new())
    }

    /// The answer to a holder's report, with what its delivery goes on with.
    pub(in crate::gate) fn reported_with(
        outcome: Outcome,
        job: Option<&Job>,
        next: Option<Grant>,
        granted: Vec<Want>,
    ) -> Self {
        Self::Reported {
            outcome,
            state: job.map(|job| job.state),
            cancel: outcome != Outcome::Accepted || job.is_none_or(|job| job.cancel_requested),
            retry_at: job
                .filter(|job| job.state == State::Retrying)
                .and_then(|job| job.due),
            next: next.map(Box::new),
            granted,
        }
    }
}
