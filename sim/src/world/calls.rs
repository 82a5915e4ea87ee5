//! Calls of gates: they take their time, and may fail before or after they took effect.

use super::{Event, World};
use crate::{marks::Mark, object::Around};
use story_queue::gate::{Command, Reply};

/// As in `gate/client.rs`.
const TRIES: u32 = 3;

/// Who waits for the answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Caller {
    Submit { wish: usize, tries: u32 },
    Cancel { job: usize, tries: u32 },
    Admit { delivery: usize, user: usize },
    Renew { task: usize },
    Report { task: usize },
    Bury { message: usize },
    Nobody,
}

/// A call under way.
pub(super) struct Call {
    gate: usize,
    command: Command,
    caller: Caller,
    tries: u32,
    answer: Option<Reply>,
    /// The platform says that it may be made again.
    retryable: bool,
}

impl World {
    pub(super) fn call(&mut self, gate: usize, command: Command, caller: Caller) {
        let call = Call {
            gate,
            command,
            caller,
            tries: 1,
            answer: None,
            retryable: false,
        };
        self.calls.push(Some(call));
        self.dial(self.calls.len() - 1);
    }

    fn dial(&mut self, number: usize) {
        let down = self.calls[number]
            .as_ref()
            .map_or(0, |call| self.objects[call.gate].down_until);
        if self.now < down || self.dice.chance(self.rates.call_before) {
            self.tally.mark(Mark::CallFailedBefore);
            self.fails(number);
            return;
        }
        let pause = self.dice.between(2, 60);
        self.after(pause, Event::CallArrives(number));
    }

    fn fails(&mut self, number: usize) {
        let (pause, retryable) = (self.dice.between(2, 10_000), self.dice.chance(0.5));
        if let Some(call) = &mut self.calls[number] {
            call.answer = None;
            call.retryable = retryable;
        }
        self.after(pause, Event::CallAnswered(number));
    }

    pub(super) fn call_arrives(&mut self, number: usize) {
        let Some(call) = &self.calls[number] else {
            return;
        };
        let (gate, command) = (call.gate, call.command.clone());
        let now = self.clock(gate);
        let mut tickets = Vec::new();
        let mut around = Around {
            dice: &mut self.dice,
            rates: &self.rates,
            tally: &mut self.tally,
            config: &self.plan.config.gate,
        };
        let result = self.objects[gate].perform(now, command, &mut around, &mut tickets);
        self.took(gate, tickets);
        if self.dice.chance(self.rates.call_after) {
            self.tally.mark(Mark::CallFailedAfter);
            self.fails(number);
            return;
        }
        if let Some(call) = &mut self.calls[number] {
            call.answer = result.ok();
            call.retryable = false;
        }
        let pause = self.dice.between(1, 40);
        self.after(pause, Event::CallAnswered(number));
    }

    pub(super) fn call_answered(&mut self, number: usize) {
        let Some(call) = &mut self.calls[number] else {
            return;
        };
        if call.answer.is_none() && call.retryable && call.tries < TRIES {
            call.tries += 1;
            self.dial(number);
            return;
        }
        let Some(Call { caller, answer, .. }) = self.calls[number].take() else {
            return;
        };
        match caller {
            Caller::Submit { wish, tries } => self.submitted(wish, tries, answer),
            Caller::Cancel { job, tries } => self.cancel_answered(job, tries, answer.as_ref()),
            Caller::Admit { delivery, user } => self.admitted(delivery, user, answer),
            Caller::Renew { task } => self.renewed(task, answer.as_ref()),
            Caller::Report { task } => self.reported(task, answer.as_ref()),
            Caller::Bury { message } => self.buried(message, answer.as_ref()),
            Caller::Nobody => {}
        }
    }
}
