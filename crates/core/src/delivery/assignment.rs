//! A job in the hands of a delivery.

use crate::{
    domain::JobId,
    events::JobFacts,
    gate::command::Grant,
    line::want::{Holding, Want},
};

/// A job that its gate let start, and what its gate said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// What was given to the delivery.
    pub want: Want,
    /// What the gate granted.
    pub grant: Grant,
}

impl Assignment {
    /// Which job.
    #[must_use]
    pub const fn job_id(&self) -> &JobId {
        self.want.job_id()
    }

    /// The job under its holder's epoch.
    #[must_use]
    pub fn holding(&self) -> Holding {
        Holding {
            job_id: self.job_id().clone(),
            epoch: self.grant.epoch,
        }
    }

    /// Whether the job has a stage after this one.
    #[must_use]
    pub const fn has_next_stage(&self) -> bool {
        !self.grant.is_last
    }
}

impl From<&Assignment> for JobFacts {
    /// By the grant, since the gate's row decides, not the ticket.
    fn from(Assignment { want, grant }: &Assignment) -> Self {
        Self {
            kind: grant.kind.clone(),
            stage: grant.stage,
            tier: grant.tier,
            priority: grant.priority,
            ..(&want.ticket).into()
        }
    }
}
