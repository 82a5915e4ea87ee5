//! The open calls at the pool, as `src/objects/pool.rs` holds them, and what gates tell it, as `src/objects/gate.rs` does
//! by the product's own [`Teller`](queue_core::gate::teller::Teller).

use super::{
    World,
    call::{Ask, Caller},
    event::Event,
};
use crate::{marks::Mark, plan::millis};
use queue_core::{
    calls::LISTEN,
    gate::teller::{self, After},
    line::want::Want,
    pool::{Command, Reply, command::Given},
};

impl World {
    /// A call waits at the pool for work.
    pub(super) fn held(&mut self, call: usize, delivery: String) {
        self.mark(Mark::Listened);
        if let Some(older) = self.listeners.open(delivery, call) {
            self.answer(older, Some(Reply::Given(Given::default())));
        }
        self.after(millis(LISTEN), Event::ListenEnds(call));
    }

    /// Nothing came.
    pub(super) fn listen_ends(&mut self, call: usize) {
        let delivery = self.listeners.delivery_of(|open| *open == call);
        let Some(delivery) = delivery.map(str::to_owned) else {
            return;
        };
        self.long_listens += 1;
        let now = self.clock(self.pool_place());
        let desk = &mut self.pool.product.desk;
        self.listeners.hang_up(desk, &delivery, now);
        self.answer(call, Some(Reply::Given(Given::default())));
    }

    /// A turn of the pool answers open calls; those of deliveries that have left end.
    pub(super) fn answer_listens(&mut self, answers: Vec<(String, Vec<Want>)>) {
        for (call, given) in self.listeners.answered(answers) {
            self.mark(Mark::ListenAnswered);
            self.answer(call, Some(Reply::Given(given)));
        }
        let is_evicted = self.pool.product.lives != self.pool_lives;
        self.pool_lives = self.pool.product.lives;
        for call in self.listeners.ended(&self.pool.product.desk) {
            let answer = (!is_evicted).then(|| Reply::Given(Given::default()));
            self.answer(call, answer);
        }
    }

    /// A gate has something to tell.
    pub(super) fn tell(&mut self, gate: usize) {
        let product = &mut self.gates[gate].product;
        let life = product.lives;
        if let Some(tell) = product.teller.call() {
            self.call(Ask::Pool(Command::Tell(tell)), Caller::Tell { gate, life });
        }
    }

    /// The pool was told, or was not reached.
    pub(super) fn told(&mut self, (gate, life): (usize, usize), answer: Option<Reply>) {
        let product = &mut self.gates[gate].product;
        if product.lives != life {
            return;
        }
        let (tickets, after) = product.teller.called(answer.map(teller::out));
        self.send(tickets);
        match after {
            After::Told(gone, out) => {
                if !gone.is_empty() || !out.is_empty() {
                    self.mark(Mark::ToldGone);
                    let now = self.clock(gate);
                    let (gates, _, mut around) = self.at_work();
                    gates[gate].told(now, (gone, out), &mut around);
                    let tickets = around.tickets;
                    self.took(gate, tickets);
                }
                if self.gates[gate].product.lives == life {
                    self.tell(gate);
                }
            }
            After::Pause(pause) => {
                self.mark(Mark::TellRepeated);
                self.after(millis(pause), Event::TellAgain(gate, life));
            }
            After::Nothing => self.mark(Mark::TellGivenUp),
        }
    }

    pub(super) fn tell_again(&mut self, gate: usize, life: usize) {
        if self.gates[gate].product.lives == life {
            self.tell(gate);
        }
    }
}
