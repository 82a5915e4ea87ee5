//! What a consumer does with a batch.

use super::{Event, World};
use crate::ledger::millis;
use std::collections::BTreeMap;
use story_queue::{
    consumer::{
        batch::{arrange, by_user},
        lanes::{Lanes, weight},
    },
    domain::{Ticket, Tier},
    gate::{
        self, Reply, State,
        command::{Admission, Grant, Holding, SkipReason},
    },
    pool::{
        self,
        command::{Claimed, Want},
    },
};

/// A job that may run.
struct Admitted {
    ticket: Ticket,
    grant: Grant,
}

impl Admitted {
    fn place(&self) -> (Tier, usize) {
        (self.grant.tier, weight(&self.grant.payload))
    }

    fn holding(&self) -> Holding {
        Holding {
            job_id: self.ticket.job_id.clone(),
            epoch: self.grant.epoch,
        }
    }
}

/// One delivery.
pub(super) struct Delivery {
    lanes: Lanes,
    waiting: Vec<Admitted>,
    running: BTreeMap<usize, Admitted>,
}

impl World<'_> {
    /// A batch is delivered.
    pub(super) fn deliver(&mut self, now: i64, bodies: &[Option<String>]) {
        self.ledger.deliver(bodies.len());
        let batch = arrange(bodies, self.config.gate.priority_boost);
        let id = self.next_delivery;
        self.next_delivery += 1;
        let admitted = self.admit(now, id, batch.tickets);
        let waiting = self.claim(now, admitted);
        if waiting.is_empty() {
            return;
        }
        let delivery = Delivery {
            lanes: Lanes::new(&self.config.gate.tiers),
            waiting,
            running: BTreeMap::new(),
        };
        self.deliveries.insert(id, delivery);
        let budget = now + millis(self.config.delivery_budget);
        self.agenda.at(budget, Event::Budget(id));
        self.start(now, id);
    }

    /// Asks each user's gate once; returns what may run, best first.
    fn admit(&mut self, now: i64, id: usize, tickets: Vec<(usize, Ticket)>) -> Vec<Admitted> {
        let mut verdicts: Vec<Option<Admission>> = tickets.iter().map(|_| None).collect();
        for positions in by_user(&tickets).values() {
            let job_id = |position: &usize| tickets[*position].1.job_id.clone();
            let command = gate::Command::Admit {
                holder: id.to_string(),
                jobs: positions.iter().map(job_id).collect(),
            };
            let user = self.user_of(&tickets[positions[0]].1);
            if let Reply::Admitted { admissions } = self.gate(now, user, command) {
                for (position, admission) in positions.iter().zip(admissions) {
                    verdicts[*position] = Some(admission);
                }
            }
        }
        let mut admitted = Vec::new();
        for ((_, ticket), verdict) in tickets.into_iter().zip(verdicts) {
            match (verdict, ticket.epoch) {
                (Some(Admission::Run(grant)), _) => admitted.push(Admitted { ticket, grant }),
                (Some(Admission::Skip { reason }), Some(epoch))
                    if reason != SkipReason::AlreadyRunning =>
                {
                    let job_id = ticket.job_id;
                    let jobs = vec![Holding { job_id, epoch }];
                    self.pool(now, pool::Command::Release { jobs });
                }
                (Some(Admission::Park { .. } | Admission::Skip { .. }) | None, _) => {}
            }
        }
        admitted
            .sort_by_cached_key(|admitted| (admitted.grant.rank, admitted.ticket.job_id.clone()));
        admitted
    }

    /// Claims a slot for each; returns those that got one.
    fn claim(&mut self, now: i64, admitted: Vec<Admitted>) -> Vec<Admitted> {
        if admitted.is_empty() {
            return admitted;
        }
        let want = |admitted: &Admitted| Want::new(&admitted.ticket, &admitted.grant);
        let wants = admitted.iter().map(want).collect();
        let pool::Reply::Claimed { claimed, .. } = self.pool(now, pool::Command::Claim { wants })
        else {
            unreachable!("a claim is answered as one");
        };
        let mut running = Vec::new();
        for (admitted, claimed) in admitted.into_iter().zip(claimed) {
            match claimed {
                Claimed::Slot => running.push(admitted),
                Claimed::Parked => {
                    let command = gate::Command::Wait {
                        jobs: vec![admitted.holding()],
                        in_line: true,
                    };
                    let user = self.user_of(&admitted.ticket);
                    self.gate(now, user, command);
                }
                Claimed::Stale => {}
            }
        }
        running
    }

    /// Starts what has a place in its lane.
    fn start(&mut self, now: i64, id: usize) {
        let Some(delivery) = self.deliveries.get_mut(&id) else {
            return;
        };
        let starting = delivery.lanes.start(&mut delivery.waiting, Admitted::place);
        for admitted in starting {
            let job = self.jobs[&admitted.ticket.job_id];
            if std::mem::replace(&mut self.started[job], true) {
                self.ledger.resume(now);
            } else {
                self.ledger.start(job, now);
            }
            let stages = admitted.grant.kind.stages();
            let count = i64::try_from(stages.len()).unwrap_or(1);
            let part = self.trace.arrivals[job].service / count;
            let is_last = stages.last() == Some(&admitted.grant.stage);
            let rest = self.trace.arrivals[job].service - part * (count - 1);
            let span = if is_last { rest } else { part };
            self.agenda.at(now + span, Event::StageEnd(id, job));
            delivery.running.insert(job, admitted);
        }
        if delivery.running.is_empty() && delivery.waiting.is_empty() {
            self.deliveries.remove(&id);
        }
    }

    /// A stage was made: reports it, and gives the slot back if it was the last.
    pub(super) fn stage_end(&mut self, now: i64, id: usize, job: usize) {
        let Some(delivery) = self.deliveries.get_mut(&id) else {
            return;
        };
        let Some(admitted) = delivery.running.remove(&job) else {
            return;
        };
        delivery.lanes.end(admitted.place());
        let Holding { job_id, epoch } = admitted.holding();
        let command = gate::Command::Complete {
            job_id,
            epoch,
            artifacts: Vec::new(),
        };
        let user = self.trace.arrivals[job].user;
        let reply = self.gate(now, user, command);
        if matches!(
            reply,
            Reply::Reported {
                state: Some(State::Granted),
                ..
            }
        ) {
            self.ledger.pause(now);
        } else {
            self.ledger.end(job, now);
            self.ended += 1;
            let jobs = vec![admitted.holding()];
            self.pool(now, pool::Command::Release { jobs });
        }
        self.start(now, id);
    }

    /// What did not start goes to another delivery, with lease and slot.
    pub(super) fn budget_used_up(&mut self, now: i64, id: usize) {
        let Some(delivery) = self.deliveries.get_mut(&id) else {
            return;
        };
        for admitted in std::mem::take(&mut delivery.waiting) {
            let Holding { job_id, epoch } = admitted.holding();
            let user = self.user_of(&admitted.ticket);
            self.gate(now, user, gate::Command::HandBack { job_id, epoch });
        }
        self.start(now, id);
    }

    fn user_of(&self, ticket: &Ticket) -> usize {
        self.trace.arrivals[self.jobs[&ticket.job_id]].user
    }
}
