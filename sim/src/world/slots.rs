//! The slots of a delivery, as `consumer/capacity.rs` has them: claimed for the whole batch in one call, the
//! parked told to their gates, all renewed each third of the lease, and given back together by one courier.

use super::{
    Event, World,
    calls::{Ask, Caller},
};
use crate::{marks::Mark, planted::Defect};
use std::collections::{BTreeMap, BTreeSet};
use story_queue::{
    domain::{JobId, Ticket},
    gate::{
        self,
        command::{Holding, SkipReason},
    },
    pool::{
        Command, Reply,
        command::{Claimed, Want},
    },
};

/// The slots of one delivery.
#[derive(Default)]
pub(super) struct Slots {
    /// Whether capacity is bounded, by the configuration that the delivery started with.
    is_bounded: bool,
    /// Held, with the epoch of each lease.
    held: BTreeMap<JobId, u32>,
    /// To be given back.
    free: Vec<Holding>,
    /// Taken back by the pool while the job ran.
    lost: BTreeSet<JobId>,
    /// The courier is under way.
    pub(super) is_releasing: bool,
    /// What was claimed for, until the pool answers; then what got a slot.
    claiming: Vec<usize>,
    /// Gates that have not answered yet.
    untold: usize,
}

impl Slots {
    pub(super) fn new(is_bounded: bool) -> Self {
        Self {
            is_bounded,
            ..Self::default()
        }
    }

    pub(super) fn is_lost(&self, job_id: &JobId) -> bool {
        self.lost.contains(job_id)
    }

    /// The job left the delivery; its slot goes with it, or back to the pool.
    pub(super) fn leave(&mut self, job_id: &JobId, is_kept: bool) {
        if let Some(epoch) = self.held.remove(job_id)
            && !is_kept
        {
            self.give_back(job_id, epoch);
        }
    }

    /// A ticket brought a slot with it that nobody needs.
    pub(super) fn skip(&mut self, ticket: &Ticket, reason: SkipReason) -> bool {
        match ticket.epoch {
            Some(epoch) if reason != SkipReason::AlreadyRunning => {
                self.give_back(&ticket.job_id, epoch);
                self.is_bounded
            }
            _ => false,
        }
    }

    fn give_back(&mut self, job_id: &JobId, epoch: u32) {
        let job_id = job_id.clone();
        self.free.push(Holding { job_id, epoch });
    }

    fn holdings(&self) -> Vec<Holding> {
        let holding = |(job_id, epoch): (&JobId, &u32)| Holding {
            job_id: job_id.clone(),
            epoch: *epoch,
        };
        self.held.iter().map(holding).collect()
    }
}

impl World {
    /// Claims a slot for each, if capacity is bounded.
    pub(super) fn claim(&mut self, number: usize, admitted: Vec<usize>) {
        let Some(delivery) = self.deliveries.get_mut(&number) else {
            return;
        };
        if !delivery.slots.is_bounded || admitted.is_empty() {
            return self.open_lanes(number, admitted);
        }
        let wants = admitted.iter().map(|task| self.tasks[*task].want());
        let wants: Vec<Want> = wants.collect();
        delivery.slots.claiming = admitted;
        let claim = Command::Claim { wants };
        self.call(Ask::Pool(claim), Caller::Claim { delivery: number });
    }

    pub(super) fn claimed(&mut self, number: usize, answer: Option<Reply>) {
        if self.dies(number) {
            return;
        }
        let Some(delivery) = self.deliveries.get_mut(&number) else {
            return;
        };
        let admitted = std::mem::take(&mut delivery.slots.claiming);
        let Some(Reply::Claimed { claimed, .. }) = answer else {
            self.tally.mark(Mark::PoolUnreachable);
            return self.tell_to_wait(number, &admitted, false);
        };
        let mut parked = Vec::new();
        for (task, claimed) in admitted.into_iter().zip(claimed) {
            let (job_id, epoch) = self.tasks[task].lease_of();
            match claimed {
                Claimed::Slot => {
                    delivery.slots.held.insert(job_id, epoch);
                    delivery.slots.claiming.push(task);
                }
                Claimed::Parked => parked.push(task),
                // The lease is another's by now.
                Claimed::Stale => {}
            }
        }
        self.tell_to_wait(number, &parked, true);
    }

    /// Tells the gates, each once, that these jobs wait for a slot.
    fn tell_to_wait(&mut self, number: usize, jobs: &[usize], in_line: bool) {
        let mut users: BTreeMap<usize, Vec<Holding>> = BTreeMap::new();
        for task in jobs {
            let (job_id, epoch) = self.tasks[*task].lease_of();
            let user = self.tasks[*task].user();
            let (job, now) = (self.tasks[*task].job(), self.clock(user));
            self.oracle.must_wait(job, epoch, number, now);
            users
                .entry(user)
                .or_default()
                .push(Holding { job_id, epoch });
        }
        if self.defect == Defect::WaitNotSaid {
            users.clear();
        }
        if let Some(delivery) = self.deliveries.get_mut(&number) {
            delivery.slots.untold = users.len();
        }
        let nobody = users.is_empty();
        for (user, jobs) in users {
            let wait = gate::Command::Wait { jobs, in_line };
            let delivery = number;
            self.call(Ask::Gate(user, wait), Caller::Wait { delivery, user });
        }
        if nobody {
            self.all_told(number);
        }
    }

    pub(super) fn told_to_wait(&mut self, number: usize, user: usize, answered: bool) {
        if !answered {
            self.oracle.could_not_tell(user, number);
            self.tally.mark(Mark::WaitNotTold);
        }
        if self.dies(number) {
            return;
        }
        if let Some(delivery) = self.deliveries.get_mut(&number) {
            delivery.slots.untold -= 1;
            if delivery.slots.untold == 0 {
                self.all_told(number);
            }
        }
    }

    fn all_told(&mut self, number: usize) {
        if let Some(delivery) = self.deliveries.get_mut(&number) {
            let running = std::mem::take(&mut delivery.slots.claiming);
            self.open_lanes(number, running);
        }
    }

    /// Sends the courier, if there is something to give back and none is under way.
    pub(super) fn release(&mut self, number: usize) {
        let Some(delivery) = self.deliveries.get_mut(&number) else {
            return;
        };
        let slots = &mut delivery.slots;
        let jobs = std::mem::take(&mut slots.free);
        if slots.is_bounded && !slots.is_releasing && !jobs.is_empty() {
            slots.is_releasing = true;
            let release = Command::Release { jobs };
            self.call(Ask::Pool(release), Caller::Release { delivery: number });
        } else if slots.is_bounded {
            slots.free = jobs;
        }
    }

    pub(super) fn released(&mut self, number: usize, answered: bool) {
        if !answered {
            self.tally.mark(Mark::ReleaseLost);
        }
        if self.dies(number) {
            return;
        }
        if let Some(delivery) = self.deliveries.get_mut(&number) {
            delivery.slots.is_releasing = false;
            self.run(number);
        }
    }

    fn slot_pause(&self) -> i64 {
        let lease = self.plan.config.pool.lease.as_millis();
        i64::try_from(lease / 3).unwrap_or(0)
    }

    /// While jobs run, their slots are renewed; where nobody is bounded, there are none.
    pub(super) fn renew_slots_later(&mut self, number: usize) {
        let delivery = self.deliveries.get(&number);
        if !delivery.is_some_and(|delivery| delivery.slots.is_bounded) {
            return;
        }
        self.after(self.slot_pause(), Event::RenewSlots(number));
    }

    pub(super) fn renew_slots(&mut self, number: usize) {
        if self.dies(number) {
            return;
        }
        let Some(delivery) = self.deliveries.get(&number) else {
            return;
        };
        let jobs = delivery.slots.holdings();
        if jobs.is_empty() {
            return self.renew_slots_later(number);
        }
        self.renewals += 1;
        self.slot_renewals += 1;
        let renew = Command::Renew { jobs };
        self.call(Ask::Pool(renew), Caller::RenewSlots { delivery: number });
    }

    pub(super) fn slots_renewed(&mut self, number: usize, answer: Option<Reply>) {
        let Some(delivery) = self.deliveries.get_mut(&number) else {
            return;
        };
        if let Some(Reply::Renewed { lost }) = answer {
            self.oracle.lost_slots(number, &lost);
            if self.defect != Defect::LostSlotIgnored {
                delivery.slots.lost.extend(lost);
            }
        }
        self.renew_slots_later(number);
    }
}
