//! A delivery, as `consumer/handler.rs` and `runner.rs` host it: each gate is asked once, messages are settled by name,
//! and what the product's own [`Delivery`] says is done. It may die at any step.

use super::{
    Event, World,
    calls::{Ask, Caller},
    tasks::Task,
};
use crate::{marks::Mark, planted::Defect};
use std::collections::BTreeMap;
use story_queue::{
    consumer::{
        admitted::Admitted,
        batch::{arrange, by_user},
        delivery::{Action, Delivery},
        lanes::WEIGHT_MAX,
        verdict::{Settlement, Verdict},
    },
    domain::{JobId, Ticket, Tier, Timestamp, UserId},
    gate::{
        Command, Reply,
        command::{Handed, Holding, SkipReason},
    },
};

/// The platform's limit of one invocation, in milliseconds.
const WALL: i64 = 900_000;

/// Tickets that gates are being asked about.
struct Question {
    tickets: Vec<Ticket>,
    /// Where their messages are in the batch; none of tickets that came with a slot.
    messages: Option<Vec<usize>>,
    users: Vec<(UserId, Vec<usize>)>,
    verdicts: Vec<Verdict>,
    unanswered: usize,
}

/// One delivery under way.
pub(super) struct Consumer {
    messages: Vec<usize>,
    settlements: Vec<Settlement>,
    questions: BTreeMap<usize, Question>,
    asked: usize,
    /// Gates that have not answered yet, of each round of telling.
    pub(super) untold: BTreeMap<usize, usize>,
    pub(super) delivery: Delivery,
    /// The lease of each job that it ever got.
    leases: BTreeMap<(JobId, u32), (usize, u32)>,
    /// Where each running job is among the tasks.
    pub(super) tasks: BTreeMap<JobId, usize>,
    has_run: bool,
}

impl World {
    pub(super) fn deliver(&mut self, messages: Vec<usize>, bodies: &[Option<String>]) {
        let number = self.delivered;
        self.delivered += 1;
        let batch = arrange(bodies, self.plan.config.gate.priority_boost);
        let mut settlements = vec![Settlement::Acknowledge; messages.len()];
        for (index, _) in &batch.unreadable {
            self.tally.mark(Mark::Unreadable);
            let recorded = !self.dice.chance(self.rates.storage);
            settlements[*index] = Verdict::Bury.settlement(recorded);
        }
        for _ in &batch.duplicates {
            self.tally.mark(Mark::DuplicateInBatch);
        }
        self.say(|| format!("delivery {number}: {} messages", messages.len()));
        let now = Timestamp::from_millis(self.now);
        let weight_max = WEIGHT_MAX / self.plan.heft;
        let consumer = Consumer {
            messages,
            settlements,
            questions: BTreeMap::new(),
            asked: 0,
            untold: BTreeMap::new(),
            delivery: Delivery::new(now, &self.plan.config, weight_max),
            leases: BTreeMap::new(),
            tasks: BTreeMap::new(),
            has_run: false,
        };
        self.consumers.insert(number, consumer);
        self.after(WALL, Event::Wall(number));
        let (messages, tickets) = batch.tickets.into_iter().unzip();
        self.ask_gates(number, tickets, Some(messages));
    }

    /// Asks each user's gate once.
    fn ask_gates(&mut self, number: usize, tickets: Vec<Ticket>, messages: Option<Vec<usize>>) {
        let users: Vec<(UserId, Vec<usize>)> = by_user(&tickets).into_iter().collect();
        let ask = |(user, positions): &(UserId, Vec<usize>)| {
            let gate = self.plan.users.iter().position(|known| known == user)?;
            let job = |position: &usize| tickets[*position].job_id.clone();
            let jobs = positions.iter().map(job).collect();
            let holder = holder(number);
            Some((gate, Command::Admit { holder, jobs }))
        };
        let asks: Vec<(usize, Command)> = users.iter().filter_map(ask).collect();
        let Some(consumer) = self.consumers.get_mut(&number) else {
            return;
        };
        let question = consumer.asked;
        consumer.asked += 1;
        let asked = Question {
            verdicts: vec![Verdict::Retry; tickets.len()],
            tickets,
            messages,
            unanswered: asks.len(),
            users,
        };
        consumer.questions.insert(question, asked);
        let none = asks.is_empty();
        for (user, (gate, command)) in asks.into_iter().enumerate() {
            let caller = Caller::Admit {
                delivery: number,
                question,
                user,
            };
            self.call(Ask::Gate(gate, command), caller);
        }
        if none {
            self.decided(number, question);
        }
    }

    pub(super) fn admitted(
        &mut self,
        (number, question, user): (usize, usize, usize),
        answer: Option<Reply>,
    ) {
        if self.dies(number) {
            return;
        }
        let Some(consumer) = self.consumers.get_mut(&number) else {
            return;
        };
        let Some(asked) = consumer.questions.get_mut(&question) else {
            return;
        };
        asked.unanswered -= 1;
        let positions = &asked.users[user].1;
        if let Some(Reply::Admitted { admissions }) = answer
            && admissions.len() == positions.len()
        {
            for (position, admission) in positions.iter().zip(admissions) {
                asked.verdicts[*position] = Verdict::from(admission);
            }
        }
        if asked.unanswered == 0 {
            self.decided(number, question);
        }
    }

    /// Every gate has answered: settle by name, and go on with what was admitted.
    fn decided(&mut self, number: usize, question: usize) {
        let Some(consumer) = self.consumers.get_mut(&number) else {
            return;
        };
        let Some(asked) = consumer.questions.remove(&question) else {
            return;
        };
        let mut verdicts = Vec::new();
        for (index, (ticket, verdict)) in asked.tickets.into_iter().zip(asked.verdicts).enumerate()
        {
            if let Some(messages) = &asked.messages {
                consumer.settlements[messages[index]] = verdict.settlement(true);
            }
            if let (Verdict::Run(grant), Some(job)) =
                (&verdict, self.oracle.index.get(&ticket.job_id))
            {
                let lease = self.oracle.jobs[*job].lease;
                let held = (ticket.job_id.clone(), grant.epoch);
                consumer.leases.insert(held, lease);
            }
            if let Verdict::Skip(reason) = &verdict
                && consumer.delivery.slots().is_bounded()
                && ticket.epoch.is_some()
                && *reason != SkipReason::AlreadyRunning
            {
                if self.defect == Defect::SkipKeepsSlot {
                    continue;
                }
                self.tally.mark(Mark::SkipReleases);
            }
            verdicts.push((ticket, verdict));
        }
        if asked.messages.is_none() {
            self.tally.mark(Mark::TicketTaken);
            let _ = consumer.delivery.admitted(verdicts);
        } else {
            for (ticket, verdict) in verdicts {
                let _ = consumer.delivery.judged(ticket, verdict);
            }
            consumer.has_run = true;
            let budget = consumer.delivery.budget_ends();
            let left = budget.millis_since(Timestamp::from_millis(self.now));
            if left <= 0 {
                self.tally.mark(Mark::BudgetSpentAsking);
            }
            // One more, as the runner waits.
            self.after(left + 1, Event::Budget(number));
            self.renew_slots_later(number);
        }
        self.run(number);
    }

    /// What a report's answer handed over.
    pub(super) fn handed(&mut self, number: usize, handed: &[Handed]) {
        let Some(consumer) = self.consumers.get_mut(&number) else {
            return;
        };
        for Handed { ticket, grant } in handed {
            if let Some(job) = self.oracle.index.get(&ticket.job_id) {
                self.tally.mark(Mark::HandedOn);
                let lease = self.oracle.jobs[*job].lease;
                let held = (ticket.job_id.clone(), grant.epoch);
                consumer.leases.entry(held).or_insert(lease);
            }
        }
    }

    /// Does what the delivery says; ends the invocation when it is done.
    pub(super) fn run(&mut self, number: usize) {
        let now = Timestamp::from_millis(self.now);
        let Some(consumer) = self.consumers.get_mut(&number) else {
            return;
        };
        if !consumer.has_run {
            return;
        }
        let actions = consumer.delivery.act(now);
        let (waiting, running) = consumer.delivery.load();
        let tiers = &self.plan.config.gate.tiers;
        let widths = Tier::ALL.map(|tier| tiers.of(tier).max_batch_size as usize);
        if waiting > 0 && widths.iter().all(|width| running < *width) {
            self.tally.mark(Mark::LaneFullByWeight);
        }
        for action in actions {
            self.perform(number, action);
        }
        let Some(consumer) = self.consumers.get(&number) else {
            return;
        };
        if consumer.delivery.is_done() {
            self.finish(number);
        }
    }

    fn perform(&mut self, number: usize, action: Action) {
        match action {
            Action::Start(admitted) => {
                if let Some(task) = self.task(number, admitted) {
                    self.start(task);
                }
            }
            Action::HandBack(admitted) => {
                if let Some(task) = self.task(number, admitted) {
                    self.hand_back(task);
                }
            }
            Action::Exchange(command) => {
                self.call(Ask::Pool(command), Caller::Exchange { delivery: number });
            }
            Action::Wait { jobs, in_line } => self.tell_to_wait(number, &jobs, in_line),
            Action::Admit(tickets) => self.ask_gates(number, tickets, None),
            Action::Forward(tickets) => {
                self.tally.mark(Mark::TicketForwarded);
                self.send(&tickets);
                self.after(200, Event::Told(number));
            }
        }
    }

    /// A job in the hands of this delivery.
    fn task(&mut self, number: usize, admitted: Admitted) -> Option<usize> {
        let job = *self.oracle.index.get(&admitted.ticket.job_id)?;
        let consumer = self.consumers.get_mut(&number)?;
        let Holding { job_id, epoch } = admitted.holding();
        let lease = *consumer.leases.get(&(job_id.clone(), epoch))?;
        consumer.tasks.insert(job_id, self.tasks.len());
        let user = self.oracle.jobs[job].user;
        self.tasks
            .push(Task::new((number, job, user), admitted, lease));
        Some(self.tasks.len() - 1)
    }

    /// What was put back on the queue is there.
    pub(super) fn told(&mut self, number: usize) {
        if self.dies(number) {
            return;
        }
        if let Some(consumer) = self.consumers.get_mut(&number) {
            consumer.delivery.told();
            self.run(number);
        }
    }

    fn finish(&mut self, number: usize) {
        if self.dies(number) {
            return;
        }
        if let Some(consumer) = self.consumers.remove(&number) {
            for (message, settlement) in consumer.messages.into_iter().zip(consumer.settlements) {
                self.settle(message, settlement);
            }
        }
    }

    pub(super) fn budget(&mut self, number: usize) {
        if !self.dies(number) {
            self.run(number);
        }
    }

    pub(super) fn wall(&mut self, number: usize) {
        if self.consumers.contains_key(&number) {
            self.tally.mark(Mark::WallClockExceeded);
            self.kill(number);
        }
    }

    /// Whether the consumer dies here.
    pub(super) fn dies(&mut self, number: usize) -> bool {
        if self.consumers.contains_key(&number) && self.dice.chance(self.rates.death) {
            self.tally.mark(Mark::ConsumerDied);
            self.kill(number);
            return true;
        }
        false
    }

    /// What it ran at the generator goes on; nobody listens. Nothing was settled.
    fn kill(&mut self, number: usize) {
        self.say(|| format!("delivery {number} dies"));
        if let Some(consumer) = self.consumers.remove(&number) {
            for message in consumer.messages {
                let pause = self.dice.between(1_000, 60_000);
                self.again(message, pause);
            }
        }
    }
}

/// How a delivery names itself.
pub(super) fn holder(number: usize) -> String {
    format!("delivery-{number}")
}
