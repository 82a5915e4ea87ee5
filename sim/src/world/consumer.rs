//! A delivery, as `src/consumer` hosts it: what the product's own [`Delivery`] says is done, and
//! messages are settled by name at its end. It may die at any step.

use super::{
    World,
    call::{Ask, Caller},
    event::Event,
    work::{Consumer, Task},
};
use crate::{marks::Mark, oracle::pool_facts::holder, planted::Defect};
use queue_core::{
    delivery::{Action, Delivery, assignment::Assignment, batch::arrange, settlement::Settlement},
    domain::{JobId, Timestamp},
    gate::{
        Command, Reply,
        command::{SkipReason, Start},
    },
    line::want::{Holding, Want, by_user},
    pool::{self, command::Given},
};
use std::collections::BTreeMap;

/// The platform's limit of one invocation, in milliseconds.
const WALL: i64 = 900_000;

/// How long a planted consumer sleeps on a slot.
const SLEEP: i64 = 20_000;

impl World {
    pub(super) fn deliver(&mut self, messages: Vec<usize>, bodies: &[Option<String>]) {
        let number = self.delivered;
        self.delivered += 1;
        let batch = arrange(bodies, self.plan.config.gate.priority_boost);
        let mut settled: Vec<(usize, Option<JobId>, Settlement)> = messages
            .into_iter()
            .map(|message| (message, None, Settlement::Acknowledge))
            .collect();
        for (index, _) in &batch.unreadable {
            self.mark(Mark::Unreadable);
            let recorded = !self.dice.chance(self.rates.storage);
            settled[*index].2 = Settlement::of_unreadable(recorded);
        }
        for _ in &batch.duplicates {
            self.mark(Mark::DuplicateInBatch);
        }
        for (index, ticket) in batch.tickets.iter().chain(&batch.duplicates) {
            settled[*index].1 = Some(ticket.job_id.clone());
        }
        self.say(|| format!("delivery {number}: {} messages", settled.len()));
        let now = Timestamp::from_millis(self.now);
        let mut delivery = Delivery::new(holder(number), now, &self.plan.config);
        delivery.brought(batch.tickets.into_iter().map(|(_, ticket)| ticket));
        let consumer = Consumer {
            messages: settled,
            questions: BTreeMap::new(),
            asked: 0,
            delivery,
            told: Vec::new(),
            leases: BTreeMap::new(),
            tick: None,
            isolate: number % self.loads.len(),
        };
        self.consumers.insert(number, consumer);
        self.after(WALL, Event::Wall(number));
        self.run(number);
    }

    /// A decision of a delivery, which is told what others of its isolate hold.
    fn decide<T>(
        &mut self,
        number: usize,
        decision: impl FnOnce(&mut Delivery, Timestamp, u32) -> T,
    ) -> Option<T> {
        let now = Timestamp::from_millis(self.now);
        let consumer = self.consumers.get_mut(&number)?;
        let loads = &mut self.loads[consumer.isolate];
        let others = loads.others(consumer.delivery.name());
        let decided = decision(&mut consumer.delivery, now, others);
        loads.set(consumer.delivery.name(), consumer.delivery.weight(), now);
        Some(decided)
    }

    /// Does what the delivery says; ends the invocation when it is done.
    pub(super) fn run(&mut self, number: usize) {
        let Some(actions) = self.decide(number, Delivery::act) else {
            return;
        };
        for action in actions {
            self.perform(number, action);
        }
        let Some(consumer) = self.consumers.get_mut(&number) else {
            return;
        };
        if consumer.delivery.is_done() {
            self.finish(number);
            return;
        }
        if let Some(due) = consumer.delivery.next_due(Timestamp::from_millis(self.now)) {
            // One more, as the runner waits.
            let at = due.as_millis().max(self.now) + 1;
            if consumer
                .tick
                .is_none_or(|tick| at < tick || tick <= self.now)
            {
                consumer.tick = Some(at);
                self.after(at - self.now, Event::Tick(number));
            }
        }
    }

    fn perform(&mut self, number: usize, action: Action) {
        match action {
            Action::Start(mut jobs) => {
                if self.defect == Defect::SleepsOnSlots && jobs.len() > 1 {
                    for want in jobs.split_off(1) {
                        self.ask_gates(number, vec![want], SLEEP);
                    }
                }
                self.ask_gates(number, jobs, 0);
            }
            Action::Run(assignment) => {
                if let Some(task) = self.task(number, assignment) {
                    self.start(task);
                }
            }
            Action::Exchange(mut exchange) => {
                if self.defect == Defect::FreedForgotten {
                    exchange.freed.clear();
                }
                if let Some(consumer) = self.consumers.get_mut(&number) {
                    consumer.told.clone_from(&exchange.running);
                }
                let command = pool::Command::Exchange(exchange);
                self.exchanges += 1;
                self.call(Ask::Pool(command), Caller::Exchange { delivery: number });
            }
            Action::Listen(listen) => {
                let command = pool::Command::Listen(listen);
                self.listen_calls += 1;
                self.call(Ask::Pool(command), Caller::Listen { delivery: number });
            }
        }
    }

    /// Asks each user's gate once.
    fn ask_gates(&mut self, number: usize, jobs: Vec<Want>, pause: i64) {
        for (user, jobs) in by_user(jobs) {
            let gate = self.plan.users.iter().position(|known| *known == user);
            let Some((gate, consumer)) = gate.zip(self.consumers.get_mut(&number)) else {
                continue;
            };
            let command = Command::Start {
                holder: holder(number),
                jobs: jobs.iter().map(Want::holding).collect(),
            };
            let question = consumer.asked;
            consumer.asked += 1;
            consumer.questions.insert(question, jobs);
            let caller = Caller::Start {
                delivery: number,
                question,
            };
            self.call_after(pause, Ask::Gate(gate, command), caller);
        }
    }

    pub(super) fn starts_answered(
        &mut self,
        (number, question): (usize, usize),
        answer: Option<Reply>,
    ) {
        if self.dies(number) {
            return;
        }
        let Some(consumer) = self.consumers.get_mut(&number) else {
            return;
        };
        let Some(jobs) = consumer.questions.remove(&question) else {
            return;
        };
        let starts = match answer {
            Some(Reply::Started { starts }) => Some(starts),
            Some(_) | None => None,
        };
        for (want, start) in jobs.iter().zip(starts.iter().flatten()) {
            match start {
                Start::Run(grant) => self.leased(number, want.job_id(), grant.epoch),
                Start::Skip { reason } => {
                    // A cancellation, or a lowered limit, may cross with the pool's word.
                    let crosses = matches!(
                        reason,
                        SkipReason::Ended | SkipReason::AlreadyParked | SkipReason::OtherLease
                    );
                    self.skips += u64::from(!crosses);
                }
            }
        }
        let _ = self.decide(number, |delivery, now, _| {
            delivery.started(now, jobs, starts)
        });
        self.run(number);
    }

    /// Under which lease the delivery runs a job from now on.
    pub(super) fn leased(&mut self, number: usize, job_id: &JobId, epoch: u32) {
        let Some(job) = self.oracle.index.get(job_id) else {
            return;
        };
        let lease = self.oracle.jobs[*job].lease;
        if let Some(consumer) = self.consumers.get_mut(&number) {
            consumer
                .leases
                .entry((job_id.clone(), epoch))
                .or_insert(lease);
        }
    }

    pub(super) fn exchanged(&mut self, number: usize, answer: Option<pool::Reply>) {
        if self.dies(number) {
            return;
        }
        if answer.is_none() {
            self.mark(Mark::PoolUnreachable);
        }
        let given = given(answer);
        if let Some((given, consumer)) = given.as_ref().zip(self.consumers.get(&number)) {
            let told = consumer.told.iter();
            let lost = told.filter(|job| given.lost.contains(&job.job_id));
            self.oracle.lost_slots(number, lost);
            self.oracle
                .tally
                .add_to(Mark::Yielded, u64::from(given.yields));
        }
        let ignores = self.defect == Defect::LostSlotIgnored;
        let given = given.map(|given| Given {
            lost: if ignores { Vec::new() } else { given.lost },
            ..given
        });
        let _ = self.decide(number, |delivery, now, others| {
            delivery.exchanged(now, others, given);
        });
        self.run(number);
    }

    pub(super) fn listened(&mut self, number: usize, answer: Option<pool::Reply>) {
        if self.dies(number) {
            return;
        }
        let mut given = given(answer);
        if given.is_none() {
            self.mark(Mark::ListenFailed);
        }
        if self.defect == Defect::DeafDelivery {
            given = given.map(|_| Given::default());
        }
        let _ = self.decide(number, |delivery, now, others| {
            delivery.listened(now, others, given);
        });
        self.run(number);
    }

    /// A job in the hands of this delivery.
    fn task(&mut self, number: usize, assignment: Assignment) -> Option<usize> {
        let job = *self.oracle.index.get(assignment.job_id())?;
        let consumer = self.consumers.get(&number)?;
        let Holding { job_id, epoch } = assignment.holding();
        let lease = *consumer.leases.get(&(job_id, epoch))?;
        let user = self.oracle.jobs[job].user;
        self.tasks
            .push(Task::new((number, job, user), assignment, lease));
        Some(self.tasks.len() - 1)
    }

    pub(super) fn tick(&mut self, number: usize) {
        if let Some(consumer) = self.consumers.get_mut(&number) {
            consumer.tick = None;
            if !self.dies(number) {
                self.run(number);
            }
        }
    }
}

fn given(answer: Option<pool::Reply>) -> Option<Given> {
    match answer {
        Some(pool::Reply::Given(given)) => Some(given),
        Some(_) | None => None,
    }
}
