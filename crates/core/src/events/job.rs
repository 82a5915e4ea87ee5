//! Which job an event is about.

use crate::{
    domain::{JobId, Kind, Stage, Ticket, Tier, UserId},
    gate::Job,
};
use serde::Serialize;

/// What every event about a job says of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobFacts {
    /// The job.
    pub job_id: JobId,
    /// Its user.
    pub user_id: UserId,
    /// What it makes.
    pub kind: Kind,
    /// The current stage.
    pub stage: Stage,
    /// Its tier.
    pub tier: Tier,
    /// Its priority.
    pub priority: u32,
}

impl JobFacts {
    pub(super) fn of(job: &Job, user_id: &UserId) -> Self {
        Self {
            job_id: job.job_id.clone(),
            user_id: user_id.clone(),
            kind: job.kind.clone(),
            stage: job.current_stage(),
            tier: job.tier,
            priority: job.priority,
        }
    }
}

impl From<&Ticket> for JobFacts {
    fn from(ticket: &Ticket) -> Self {
        Self {
            job_id: ticket.job_id.clone(),
            user_id: ticket.user_id.clone(),
            kind: ticket.kind.clone(),
            stage: ticket.stage,
            tier: ticket.tier,
            priority: ticket.priority,
        }
    }
}
