//! A delivery, as `consumer/handler.rs` and `runner.rs` handle it: arrange, ask each gate once, settle by
//! name, claim slots, run in lanes, hand back what did not start within the budget. It may die at any step.

use super::{
    Event, World,
    calls::{Ask, Caller},
    slots::Slots,
    tasks::Task,
};
use crate::{marks::Mark, planted::Defect};
use story_queue::{
    consumer::{
        batch::{arrange, by_user},
        lanes::{Lanes, weight},
        verdict::{Settlement, Verdict},
    },
    domain::{Ticket, UserId},
    gate::{Command, Reply},
};

/// The platform's limit of one invocation, in milliseconds.
const WALL: i64 = 900_000;

/// One delivery under way.
pub(super) struct Delivery {
    messages: Vec<usize>,
    settlements: Vec<Settlement>,
    tickets: Vec<(usize, Ticket)>,
    users: Vec<(UserId, Vec<usize>)>,
    verdicts: Vec<Verdict>,
    unanswered: usize,
    pub(super) lanes: Lanes,
    pub(super) waiting: Vec<usize>,
    pub(super) open: usize,
    started_at: i64,
    pub(super) slots: Slots,
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
        let users: Vec<(UserId, Vec<usize>)> = by_user(&batch.tickets).into_iter().collect();
        self.say(|| {
            format!(
                "delivery {number}: {} messages, {} users",
                messages.len(),
                users.len()
            )
        });
        let asked: Vec<(usize, Command)> = users
            .iter()
            .filter_map(|(user, positions)| {
                let gate = self.plan.users.iter().position(|known| known == user)?;
                let jobs = positions
                    .iter()
                    .map(|position| batch.tickets[*position].1.job_id.clone());
                let (holder, jobs) = (format!("delivery-{number}"), jobs.collect());
                Some((gate, Command::Admit { holder, jobs }))
            })
            .collect();
        let delivery = Delivery {
            messages,
            settlements,
            verdicts: vec![Verdict::Retry; batch.tickets.len()],
            tickets: batch.tickets,
            unanswered: asked.len(),
            users,
            lanes: Lanes::new(&self.plan.config.gate.tiers),
            waiting: Vec::new(),
            open: 0,
            started_at: self.now,
            slots: Slots::new(self.plan.config.pool.capacity > 0),
        };
        self.deliveries.insert(number, delivery);
        self.after(WALL, Event::Wall(number));
        let none = asked.is_empty();
        for (user, (gate, command)) in asked.into_iter().enumerate() {
            self.call(
                Ask::Gate(gate, command),
                Caller::Admit {
                    delivery: number,
                    user,
                },
            );
        }
        if none {
            self.decided(number);
        }
    }

    pub(super) fn admitted(&mut self, number: usize, user: usize, answer: Option<Reply>) {
        if self.dies(number) {
            return;
        }
        let Some(delivery) = self.deliveries.get_mut(&number) else {
            return;
        };
        delivery.unanswered -= 1;
        let positions = &delivery.users[user].1;
        if let Some(Reply::Admitted { admissions }) = answer
            && admissions.len() == positions.len()
        {
            for (position, admission) in positions.iter().zip(admissions) {
                delivery.verdicts[*position] = Verdict::from(admission);
            }
        }
        if delivery.unanswered == 0 {
            self.decided(number);
        }
    }

    /// Every gate has answered: settle by name, and run what was admitted.
    fn decided(&mut self, number: usize) {
        let Some(delivery) = self.deliveries.get_mut(&number) else {
            return;
        };
        let tickets = std::mem::take(&mut delivery.tickets);
        let verdicts = std::mem::take(&mut delivery.verdicts);
        let mut admitted = Vec::new();
        for ((index, ticket), verdict) in tickets.into_iter().zip(verdicts) {
            delivery.settlements[index] = verdict.settlement(true);
            match verdict {
                Verdict::Run(grant) => {
                    let Some(job) = self.oracle.index.get(&ticket.job_id) else {
                        continue;
                    };
                    let lease = &self.oracle.jobs[*job];
                    // Small payloads stand for those of any size.
                    let place = (grant.tier, weight(&grant.payload) * self.plan.heft);
                    let ids = (number, *job, lease.user);
                    let task = Task::new(ids, ticket, grant, lease.lease, place);
                    admitted.push(self.tasks.len());
                    self.tasks.push(task);
                }
                Verdict::Skip(reason) if self.defect != Defect::SkipKeepsSlot => {
                    if delivery.slots.skip(&ticket, reason) {
                        self.tally.mark(Mark::SkipReleases);
                    }
                }
                Verdict::Skip(_) | Verdict::Park { .. } | Verdict::Retry | Verdict::Bury => {}
            }
        }
        self.claim(number, admitted);
    }

    /// What may run is known: runs it, in lanes.
    pub(super) fn open_lanes(&mut self, number: usize, running: Vec<usize>) {
        let Some(delivery) = self.deliveries.get_mut(&number) else {
            return;
        };
        delivery.waiting = running;
        delivery.open = delivery.waiting.len();
        if delivery.open > 0 {
            let budget = self.plan.config.delivery_budget.as_millis();
            let used = self.now - delivery.started_at;
            let left = i64::try_from(budget).unwrap_or(0) - used;
            if left <= 0 {
                self.tally.mark(Mark::BudgetSpentAsking);
            }
            self.after(left, Event::Budget(number));
            self.renew_slots_later(number);
        }
        self.run(number);
    }

    /// Starts what has a place in its lane; ends the delivery when nothing is open.
    pub(super) fn run(&mut self, number: usize) {
        self.release(number);
        let Some(delivery) = self.deliveries.get_mut(&number) else {
            return;
        };
        let tasks = &self.tasks;
        let starting = delivery
            .lanes
            .start(&mut delivery.waiting, |task| tasks[*task].place);
        let running = delivery.open - delivery.waiting.len();
        let tiers = &self.plan.config.gate.tiers;
        if let Some(task) = delivery.waiting.first()
            && running < tiers.of(tasks[*task].place.0).max_batch_size as usize
        {
            self.tally.mark(Mark::LaneFullByWeight);
        }
        if delivery.open == 0 {
            if !delivery.slots.is_releasing {
                self.finish(number);
            }
            return;
        }
        for task in starting {
            self.start(task);
        }
    }

    fn finish(&mut self, number: usize) {
        if self.dies(number) {
            return;
        }
        if let Some(delivery) = self.deliveries.remove(&number) {
            for (message, settlement) in delivery.messages.into_iter().zip(delivery.settlements) {
                self.settle(message, settlement);
            }
        }
    }

    pub(super) fn budget(&mut self, number: usize) {
        if self.dies(number) {
            return;
        }
        let Some(delivery) = self.deliveries.get_mut(&number) else {
            return;
        };
        for task in std::mem::take(&mut delivery.waiting) {
            self.hand_back(task);
        }
    }

    pub(super) fn wall(&mut self, number: usize) {
        if self.deliveries.contains_key(&number) {
            self.tally.mark(Mark::WallClockExceeded);
            self.kill(number);
        }
    }

    /// Whether the consumer dies here.
    pub(super) fn dies(&mut self, number: usize) -> bool {
        if self.deliveries.contains_key(&number) && self.dice.chance(self.rates.death) {
            self.tally.mark(Mark::ConsumerDied);
            self.kill(number);
            return true;
        }
        false
    }

    /// What it ran at the generator goes on; nobody listens. Nothing was settled.
    fn kill(&mut self, number: usize) {
        self.say(|| format!("delivery {number} dies"));
        if let Some(delivery) = self.deliveries.remove(&number) {
            for message in delivery.messages {
                let pause = self.dice.between(1_000, 60_000);
                self.again(message, pause);
            }
        }
    }
}
