//! The calls about slots, as `consumer/capacity.rs` makes them: what the delivery exchanges with the pool, the parked
//! told to their gates, and all slots renewed.

use super::{
    Event, World,
    calls::{Ask, Caller},
};
use crate::{marks::Mark, planted::Defect};
use std::collections::BTreeMap;
use story_queue::{
    consumer::admitted::Admitted,
    gate::{self, command::Holding},
    pool::{Command, Reply},
};

impl World {
    pub(super) fn exchanged(&mut self, number: usize, answer: Option<Reply>) {
        if self.dies(number) {
            return;
        }
        let Some(consumer) = self.consumers.get_mut(&number) else {
            return;
        };
        if answer.is_none() {
            self.tally.mark(Mark::PoolUnreachable);
        }
        let _ = consumer.delivery.exchanged(answer);
        self.run(number);
    }

    /// Tells the gates, each once, that these jobs wait for a slot.
    pub(super) fn tell_to_wait(&mut self, number: usize, jobs: &[Admitted], in_line: bool) {
        let mut users: BTreeMap<usize, Vec<Holding>> = BTreeMap::new();
        for admitted in jobs {
            let holding = admitted.holding();
            let Some(job) = self.oracle.index.get(&holding.job_id).copied() else {
                continue;
            };
            let user = self.oracle.jobs[job].user;
            let now = self.clock(user);
            self.oracle.must_wait(job, holding.epoch, number, now);
            users.entry(user).or_default().push(holding);
        }
        if self.defect == Defect::WaitNotSaid {
            users.clear();
        }
        if users.is_empty() {
            return self.after(1, Event::Told(number));
        }
        if let Some(consumer) = self.consumers.get_mut(&number) {
            let round = consumer
                .untold
                .last_key_value()
                .map_or(0, |(last, _)| last + 1);
            consumer.untold.insert(round, users.len());
            for (user, jobs) in users {
                let wait = gate::Command::Wait { jobs, in_line };
                let caller = Caller::Wait {
                    delivery: number,
                    round,
                    user,
                };
                self.call(Ask::Gate(user, wait), caller);
            }
        }
    }

    pub(super) fn told_to_wait(
        &mut self,
        (number, round, user): (usize, usize, usize),
        answered: bool,
    ) {
        if !answered {
            self.oracle.could_not_tell(user, number);
            self.tally.mark(Mark::WaitNotTold);
        }
        if self.dies(number) {
            return;
        }
        let Some(consumer) = self.consumers.get_mut(&number) else {
            return;
        };
        let Some(untold) = consumer.untold.get_mut(&round) else {
            return;
        };
        *untold -= 1;
        if *untold == 0 {
            consumer.untold.remove(&round);
            consumer.delivery.told();
            self.run(number);
        }
    }

    fn slot_pause(&self) -> i64 {
        let config = &self.plan.config.pool;
        let pause = (config.lease / 4).min(config.ticket_resend / 2);
        i64::try_from(pause.as_millis()).unwrap_or(0)
    }

    /// While jobs run, their slots are renewed; where nobody is bounded, there are none.
    pub(super) fn renew_slots_later(&mut self, number: usize) {
        let consumer = self.consumers.get(&number);
        if !consumer.is_some_and(|consumer| consumer.delivery.slots().is_bounded()) {
            return;
        }
        self.after(self.slot_pause(), Event::RenewSlots(number));
    }

    pub(super) fn renew_slots(&mut self, number: usize) {
        if self.dies(number) {
            return;
        }
        let Some(consumer) = self.consumers.get(&number) else {
            return;
        };
        let jobs = consumer.delivery.slots().holdings();
        if jobs.is_empty() {
            return self.renew_slots_later(number);
        }
        self.renewals += 1;
        self.slot_renewals += 1;
        let renew = Command::Renew { jobs };
        self.call(Ask::Pool(renew), Caller::RenewSlots { delivery: number });
    }

    pub(super) fn slots_renewed(&mut self, number: usize, answer: Option<Reply>) {
        let Some(consumer) = self.consumers.get_mut(&number) else {
            return;
        };
        if let Some(Reply::Renewed { lost }) = answer {
            self.oracle.lost_slots(number, &lost);
            if self.defect != Defect::LostSlotIgnored {
                consumer.delivery.lost(lost);
            }
        }
        self.renew_slots_later(number);
    }
}
