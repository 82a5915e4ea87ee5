//! A job that its gate admitted.

use super::lanes::weight;
use crate::{
    domain::{JobId, Rank, Ticket, Tier},
    gate::command::{Grant, Holding},
    observability::JobFacts,
};

/// A job whose gate says that it may run.
#[derive(Clone, Debug, PartialEq)]
pub struct Admitted {
    /// What stood for it.
    pub ticket: Ticket,
    /// What its gate granted.
    pub grant: Grant,
    /// What it weighs, see [`weight`].
    weight: usize,
}

impl Admitted {
    /// Its gate granted that for the ticket.
    #[must_use]
    pub fn new(ticket: Ticket, grant: Grant) -> Self {
        let weight = weight(&grant.payload);
        Self {
            ticket,
            grant,
            weight,
        }
    }

    /// What it takes of the lanes.
    pub(super) const fn place(&self) -> (Tier, usize) {
        (self.grant.tier, self.weight)
    }

    /// The job under its epoch.
    #[must_use]
    pub fn holding(&self) -> Holding {
        Holding {
            job_id: self.ticket.job_id.clone(),
            epoch: self.grant.epoch,
        }
    }

    /// Its place among all jobs.
    pub(super) fn key(&self) -> (Rank, JobId) {
        (self.grant.rank, self.ticket.job_id.clone())
    }
}

impl From<&Admitted> for JobFacts {
    /// By the grant, since the gate's row decides, not the ticket.
    fn from(Admitted { ticket, grant, .. }: &Admitted) -> Self {
        Self {
            kind: grant.kind,
            stage: grant.stage,
            tier: grant.tier,
            priority: grant.priority,
            ..ticket.into()
        }
    }
}
