//! The gates' side of the platform: what follows from a turn, and the alarm.

use super::{Event, World};
use crate::{
    marks::Mark,
    object::{Around, Taken},
    oracle::{Violation, replies::Place},
};
use story_queue::{
    domain::Ticket,
    gate::{Reply, Store},
};

/// Failed rings after which the platform rings no more.
const RINGS: usize = 7;

impl World {
    /// Judges the turns that a gate took in this event, sets its alarm, and sends its tickets.
    pub(super) fn took(&mut self, gate: usize, tickets: &[Ticket]) {
        let place = Place {
            user: gate,
            now: self.clock(gate),
        };
        let turns = std::mem::take(&mut self.objects[gate].taken);
        for taken in &turns {
            self.digest(gate, taken);
            let verdict = self.judged(place, taken);
            self.judge(verdict);
        }
        if let Some(detail) = self.objects[gate].difference.take() {
            self.judge(Err(Violation {
                invariant: "SQL agrees",
                detail,
            }));
        }
        let object = &self.objects[gate];
        if !turns.is_empty() && !object.dropped && !object.ringing && !object.unarmed {
            let (next, slot) = (object.rows.next_due().unwrap_or(None), object.slot);
            let verdict = self.oracle.covered(place, next, slot);
            self.judge(verdict);
        }
        self.set_alarm(gate);
        self.send(tickets);
    }

    fn judged(&mut self, place: Place, taken: &Taken) -> Result<(), Violation> {
        let Taken {
            command,
            turn,
            changes,
        } = taken;
        self.oracle
            .answered(place, command, &turn.reply, &mut self.tally)?;
        let rows = &self.objects[place.user].rows;
        let best = if changes.is_empty() {
            None
        } else {
            rows.best_parked().unwrap_or(None)
        };
        self.oracle
            .changed(place, command, changes, best.as_ref(), &mut self.tally)?;
        self.oracle.due(changes)?;
        for ticket in &turn.effects.tickets {
            let row = rows.find(&ticket.job_id).unwrap_or(None);
            self.oracle
                .sends(place, ticket, row.as_ref(), &mut self.tally)?;
        }
        Ok(())
    }

    fn digest(&mut self, gate: usize, taken: &Taken) {
        self.mix(u64::try_from(gate).unwrap_or(0));
        for change in &taken.changes {
            if let Some(job) = &change.after {
                self.mix(job.state as u64 + 16 * u64::from(job.epoch));
            }
        }
        if let Reply::Reported { outcome, .. } = &taken.turn.reply {
            self.mix(*outcome as u64);
        }
        if self.trace.is_some() {
            let line = self.described(gate, taken);
            self.say(|| line);
        }
    }

    /// Has the platform ring when the slot says so.
    fn set_alarm(&mut self, gate: usize) {
        let object = &mut self.objects[gate];
        let version = object.version;
        if object.scheduled == version {
            return;
        }
        object.scheduled = version;
        self.schedule_alarm(gate, version);
    }

    fn schedule_alarm(&mut self, gate: usize, version: usize) {
        let Some(slot) = self.objects[gate].slot else {
            return;
        };
        let mut pause = slot.as_millis() - self.clock(gate).as_millis();
        if self.dice.chance(self.rates.alarm_late) {
            self.tally.mark(Mark::AlarmLate);
            pause = pause.max(0) + self.dice.between(1, 300_000);
        }
        self.after(pause, Event::Alarm(gate, version));
    }

    pub(super) fn alarm(&mut self, gate: usize, version: usize) {
        let now = self.clock(gate);
        let object = &mut self.objects[gate];
        let Some(slot) = object.slot.filter(|_| object.version == version) else {
            return;
        };
        if now < slot {
            // The clock was set back.
            self.schedule_alarm(gate, version);
            return;
        }
        object.slot = None;
        if self.dice.chance(self.rates.alarm_failed) {
            self.tally.mark(Mark::AlarmFailed);
            self.objects[gate].ringing = true;
            let failures = 1 + self.dice.below(RINGS);
            // Six times again, after two seconds and then twice as long each time.
            let pause = (2_000 << failures.min(RINGS - 1)) - 2_000;
            self.say(|| format!("alarm of gate {gate} fails {failures} times"));
            let event = if failures == RINGS {
                Event::AlarmGone
            } else {
                Event::AlarmRetry
            };
            self.after(pause, event(gate, version));
            return;
        }
        self.ring(gate);
        if self.dice.chance(self.rates.alarm_repeated) {
            self.tally.mark(Mark::AlarmRepeated);
            let pause = self.dice.between(0, 60_000);
            self.after(pause, Event::AlarmAgain(gate));
        }
    }

    pub(super) fn alarm_retry(&mut self, gate: usize, version: usize) {
        if self.objects[gate].version == version {
            self.objects[gate].ringing = false;
            self.ring(gate);
        }
    }

    pub(super) fn alarm_gone(&mut self, gate: usize, version: usize) {
        let object = &mut self.objects[gate];
        if object.version != version {
            return;
        }
        (object.ringing, object.dropped) = (false, true);
        self.tally.mark(Mark::AlarmDropped);
        self.say(|| format!("alarm of gate {gate} is given up"));
        if self.calm {
            self.after(130_000, Event::LookLater(gate));
        }
    }

    /// The alarm handler runs.
    pub(super) fn ring(&mut self, gate: usize) {
        self.rings += 1;
        let now = self.clock(gate);
        let mut tickets = Vec::new();
        let mut around = Around {
            dice: &mut self.dice,
            rates: &self.rates,
            tally: &mut self.tally,
            config: &self.plan.config.gate,
        };
        let result = self.objects[gate].alarm(now, &mut around, &mut tickets);
        if result.is_err() && self.objects[gate].slot.is_none() {
            self.objects[gate].ringing = true;
            let version = self.objects[gate].version;
            self.after(2_000, Event::AlarmRetry(gate, version));
        }
        self.took(gate, &tickets);
    }

    /// Every object starts anew, under other limits.
    pub(super) fn deploy(&mut self) {
        let Some((_, config, limits)) = self.plan.deploy.take() else {
            return;
        };
        self.tally.mark(Mark::LimitsChanged);
        self.say(|| format!("a deploy sets the limits to {limits:?}"));
        self.plan.config = config;
        self.oracle.limits = limits;
        for (object, user) in self.objects.iter_mut().zip(&mut self.oracle.users) {
            object.evict();
            user.redeployed = true;
        }
    }

    pub(super) fn clock_step(&mut self, gate: usize, step: i64) {
        self.tally.mark(Mark::ClockStep);
        self.say(|| format!("clock of gate {gate} is set by {step} ms"));
        let before = self.clock(gate);
        self.oracle.expire(gate, before);
        self.objects[gate].skew += step;
        let after = self.clock(gate);
        self.oracle.expire(gate, after);
        self.oracle.users[gate].stepped = true;
        let version = self.objects[gate].version;
        self.schedule_alarm(gate, version);
    }
}
