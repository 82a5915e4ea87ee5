//! What the gates, the pool and the consumers say of a job to each other.

use crate::domain::{JobId, Rank, Ticket, UserId};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// A job under one epoch of its lease.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Holding {
    /// The job.
    pub job_id: JobId,
    /// The epoch.
    pub epoch: u32,
}

/// A job that holds a lease and waits for its turn. Its ticket says all but the rank: the epoch of the lease and the
/// weight, too.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Want {
    /// The ticket that stands for it.
    pub ticket: Ticket,
    /// Its place among the jobs of all users.
    pub rank: Rank,
    /// What the pool says of it where it gives it to a delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
}

/// What the pool knows of a job that it gives.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Mark {
    /// It is the one that tries whether a back end is there again: the pool must hear at once that a stage succeeded.
    Trial,
    /// It has repeated a fault of a back end where others succeed: the next one is its own.
    Own,
}

impl Want {
    /// The job of a ticket that was delivered.
    #[must_use]
    pub fn of(ticket: Ticket, boost: Duration) -> Self {
        let rank = ticket.rank(boost);
        Self {
            ticket,
            rank,
            mark: None,
        }
    }

    /// Which job.
    #[must_use]
    pub const fn job_id(&self) -> &JobId {
        &self.ticket.job_id
    }

    /// The epoch of its lease. A ticket without one fits no lease.
    #[must_use]
    pub fn epoch(&self) -> u32 {
        self.ticket.epoch.unwrap_or(0)
    }

    /// About what it takes while it runs, in bytes.
    #[must_use]
    pub fn weight(&self) -> u32 {
        self.ticket.weight.unwrap_or(0)
    }

    /// The job under its epoch.
    #[must_use]
    pub fn holding(&self) -> Holding {
        Holding {
            job_id: self.ticket.job_id.clone(),
            epoch: self.epoch(),
        }
    }

    /// Its place in a line: the smallest goes first.
    #[must_use]
    pub fn key(&self) -> (Rank, JobId) {
        (self.rank, self.ticket.job_id.clone())
    }
}

/// The jobs of each user, in their order, so that each gate is asked once.
#[must_use]
pub fn by_user(wants: Vec<Want>) -> BTreeMap<UserId, Vec<Want>> {
    let mut users: BTreeMap<UserId, Vec<Want>> = BTreeMap::new();
    for want in wants {
        users
            .entry(want.ticket.user_id.clone())
            .or_default()
            .push(want);
    }
    users
}
