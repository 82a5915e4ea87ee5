//! What a consumer does with a batch: what the product's own [`Delivery`] says, with calls that take no time.

use super::world::{Alarm, Consumer, Event, World, clock};
use queue_core::{
    delivery::{Action, Delivery, assignment::Assignment, batch::arrange, stage::Ending},
    domain::Ticket,
    gate::{Command, Reply, Store as _},
    line::want::Want,
    pool::{
        self,
        command::{Given, Offer},
    },
};
use std::collections::BTreeMap;

/// How long an open call at the pool waits for work, in milliseconds.
const LISTEN: i64 = 10_000;

impl World<'_> {
    /// A batch is delivered.
    pub(super) fn deliver(&mut self, now: i64, bodies: &[Option<String>]) {
        self.ledger.deliver(bodies.len());
        let id = self.next_delivery;
        self.next_delivery += 1;
        let mut delivery = Delivery::new(id.to_string(), clock(now), &self.config);
        let batch = arrange(bodies, self.config.gate.priority_boost);
        delivery.brought(batch.tickets.into_iter().map(|(_, ticket)| ticket));
        let consumer = Consumer {
            delivery,
            running: BTreeMap::new(),
            alarm: Alarm::default(),
            calls: 0,
            is_open: false,
            places: 0,
        };
        self.consumers.insert(id, consumer);
        self.run(now, id);
    }

    /// A time has come that the delivery named.
    pub(super) fn due(&mut self, now: i64, id: usize) {
        let Some(consumer) = self.consumers.get_mut(&id) else {
            return;
        };
        if consumer.alarm.rings(now) {
            self.run(now, id);
        }
    }

    /// Does what the delivery says, until there is nothing to do but to wait.
    pub(super) fn run(&mut self, now: i64, id: usize) {
        while let Some(consumer) = self.consumers.get_mut(&id) {
            let actions = consumer.delivery.act(clock(now), 0);
            if actions.is_empty() {
                return self.rest(now, id);
            }
            for action in actions {
                self.perform(now, id, action);
            }
        }
    }

    fn rest(&mut self, now: i64, id: usize) {
        let Some(consumer) = self.consumers.get_mut(&id) else {
            return;
        };
        if consumer.delivery.is_done() {
            self.consumers.remove(&id);
            return;
        }
        let due = consumer.delivery.next_due(clock(now));
        assert!(due.is_none_or(|due| clock(now) < due), "it would go round");
        if let Some(due) = consumer.alarm.arm(due) {
            self.agenda.at(due, Event::Due(id));
        }
    }

    fn perform(&mut self, now: i64, id: usize, action: Action) {
        match action {
            Action::Start(jobs) => self.start(now, id, jobs),
            Action::Run(assignment) => self.work(now, id, assignment),
            Action::Exchange(exchange) => {
                self.offers(id, &exchange.offer);
                let reply = self.pool(now, pool::Command::Exchange(exchange));
                if let pool::Reply::Given(given) = reply {
                    self.delivery(id).exchanged(clock(now), 0, Some(given));
                }
            }
            Action::Listen(listen) => {
                self.offers(id, &listen.offer);
                let reply = self.pool(now, pool::Command::Listen(listen));
                if let pool::Reply::Given(given) = reply {
                    self.delivery(id).listened(clock(now), 0, Some(given));
                } else {
                    self.wait(now, id);
                }
            }
        }
    }

    fn offers(&mut self, id: usize, offer: &Offer) {
        if let Some(consumer) = self.consumers.get_mut(&id) {
            consumer.places = offer.places;
        }
    }

    /// The call stays open.
    fn wait(&mut self, now: i64, id: usize) {
        if let Some(consumer) = self.consumers.get_mut(&id) {
            consumer.calls += 1;
            consumer.is_open = true;
            self.agenda
                .at(now + LISTEN, Event::HangUp(id, consumer.calls));
        }
    }

    /// The open call is answered.
    pub(super) fn answer(&mut self, now: i64, id: usize, jobs: Vec<Want>) {
        let Some(consumer) = self.consumers.get_mut(&id) else {
            return;
        };
        consumer.is_open = false;
        let given = Given {
            jobs,
            ..Given::default()
        };
        consumer.delivery.listened(clock(now), 0, Some(given));
        self.agenda.at(now, Event::Run(id));
    }

    /// Whether somebody with a free place waits for work.
    pub(super) fn has_listener(&self) -> bool {
        let mut consumers = self.consumers.values();
        consumers.any(|consumer| consumer.is_open && consumer.places > 0)
    }

    /// Calls of deliveries that have left the pool end with nothing.
    pub(super) fn end_calls(&mut self, now: i64) {
        let desk = &self.pool.desk;
        let has_left =
            |consumer: &Consumer| consumer.is_open && !desk.listens(consumer.delivery.name());
        let consumers = self.consumers.iter();
        let left: Vec<usize> = consumers
            .filter(|(_, consumer)| has_left(consumer))
            .map(|(id, _)| *id)
            .collect();
        for id in left {
            self.answer(now, id, Vec::new());
        }
    }

    /// The open call has waited for long enough, if it is still that one.
    pub(super) fn hang_up(&mut self, now: i64, id: usize, call: u32) {
        let is_that = |consumer: &Consumer| consumer.is_open && consumer.calls == call;
        if self.consumers.get(&id).is_some_and(is_that) {
            self.pool.desk.hang_up(&id.to_string(), clock(now));
            self.answer(now, id, Vec::new());
        }
    }

    fn delivery(&mut self, id: usize) -> &mut Delivery {
        let Some(consumer) = self.consumers.get_mut(&id) else {
            unreachable!("a delivery lasts until it is done");
        };
        &mut consumer.delivery
    }

    /// Asks each user's gate once.
    fn start(&mut self, now: i64, id: usize, jobs: Vec<Want>) {
        let mut users: BTreeMap<usize, Vec<Want>> = BTreeMap::new();
        for want in jobs {
            users
                .entry(self.user_of(&want.ticket))
                .or_default()
                .push(want);
        }
        for (user, jobs) in users {
            let command = Command::Start {
                holder: id.to_string(),
                jobs: jobs.iter().map(Want::holding).collect(),
            };
            if let Reply::Started { starts } = self.gate(now, user, command) {
                self.delivery(id).started(clock(now), jobs, Some(starts));
            }
        }
    }

    fn work(&mut self, now: i64, id: usize, assignment: Assignment) {
        let job = self.jobs[assignment.job_id()];
        if std::mem::replace(&mut self.started[job], true) {
            self.ledger.resume(now);
        } else {
            self.ledger.start(job, now);
            let user = self.trace.arrivals[job].user;
            let rows = &self.gates[user].rows;
            let row = rows.find(assignment.job_id()).ok().flatten();
            let granted = row.and_then(|row| row.granted_at).unwrap_or(clock(now));
            if let Some(watch) = &mut self.watch {
                let since = granted.as_millis() - clock(0).as_millis();
                watch.starts(job, since, now);
            }
        }
        let count = i64::try_from(self.stages().len()).unwrap_or(1);
        let part = self.trace.arrivals[job].service / count;
        let is_last = assignment.grant.is_last;
        let rest = self.trace.arrivals[job].service - part * (count - 1);
        let span = if is_last { rest } else { part };
        self.agenda.at(now + span, Event::StageEnd(id, job));
        if let Some(consumer) = self.consumers.get_mut(&id) {
            consumer.running.insert(job, assignment);
        }
    }

    /// A stage was made: reports it, and goes on.
    pub(super) fn stage_end(&mut self, now: i64, id: usize, job: usize) {
        let Some(consumer) = self.consumers.get_mut(&id) else {
            return;
        };
        let Some(assignment) = consumer.running.remove(&job) else {
            return;
        };
        if assignment.has_next_stage() {
            self.ledger.pause(now);
        } else {
            self.ledger.end(job, now);
            self.ended += 1;
        }
        let made = Ending::Made(Vec::new());
        let report = consumer.delivery.stopped(clock(now), &assignment, made, 0);
        let command = report.expect("what was made is reported");
        let reply = self.gate(now, self.trace.arrivals[job].user, command);
        self.delivery(id).reported(assignment.job_id(), Some(reply));
        self.run(now, id);
    }

    fn user_of(&self, ticket: &Ticket) -> usize {
        self.trace.arrivals[self.jobs[&ticket.job_id]].user
    }
}
