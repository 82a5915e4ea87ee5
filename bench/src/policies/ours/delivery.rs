//! What a consumer does with a batch: what the product's own [`Delivery`] says, with calls that take no time.

use super::{Event, World, clock};
use crate::ledger::millis;
use std::collections::BTreeMap;
use story_queue::{
    consumer::{
        admitted::Admitted,
        batch::{arrange, by_user},
        delivery::{Action, Delivery},
        lanes::WEIGHT_MAX,
        verdict::Verdict,
    },
    domain::Ticket,
    gate::{Command, Reply, command::Holding},
};

/// One delivery.
pub(super) struct Consumer {
    delivery: Delivery,
    running: BTreeMap<usize, Admitted>,
}

/// How a delivery names itself.
fn holder(id: usize) -> String {
    id.to_string()
}

impl World<'_> {
    /// A batch is delivered.
    pub(super) fn deliver(&mut self, now: i64, bodies: &[Option<String>]) {
        self.ledger.deliver(bodies.len());
        let batch = arrange(bodies, self.config.gate.priority_boost);
        let id = self.next_delivery;
        self.next_delivery += 1;
        let mut delivery = Delivery::new(clock(now), &self.config, WEIGHT_MAX);
        let tickets = batch.tickets.into_iter().map(|(_, ticket)| ticket);
        for (ticket, verdict) in self.ask_gates(now, id, tickets.collect()) {
            let _ = delivery.judged(ticket, verdict);
        }
        let running = BTreeMap::new();
        self.consumers.insert(id, Consumer { delivery, running });
        let budget = now + millis(self.config.delivery_budget);
        self.agenda.at(budget, Event::Budget(id));
        self.run(now, id);
    }

    /// Asks each user's gate once.
    fn ask_gates(&mut self, now: i64, id: usize, tickets: Vec<Ticket>) -> Vec<(Ticket, Verdict)> {
        let mut verdicts = vec![Verdict::Retry; tickets.len()];
        for positions in by_user(&tickets).values() {
            let job_id = |position: &usize| tickets[*position].job_id.clone();
            let command = Command::Admit {
                holder: holder(id),
                jobs: positions.iter().map(job_id).collect(),
            };
            let user = self.user_of(&tickets[positions[0]]);
            if let Reply::Admitted { admissions } = self.gate(now, user, command) {
                for (position, admission) in positions.iter().zip(admissions) {
                    verdicts[*position] = Verdict::from(admission);
                }
            }
        }
        tickets.into_iter().zip(verdicts).collect()
    }

    /// Does what the delivery says, until there is nothing to do but to wait.
    pub(super) fn run(&mut self, now: i64, id: usize) {
        loop {
            let Some(consumer) = self.consumers.get_mut(&id) else {
                return;
            };
            let actions = consumer.delivery.act(clock(now));
            if actions.is_empty() {
                if consumer.delivery.is_done() {
                    self.consumers.remove(&id);
                }
                return;
            }
            for action in actions {
                self.perform(now, id, action);
            }
        }
    }

    fn perform(&mut self, now: i64, id: usize, action: Action) {
        match action {
            Action::Start(admitted) => self.start(now, id, admitted),
            Action::HandBack(admitted) => {
                let Holding { job_id, epoch } = admitted.holding();
                let user = self.user_of(&admitted.ticket);
                let command = Command::HandBack {
                    job_id: job_id.clone(),
                    epoch,
                };
                let reply = self.gate(now, user, command);
                self.delivery(id).handed_back(&job_id, Some(&reply));
            }
            Action::Exchange(command) => {
                let reply = self.pool(now, command);
                let _ = self.delivery(id).exchanged(Some(reply));
            }
            Action::Wait { jobs, in_line } => {
                for admitted in jobs {
                    let command = Command::Wait {
                        jobs: vec![admitted.holding()],
                        in_line,
                    };
                    let user = self.user_of(&admitted.ticket);
                    self.gate(now, user, command);
                }
                self.delivery(id).told();
            }
            Action::Admit(tickets) => {
                let verdicts = self.ask_gates(now, id, tickets);
                let _ = self.delivery(id).admitted(verdicts);
            }
            Action::Forward(tickets) => {
                self.send(now, &tickets);
                self.delivery(id).told();
            }
        }
    }

    fn delivery(&mut self, id: usize) -> &mut Delivery {
        let Some(consumer) = self.consumers.get_mut(&id) else {
            unreachable!("a delivery lasts until it is done");
        };
        &mut consumer.delivery
    }

    fn start(&mut self, now: i64, id: usize, admitted: Admitted) {
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
        if let Some(consumer) = self.consumers.get_mut(&id) {
            consumer.running.insert(job, admitted);
        }
    }

    /// A stage was made: reports it, and goes on.
    pub(super) fn stage_end(&mut self, now: i64, id: usize, job: usize) {
        let Some(consumer) = self.consumers.get_mut(&id) else {
            return;
        };
        let Some(admitted) = consumer.running.remove(&job) else {
            return;
        };
        let goes_on = consumer.delivery.goes_on(clock(now), admitted.grant.tier);
        let Holding { job_id, epoch } = admitted.holding();
        let is_last = admitted.grant.kind.stages().last() == Some(&admitted.grant.stage);
        let command = Command::Complete {
            job_id: job_id.clone(),
            epoch,
            artifacts: Vec::new(),
            holder: goes_on.then(|| holder(id)),
        };
        let user = self.trace.arrivals[job].user;
        let reply = self.gate(now, user, command);
        if is_last {
            self.ledger.end(job, now);
            self.ended += 1;
        } else {
            self.ledger.pause(now);
        }
        self.delivery(id).reported(&job_id, Some(reply));
        self.run(now, id);
    }

    fn user_of(&self, ticket: &Ticket) -> usize {
        self.trace.arrivals[self.jobs[&ticket.job_id]].user
    }
}
