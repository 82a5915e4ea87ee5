//! Slots of the pool for what the gates admitted: claimed for a whole batch in one call, renewed while jobs run,
//! and given back together where jobs end together. Where capacity is unbounded, the pool is never called.

use super::runner::{Admitted, Delivery};
use crate::{
    domain::{JobId, Ticket, UserId},
    gate::{self, GateClient, command::Holding, command::SkipReason},
    observability::Event,
    pool::{
        Command, PoolClient, Reply,
        command::{Claimed, Want},
    },
};
use futures_util::{StreamExt, stream};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};
use worker::Delay;

/// Gates told at the same time (Workers limits: six connections that wait for an answer).
const GATES_AT_ONCE: usize = 6;

/// The slots of one delivery.
#[derive(Default)]
pub(super) struct Slots {
    /// Held, with the epoch of each lease.
    held: RefCell<BTreeMap<JobId, u32>>,
    /// To be given back.
    free: RefCell<Vec<Holding>>,
    /// Taken back by the pool while the job ran.
    lost: RefCell<BTreeSet<JobId>>,
}

impl Slots {
    /// Whether the pool took the job's slot back.
    pub(super) fn is_lost(&self, job_id: &JobId) -> bool {
        self.lost.borrow().contains(job_id)
    }

    /// Whether there are slots to be given back.
    pub(super) fn any_free(&self) -> bool {
        !self.free.borrow().is_empty()
    }

    /// The job left this delivery; its slot goes with it to the next, or back to the pool.
    pub(super) fn leave(&self, job_id: &JobId, is_kept: bool) {
        if let Some(epoch) = self.held.borrow_mut().remove(job_id)
            && !is_kept
        {
            self.give_back(job_id, epoch);
        }
    }

    /// A ticket brought a slot with it that nobody needs: its job no longer holds the lease.
    pub(super) fn skip(&self, ticket: &Ticket, reason: SkipReason) {
        if let (Some(epoch), false) = (ticket.epoch, reason == SkipReason::AlreadyRunning) {
            self.give_back(&ticket.job_id, epoch);
        }
    }

    fn give_back(&self, job_id: &JobId, epoch: u32) {
        let job_id = job_id.clone();
        self.free.borrow_mut().push(Holding { job_id, epoch });
    }

    fn holdings(&self) -> Vec<Holding> {
        let holding = |(job_id, epoch): (&JobId, &u32)| Holding {
            job_id: job_id.clone(),
            epoch: *epoch,
        };
        self.held.borrow().iter().map(holding).collect()
    }
}

impl Delivery<'_> {
    fn is_bounded(&self) -> bool {
        self.config.pool.capacity > 0
    }

    /// Claims a slot for each, and returns those that got one, in the order given. The others wait under their
    /// leases.
    pub(super) async fn claim(&self, admitted: Vec<Admitted>) -> Vec<Admitted> {
        if !self.is_bounded() || admitted.is_empty() {
            return admitted;
        }
        let want = |admitted: &Admitted| Want::new(&admitted.ticket, &admitted.grant);
        let wants = admitted.iter().map(want).collect();
        let (claimed, active, capacity) = match PoolClient::new(self.env)
            .ask(&Command::Claim { wants })
            .await
        {
            Ok(Reply::Claimed {
                claimed,
                active,
                capacity,
            }) if claimed.len() == admitted.len() => (claimed, active, capacity),
            Ok(_) => {
                let what = "the pool gave no answer to a claim";
                self.log(&Event::fault(what, "another kind of answer"));
                self.wait(&admitted, false).await;
                return Vec::new();
            }
            Err(error) => {
                let what = "the pool could not be asked; the jobs wait";
                self.log(&Event::fault(what, error));
                self.wait(&admitted, false).await;
                return Vec::new();
            }
        };
        let (mut running, mut parked) = (Vec::new(), Vec::new());
        for (admitted, claimed) in admitted.into_iter().zip(claimed) {
            let job = (&admitted).into();
            match claimed {
                Claimed::Slot => {
                    let job_id = admitted.ticket.job_id.clone();
                    self.slots
                        .held
                        .borrow_mut()
                        .insert(job_id, admitted.grant.epoch);
                    running.push(admitted);
                }
                Claimed::Parked => {
                    self.log(&Event::CapacityReached {
                        job,
                        active,
                        capacity,
                    });
                    parked.push(admitted);
                }
                Claimed::Stale => self.log(&Event::Stale { job }),
            }
        }
        self.wait(&parked, true).await;
        running
    }

    /// Tells the gates, each once, that these jobs wait for a slot.
    async fn wait(&self, jobs: &[Admitted], in_line: bool) {
        let mut users: BTreeMap<&UserId, Vec<Holding>> = BTreeMap::new();
        for Admitted { ticket, grant } in jobs {
            users.entry(&ticket.user_id).or_default().push(Holding {
                job_id: ticket.job_id.clone(),
                epoch: grant.epoch,
            });
        }
        let told = users.into_iter().map(async |(user_id, jobs)| {
            let command = gate::Command::Wait { jobs, in_line };
            if let Err(error) = GateClient::new(self.env).ask(user_id, command).await {
                let what = "a gate was not told that jobs wait; their leases run out";
                self.log(&Event::fault(what, error));
            }
        });
        stream::iter(told)
            .buffer_unordered(GATES_AT_ONCE)
            .collect::<()>()
            .await;
    }

    /// Gives back what is free by now, and what becomes free meanwhile. What the pool cannot be told runs out by
    /// itself.
    pub(super) async fn release(&self) {
        while self.is_bounded() && self.slots.any_free() {
            let jobs = self.slots.free.take();
            if let Err(error) = PoolClient::new(self.env)
                .ask(&Command::Release { jobs })
                .await
            {
                self.log(&Event::fault("slots could not be released", error));
            }
        }
        self.slots.free.take();
    }

    /// Waits for a quarter of the lease, so that two renewals may fail, and renews all slots held then.
    pub(super) async fn renew(&self) {
        Delay::from(self.config.pool.lease / 4).await;
        let jobs = self.slots.holdings();
        if jobs.is_empty() {
            return;
        }
        match PoolClient::new(self.env)
            .ask(&Command::Renew { jobs })
            .await
        {
            Ok(Reply::Renewed { lost }) => self.slots.lost.borrow_mut().extend(lost),
            Ok(_) => {}
            Err(error) => self.log(&Event::fault("slots could not be renewed", error)),
        }
    }
}
