//! The slots of the pool that one delivery holds.

use crate::{
    domain::{JobId, Ticket},
    gate::command::{Holding, SkipReason},
};
use std::collections::{BTreeMap, BTreeSet};

/// The slots of one delivery; where capacity is unbounded, there are none.
#[derive(Clone, Debug)]
pub struct Slots {
    is_bounded: bool,
    /// Held, with the epoch of each lease.
    held: BTreeMap<JobId, u32>,
    /// To be given back.
    free: Vec<Holding>,
    /// Taken back by the pool while the job ran.
    lost: BTreeSet<JobId>,
}

impl Slots {
    /// None so far.
    #[must_use]
    pub const fn new(is_bounded: bool) -> Self {
        Self {
            is_bounded,
            held: BTreeMap::new(),
            free: Vec::new(),
            lost: BTreeSet::new(),
        }
    }

    /// Whether there is a pool to be asked.
    #[must_use]
    pub const fn is_bounded(&self) -> bool {
        self.is_bounded
    }

    /// Whether the pool took the job's slot back.
    #[must_use]
    pub fn is_lost(&self, job_id: &JobId) -> bool {
        self.lost.contains(job_id)
    }

    /// Whether the job has what it needs to run: a slot, or a world without a pool.
    pub(super) fn has(&self, job_id: &JobId) -> bool {
        !self.is_bounded || (self.held.contains_key(job_id) && !self.is_lost(job_id))
    }

    /// Whether there are slots to be given back.
    pub(super) const fn any_free(&self) -> bool {
        !self.free.is_empty()
    }

    /// What is to be given back.
    pub(super) fn take_free(&mut self) -> Vec<Holding> {
        std::mem::take(&mut self.free)
    }

    /// What is to be renewed.
    #[must_use]
    pub fn holdings(&self) -> Vec<Holding> {
        let holding = |(job_id, epoch): (&JobId, &u32)| Holding {
            job_id: job_id.clone(),
            epoch: *epoch,
        };
        self.held.iter().map(holding).collect()
    }

    /// The job has a slot.
    pub(super) fn hold(&mut self, Holding { job_id, epoch }: Holding) {
        if self.is_bounded {
            self.lost.remove(&job_id);
            self.held.insert(job_id, epoch);
        }
    }

    /// The pool took these jobs' slots back.
    pub(super) fn lose(&mut self, jobs: Vec<JobId>) {
        self.lost.extend(jobs);
    }

    /// The job left its holder; its slot goes with it to the next, or back to the pool.
    pub(super) fn leave(&mut self, job_id: &JobId, is_kept: bool) {
        if let Some(epoch) = self.held.remove(job_id)
            && !is_kept
        {
            self.give_back(job_id, epoch);
        }
    }

    /// A ticket brought a slot with it that nobody needs: its job no longer holds the lease.
    pub(super) fn skip(&mut self, ticket: &Ticket, reason: SkipReason) {
        if let (Some(epoch), false) = (ticket.epoch, reason == SkipReason::AlreadyRunning) {
            self.give_back(&ticket.job_id, epoch);
        }
    }

    fn give_back(&mut self, job_id: &JobId, epoch: u32) {
        if self.is_bounded {
            let job_id = job_id.clone();
            self.free.push(Holding { job_id, epoch });
        }
    }
}
