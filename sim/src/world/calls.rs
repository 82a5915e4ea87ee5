//! Calls of gates: they take their time, and may fail before or after they took effect.

use super::{Event, World};
use crate::{marks::Mark, object::Around};
use story_queue::gate::{Command, Reply};

/// As in `gate/client.rs`.
const PAUSES: [i64; 2] = [100, 500];
const TIMEOUT: i64 = 10_000;

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
    tries: usize,
    answer: Option<Reply>,
    /// The platform failed, and is not overloaded.
    repeatable: bool,
}

impl World {
    pub(super) fn call(&mut self, gate: usize, command: Command, caller: Caller) {
        let call = Call {
            gate,
            command,
            caller,
            tries: 0,
            answer: None,
            repeatable: false,
        };
        self.calls.push(Some(call));
        self.dial(self.calls.len() - 1);
    }

    /// One try.
    pub(super) fn dial(&mut self, number: usize) {
        let down = self.calls[number]
            .as_ref()
            .map_or(0, |call| self.objects[call.gate].down_until);
        if self.now < down || self.dice.chance(self.rates.call_before) {
            self.tally.mark(Mark::CallFailedBefore);
            let late = self.fails(number);
            if late && self.dice.chance(0.5) {
                self.arrives_late(number);
            }
            return;
        }
        let pause = self.dice.between(2, 60);
        self.after(pause, Event::CallArrives(number));
    }

    /// No answer comes: an error of the platform, which is perhaps overloaded, or nothing at all; the last
    /// is what it says.
    fn fails(&mut self, number: usize) -> bool {
        let late = self.dice.chance(0.25);
        let repeatable = !late && self.dice.chance(0.75);
        if let Some(call) = &mut self.calls[number] {
            call.answer = None;
            call.repeatable = repeatable;
        }
        let pause = if late {
            self.tally.mark(Mark::CallTimedOut);
            TIMEOUT
        } else {
            self.dice.between(2, 2_000)
        };
        self.after(pause, Event::CallAnswered(number));
        late
    }

    /// A call that its caller no longer waits for reaches the gate nevertheless.
    fn arrives_late(&mut self, number: usize) {
        let Some(call) = &self.calls[number] else {
            return;
        };
        let (gate, command) = (call.gate, call.command.clone());
        self.tally.mark(Mark::CallEffectiveLate);
        self.calls.push(Some(Call {
            gate,
            command,
            caller: Caller::Nobody,
            tries: PAUSES.len(),
            answer: None,
            repeatable: false,
        }));
        let pause = self.dice.between(5_000, 60_000);
        self.after(pause, Event::CallArrives(self.calls.len() - 1));
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
        self.took(gate, &tickets);
        if self.dice.chance(self.rates.call_after) {
            self.tally.mark(Mark::CallFailedAfter);
            self.fails(number);
            return;
        }
        if let Some(call) = &mut self.calls[number] {
            call.answer = result.ok();
            // What the gate itself answers, also a failure, is not asked again.
            call.repeatable = false;
        }
        let pause = self.dice.between(1, 40);
        self.after(pause, Event::CallAnswered(number));
    }

    pub(super) fn call_answered(&mut self, number: usize) {
        let Some(call) = &mut self.calls[number] else {
            return;
        };
        if call.answer.is_none()
            && call.repeatable
            && let Some(pause) = PAUSES.get(call.tries)
        {
            call.tries += 1;
            self.tally.mark(Mark::CallRepeated);
            self.after(*pause, Event::CallDialled(number));
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
