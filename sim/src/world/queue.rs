//! The queue: at least once, in no order. It loses, doubles and delays, forms batches, and delivers again what was not
//! acknowledged.

use super::{
    World,
    call::{Ask, Caller},
    event::Event,
    work::Message,
};
use crate::{marks::Mark, plan::millis};
use queue_core::{
    delivery::settlement::{Settlement, of_dead_letter},
    domain::Ticket,
    gate::{Command, Reply},
    sends::{Next, Sending},
};

/// As in `wrangler.toml`.
const MAX_RETRIES: u32 = 10;
const DEAD_MAX_RETRIES: u32 = 100;
const RETRY_DELAY: i64 = 10_000;
const DEAD_RETRY_DELAY: i64 = 300_000;

impl World {
    /// An object sends tickets, after its turn.
    pub(super) fn send(&mut self, tickets: Vec<Ticket>) {
        let (mut sending, mut later) = (Sending::new(tickets), 0);
        while let Some(chunk) = sending.chunk() {
            let failed = self.dice.chance(self.rates.send_failed);
            let nothing = failed && self.dice.chance(0.5);
            if !nothing {
                self.put(chunk, later);
            }
            if failed {
                self.mark(if nothing {
                    Mark::SendFailedBefore
                } else {
                    Mark::SendFailedAfter
                });
            }
            match sending.tried(!failed) {
                Next::Chunk => {}
                Next::Again(pause) => later += millis(pause),
                Next::GivenUp => self.mark(Mark::SendGivenUp),
            }
        }
    }

    fn put(&mut self, tickets: &[Ticket], later: i64) {
        for ticket in tickets {
            let body = ticket.to_text();
            if self.dice.chance(self.rates.ticket_lost) {
                self.mark(Mark::TicketLost);
                continue;
            }
            if self.dice.chance(self.rates.ticket_duplicated) {
                self.mark(Mark::TicketDuplicated);
                self.post(body.clone(), later);
            }
            if self.dice.chance(self.rates.poison) {
                self.mark(Mark::PoisonMessage);
                self.post(r#"{"v":9}"#.to_owned(), later);
            }
            self.post(body, later);
        }
    }

    fn post(&mut self, body: String, later: i64) {
        let mut pause = later + self.dice.between(20, 200);
        if self.dice.chance(self.rates.ticket_delayed) {
            self.mark(Mark::TicketDelayed);
            // Most by seconds, some by hours.
            let most = [5_000, 60_000, 600_000, 10_000_000][self.dice.below(4)];
            pause += self.dice.between(200, most);
        }
        self.queue.messages.push(Message { body, attempts: 0 });
        self.after(pause, Event::Message(self.queue.messages.len() - 1));
    }

    pub(super) fn arrives(&mut self, message: usize) {
        self.queue.ready.push(message);
        if self.queue.ready.len() >= self.plan.batch_max {
            self.batch();
        } else if !self.queue.timer {
            self.queue.timer = true;
            self.after(self.plan.batch_ms, Event::Batch);
        }
    }

    /// A batch has waited long enough.
    pub(super) fn batch_is_due(&mut self) {
        self.queue.timer = false;
        self.batch();
    }

    pub(super) fn batch(&mut self) {
        if self.queue.ready.is_empty() || self.consumers.len() >= self.plan.consumers {
            // A delivery that ends looks again.
            return;
        }
        let mut ready = std::mem::take(&mut self.queue.ready);
        if ready.len() > 1 && self.dice.chance(self.rates.reorder) {
            self.mark(Mark::BatchReordered);
            self.dice.shuffle(&mut ready);
        }
        let rest = ready.split_off(ready.len().min(self.plan.batch_max));
        if !rest.is_empty() {
            self.queue.ready = rest;
            if !self.queue.timer {
                self.queue.timer = true;
                self.after(self.plan.batch_ms, Event::Batch);
            }
        }
        for message in &ready {
            self.queue.messages[*message].attempts += 1;
        }
        let bodies = ready
            .iter()
            .map(|message| Some(self.queue.messages[*message].body.clone()));
        let bodies: Vec<Option<String>> = bodies.collect();
        self.deliver(ready, &bodies);
    }

    /// An invocation ended: the queue learns how each message was settled.
    pub(super) fn settle(&mut self, message: usize, settlement: Settlement) {
        match settlement {
            Settlement::Acknowledge if self.dice.chance(self.rates.ack_lost) => {
                self.mark(Mark::AckLost);
                let pause = self.dice.between(1_000, 30_000);
                self.again(message, pause);
            }
            Settlement::Acknowledge => {}
            Settlement::DeliverAgain => {
                self.mark(Mark::DeliveredAgain);
                self.again(message, RETRY_DELAY);
            }
        }
    }

    /// Delivered once more, or, after the last time, put among the dead letters.
    pub(super) fn again(&mut self, message: usize, pause: i64) {
        if self.queue.messages[message].attempts <= MAX_RETRIES {
            self.after(pause, Event::Message(message));
        } else {
            self.mark(Mark::DeadLettered);
            self.queue.messages[message].attempts = 0;
            self.after(5_000, Event::DeadLetter(message));
        }
    }

    pub(super) fn bury(&mut self, message: usize) {
        let letter = &mut self.queue.messages[message];
        letter.attempts += 1;
        let Ok(ticket) = Ticket::parse(&letter.body) else {
            return;
        };
        let user = self
            .plan
            .users
            .iter()
            .position(|user| *user == ticket.user_id);
        let command = Command::Bury {
            job_id: ticket.job_id,
            message: "dead".to_owned(),
        };
        self.call(
            Ask::Gate(user.unwrap_or(0), command),
            Caller::Bury { message },
        );
    }

    pub(super) fn buried(&mut self, message: usize, answer: Option<&Reply>) {
        let again = of_dead_letter(answer).settlement() == Settlement::DeliverAgain;
        if again && self.queue.messages[message].attempts <= DEAD_MAX_RETRIES {
            self.after(DEAD_RETRY_DELAY, Event::DeadLetter(message));
        }
    }
}
