//! The open calls at the pool, as `src/objects/pool.rs` holds them, and what gates tell it, as `src/objects/gate.rs` does
//! by the product's own [`Teller`](queue_core::gate::teller::Teller).

use super::{
    Event, World,
    calls::{Ask, Caller},
};
use crate::{marks::Mark, object::Around, plan::millis};
use queue_core::{
    gate::teller::After,
    line::want::Want,
    patience::LISTEN,
    pool::{Command, Reply, command::Given},
};

impl World {
    /// A call waits at the pool for work.
    pub(super) fn held(&mut self, call: usize, delivery: String) {
        self.tally.mark(Mark::Listened);
        if let Some(older) = self.listens.insert(delivery, call) {
            self.answer(older, Some(Reply::Given(Given::default())));
        }
        self.after(millis(LISTEN), Event::ListenEnds(call));
    }

    /// Nothing came.
    pub(super) fn listen_ends(&mut self, call: usize) {
        let open = self.listens.iter().find(|(_, open)| **open == call);
        let Some(delivery) = open.map(|(delivery, _)| delivery.clone()) else {
            return;
        };
        self.listens.remove(&delivery);
        self.long_listens += 1;
        let now = self.clock(self.pool_place());
        let _ = self.pool.product.desk.hang_up(&delivery, now);
        self.answer(call, Some(Reply::Given(Given::default())));
    }

    /// A turn of the pool answers open calls; those of deliveries that have left end.
    pub(super) fn answer_listens(&mut self, answers: Vec<(String, Vec<Want>)>) {
        for (delivery, jobs) in answers {
            if let Some(call) = self.listens.remove(&delivery) {
                self.tally.mark(Mark::ListenAnswered);
                let given = Given {
                    jobs,
                    ..Given::default()
                };
                self.answer(call, Some(Reply::Given(given)));
            }
        }
        let desk = &self.pool.product.desk;
        let left: Vec<String> = self
            .listens
            .keys()
            .filter(|name| !desk.listens(name))
            .cloned()
            .collect();
        let is_evicted = self.pool.product.lives != self.pool_lives;
        self.pool_lives = self.pool.product.lives;
        for delivery in left {
            if let Some(call) = self.listens.remove(&delivery) {
                let answer = (!is_evicted).then(|| Reply::Given(Given::default()));
                self.answer(call, answer);
            }
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
    pub(super) fn told(&mut self, (gate, life): (usize, usize), reached: bool) {
        let product = &mut self.gates[gate].product;
        if product.lives != life {
            return;
        }
        let (tickets, after) = product.teller.called(reached);
        self.send(&tickets);
        match after {
            After::Told(gone) => {
                if !gone.is_empty() {
                    self.tally.mark(Mark::ToldGone);
                    let now = self.clock(gate);
                    let mut tickets = Vec::new();
                    let mut around = Around {
                        dice: &mut self.dice,
                        rates: &self.rates,
                        tally: &mut self.tally,
                        config: &self.plan.config,
                    };
                    self.gates[gate].told(now, gone, &mut around, &mut tickets);
                    self.took(gate, &tickets);
                }
                if self.gates[gate].product.lives == life {
                    self.tell(gate);
                }
            }
            After::Pause(pause) => {
                self.tally.mark(Mark::TellRepeated);
                self.after(millis(pause), Event::TellAgain(gate, life));
            }
            After::Nothing => self.tally.mark(Mark::TellGivenUp),
        }
    }

    pub(super) fn tell_again(&mut self, gate: usize, life: usize) {
        if self.gates[gate].product.lives == life {
            self.tell(gate);
        }
    }
}
