//! Calls of gates and of the pool: they take their time, and may fail before or after they took effect.

use super::{
    World,
    call::{Answer, Ask, Call, Caller},
    event::Event,
};
use crate::{marks::Mark, plan::millis};
use queue_core::{
    calls::{CALL_TIMEOUT, Failure, Tries},
    failures, pool,
};

impl World {
    pub(super) fn call(&mut self, ask: Ask, caller: Caller) {
        self.call_after(0, ask, caller);
    }

    /// Makes a call after a pause.
    pub(super) fn call_after(&mut self, pause: i64, ask: Ask, caller: Caller) {
        let call = Call {
            ask,
            caller,
            tries: Some(Tries::default()),
            answer: Err(Failure::Final),
        };
        self.calls.push(Some(call));
        let number = self.calls.len() - 1;
        if pause > 0 {
            self.after(pause, Event::CallDialled(number));
        } else {
            self.dial(number);
        }
    }

    /// Which object is called.
    fn place(&self, ask: &Ask) -> usize {
        match ask {
            Ask::Gate(gate, _) => *gate,
            Ask::Pool(_) => self.pool_place(),
            Ask::List(_) => self.list_place(),
        }
    }

    /// One try.
    pub(super) fn dial(&mut self, number: usize) {
        let down = self.calls[number]
            .as_ref()
            .map_or(0, |call| self.host(self.place(&call.ask)).down_until);
        if self.now < down || self.dice.chance(self.rates.call_before) {
            self.mark(Mark::CallFailedBefore);
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
        let failure = if !late && self.dice.chance(0.75) {
            Failure::Transient
        } else {
            Failure::Final
        };
        if let Some(call) = &mut self.calls[number] {
            call.answer = Err(failure);
        }
        let pause = if late {
            self.mark(Mark::CallTimedOut);
            millis(CALL_TIMEOUT)
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
        let ask = call.ask.clone();
        self.mark(Mark::CallEffectiveLate);
        self.calls.push(Some(Call {
            ask,
            caller: Caller::Nobody,
            tries: None,
            answer: Err(Failure::Final),
        }));
        let pause = self.dice.between(5_000, 60_000);
        self.after(pause, Event::CallArrives(self.calls.len() - 1));
    }

    pub(super) fn call_arrives(&mut self, number: usize) {
        let Some(call) = &self.calls[number] else {
            return;
        };
        let ask = call.ask.clone();
        let listener = match &ask {
            Ask::Pool(command) => command.listener().map(str::to_owned),
            Ask::Gate(..) | Ask::List(_) => None,
        };
        let place = self.place(&ask);
        let now = self.clock(place);
        if let Ask::List(command) = ask {
            return self.list_call_arrives(number, command);
        }
        let (gates, pool, mut around) = self.at_work();
        let answer = match ask {
            Ask::List(_) => None,
            Ask::Gate(gate, command) => {
                let gate = &mut gates[gate];
                let result = gate.perform(now, command, &mut around);
                let taken = result.ok().and_then(|()| gate.taken.last());
                taken.map(|taken| Answer::Gate(taken.turn.reply.clone()))
            }
            Ask::Pool(command) => {
                let result = pool.perform(now, command, &mut around);
                let taken = result.ok().and_then(|()| pool.taken.last());
                taken.map(|taken| Answer::Pool(taken.turn.reply.clone()))
            }
        };
        let tickets = around.tickets;
        let is_held = matches!(answer, Some(Answer::Pool(pool::Reply::Held)));
        if let Some(delivery) = listener.filter(|_| is_held) {
            // Before anything else may answer it.
            self.held(number, delivery);
            self.took(place, tickets);
            return;
        }
        self.took(place, tickets);
        self.reply(number, answer);
    }

    fn list_call_arrives(&mut self, number: usize, command: failures::Command) {
        let place = self.list_place();
        let now = self.clock(place);
        let (list, mut around) = self.list_at_work();
        let result = list.perform(now, command, &mut around);
        let taken = result.ok().and_then(|()| list.taken.last());
        let answer = taken.map(|taken| Answer::List(taken.turn.reply.clone()));
        let tickets = around.tickets;
        self.took(place, tickets);
        self.reply(number, answer);
    }

    /// A call that was held is answered, or its object is gone.
    pub(super) fn answer(&mut self, number: usize, answer: Option<pool::Reply>) {
        self.reply(number, answer.map(Answer::Pool));
    }

    fn reply(&mut self, number: usize, answer: Option<Answer>) {
        if self.dice.chance(self.rates.call_after) {
            self.mark(Mark::CallFailedAfter);
            self.fails(number);
            return;
        }
        if let Some(call) = &mut self.calls[number] {
            // What the object itself answers, also a failure, is not asked again.
            call.answer = answer.ok_or(Failure::Final);
        }
        let pause = self.dice.between(1, 40);
        self.after(pause, Event::CallAnswered(number));
    }

    pub(super) fn call_answered(&mut self, number: usize) {
        let Some(call) = &mut self.calls[number] else {
            return;
        };
        if let Err(failure) = call.answer
            && let Some(tries) = &mut call.tries
            && let Some(pause) = tries.again(failure)
        {
            self.mark(Mark::CallRepeated);
            self.after(millis(pause), Event::CallDialled(number));
            return;
        }
        let Some(Call { caller, answer, .. }) = self.calls[number].take() else {
            return;
        };
        let (gate, pool, list) = match answer {
            Ok(Answer::Gate(reply)) => (Some(reply), None, None),
            Ok(Answer::Pool(reply)) => (None, Some(reply), None),
            Ok(Answer::List(reply)) => (None, None, Some(reply)),
            Err(_) => (None, None, None),
        };
        match caller {
            Caller::Submit { wish, tries } => self.submitted(wish, tries, gate),
            Caller::Cancel { job, tries } => self.cancel_answered(job, tries, gate.is_some()),
            Caller::Start { delivery, question } => {
                self.starts_answered((delivery, question), gate);
            }
            Caller::Renew { task } => self.renewed(task, gate.as_ref()),
            Caller::Report { task } => self.reported(task, gate),
            Caller::Bury { message } => self.buried(message, gate.as_ref()),
            Caller::SetPlan { change, tries } => self.plan_set(change, tries, gate.is_some()),
            Caller::Reconcile { user, tries } => self.reconciled(user, tries, gate.is_some()),
            Caller::Erase { user, tries } => self.erased((user, tries), gate.as_ref()),
            Caller::Operator(word) => self.operated(word, pool.is_some()),
            Caller::Exchange { delivery } => self.exchanged(delivery, pool),
            Caller::Listen { delivery } => self.listened(delivery, pool),
            Caller::Tell { gate, life } => self.told((gate, life), pool),
            Caller::TellList { gate, life, number } => {
                self.list_told((gate, life), number, list.is_some());
            }
            Caller::Replay { job, number, tries } => {
                self.replay_answered((job, number), tries, gate.is_some());
            }
            Caller::OfMany {
                number,
                what,
                tries,
            } => self.of_many_answered((number, what, tries), list.as_ref()),
            Caller::Many { asking, number } => self.gate_answered(asking, number, gate.as_ref()),
            Caller::Nobody => {}
        }
    }
}
