//! What gates tell the list of failures, as `src/objects/gate/listing.rs` does by the product's own
//! [`Lister`](queue_core::gate::words::Lister), and what the list has gates do, as `src/objects/failures.rs` does.

use super::{
    World,
    call::{Ask, Caller},
    work::Asking,
};
use crate::marks::Mark;
use queue_core::{
    domain::ReplayId,
    failures::{self, Command, Word},
    gate::{
        self, Reply,
        command::{Replay, ReplayRun, answer_of},
    },
};

impl World {
    /// A gate has something to tell.
    pub(super) fn tell_list(&mut self, gate: usize) {
        let product = &mut self.gates[gate].product;
        let life = product.lives;
        if let Some(words) = product.lister.call() {
            let command = Command::Tell {
                words: words.clone(),
            };
            self.words.push(words);
            let number = self.words.len() - 1;
            let caller = Caller::TellList { gate, life, number };
            self.call(Ask::List(command), caller);
        }
    }

    /// The list was told, or was not reached.
    pub(super) fn list_told(&mut self, (gate, life): (usize, usize), number: usize, is_told: bool) {
        let words: Vec<Word> = std::mem::take(&mut self.words[number]);
        if self.gates[gate].product.lives != life {
            return;
        }
        if !is_told {
            self.mark(Mark::ListUnreachable);
            self.gates[gate].product.lister.failed();
            return;
        }
        self.mark(Mark::ListTold);
        let now = self.clock(gate);
        let (gates, _, mut around) = self.at_work();
        gates[gate].listed(now, words, &mut around);
        let tickets = around.tickets;
        self.took(gate, tickets);
        if self.gates[gate].product.lives == life {
            self.tell_list(gate);
        }
    }

    /// The list took turns: gates are asked to replay.
    pub(super) fn took_list(&mut self) {
        let turns = std::mem::take(&mut self.list.taken);
        for taken in turns {
            for change in &taken.changes {
                let number = change.after.as_ref().map_or(0, |listed| listed.number);
                self.mix(u64::from(number));
            }
            if self.trace.is_some() {
                let line = format!("list: {:?} -> {:?}", taken.command, taken.turn.reply);
                self.say(|| line);
            }
            let mut asks = taken.turn.effects.asks;
            while let Some(first) = asks.first() {
                let id = first.run.clone();
                let (own, others) = asks.into_iter().partition(|ask| ask.run == id);
                asks = others;
                self.ask_for_many(&id, own);
            }
        }
        let difference = self.list.difference.take();
        if let Some(detail) = difference {
            self.breaks("SQL agrees", detail);
        }
    }

    fn ask_for_many(&mut self, id: &ReplayId, asks: Vec<failures::Ask>) {
        self.asking.push(Asking {
            id: id.clone(),
            life: self.list.product.lives,
            answers: Vec::new(),
            left: asks.len(),
        });
        let asking = self.asking.len() - 1;
        for ask in asks {
            let failed = &ask.job.failed;
            let user = self.oracle.index.get(&failed.job_id);
            let Some(user) = user.map(|job| self.oracle.jobs[*job].user) else {
                return self.breaks("I5 no phantom", format!("{failed:?} is listed"));
            };
            let command = gate::Command::Replay(Replay {
                job_id: failed.job_id.clone(),
                key: None,
                run: Some(ReplayRun {
                    id: id.clone(),
                    epoch: failed.epoch,
                }),
                tier_ceiling: None,
            });
            let number = ask.job.number;
            self.call(Ask::Gate(user, command), Caller::Many { asking, number });
        }
    }

    /// A gate has answered the list, or could not be reached.
    pub(super) fn gate_answered(&mut self, asking: usize, number: u32, reply: Option<&Reply>) {
        let answer = answer_of(reply);
        let asked = &mut self.asking[asking];
        asked.answers.push((number, answer));
        asked.left -= 1;
        if asked.left > 0 {
            return;
        }
        if asked.life != self.list.product.lives {
            // Whoever asked is gone.
            self.mark(Mark::ManyForgotten);
            return;
        }
        let answers = (asked.id.clone(), std::mem::take(&mut asked.answers));
        let place = self.list_place();
        let now = self.clock(place);
        let (list, mut around) = self.list_at_work();
        list.answered(now, answers, &mut around);
        let tickets = around.tickets;
        self.took(place, tickets);
    }
}
