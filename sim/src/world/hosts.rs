//! The platform's side of every object, a gate's or the pool's: its alarm, its clock, and deploys.

use super::{World, event::Event};
use crate::{
    marks::Mark,
    object::{Around, Gate, List, Object, Pool, host::Host},
    plan::Deploy,
};
use queue_core::domain::Ticket;

/// Failed rings after which the platform rings no more.
const RINGS: usize = 7;

impl World {
    /// The place of the pool among the objects; those before it are gates.
    pub(super) fn pool_place(&self) -> usize {
        self.gates.len()
    }

    /// The place of the list of failures.
    pub(super) fn list_place(&self) -> usize {
        self.gates.len() + 1
    }

    pub(super) fn host(&self, place: usize) -> &Host {
        if place == self.list_place() {
            return &self.list.host;
        }
        self.gates
            .get(place)
            .map_or(&self.pool.host, |gate| &gate.host)
    }

    pub(super) fn host_mut(&mut self, place: usize) -> &mut Host {
        if place == self.list_place() {
            return &mut self.list.host;
        }
        self.gates
            .get_mut(place)
            .map_or(&mut self.pool.host, |gate| &mut gate.host)
    }

    /// The objects, and what surrounds a turn of theirs.
    pub(super) fn at_work(&mut self) -> (&mut [Object<Gate>], &mut Object<Pool>, Around<'_>) {
        let around = Around {
            dice: &mut self.dice,
            rates: &self.rates,
            tally: &mut self.oracle.tally,
            config: &self.plan.config,
            tickets: Vec::new(),
        };
        (&mut self.gates, &mut self.pool, around)
    }

    /// The list of failures, and what surrounds a turn of it.
    pub(super) fn list_at_work(&mut self) -> (&mut Object<List>, Around<'_>) {
        let around = Around {
            dice: &mut self.dice,
            rates: &self.rates,
            tally: &mut self.oracle.tally,
            config: &self.plan.config,
            tickets: Vec::new(),
        };
        (&mut self.list, around)
    }

    /// An object loses its memory.
    pub(super) fn evict(&mut self, place: usize) {
        if place == self.list_place() {
            self.list.evict();
        } else if let Some(gate) = self.gates.get_mut(place) {
            gate.evict();
        } else {
            self.pool.evict();
            self.answer_listens(Vec::new());
        }
    }

    /// Has the platform ring when the slot says so, and sends tickets.
    pub(super) fn followed(&mut self, place: usize, tickets: Vec<Ticket>) {
        let host = self.host_mut(place);
        let version = host.version;
        if host.scheduled != version {
            host.scheduled = version;
            self.schedule_alarm(place, version);
        }
        self.send(tickets);
    }

    fn schedule_alarm(&mut self, place: usize, version: usize) {
        let Some(slot) = self.host(place).slot else {
            return;
        };
        let mut pause = slot.as_millis() - self.clock(place).as_millis();
        if self.dice.chance(self.rates.alarm_late) {
            self.mark(Mark::AlarmLate);
            pause = pause.max(0) + self.dice.between(1, 300_000);
        }
        self.after(pause, Event::Alarm(place, version));
    }

    pub(super) fn alarm(&mut self, place: usize, version: usize) {
        let now = self.clock(place);
        let host = self.host_mut(place);
        let Some(slot) = host.slot.filter(|_| host.version == version) else {
            return;
        };
        if now < slot {
            // The clock was set back.
            self.schedule_alarm(place, version);
            return;
        }
        host.slot = None;
        if self.dice.chance(self.rates.alarm_failed) {
            self.mark(Mark::AlarmFailed);
            self.host_mut(place).ringing = true;
            let failures = 1 + self.dice.below(RINGS);
            // Six times again, after two seconds and then twice as long each time.
            let pause = (2_000 << failures.min(RINGS - 1)) - 2_000;
            self.say(|| format!("alarm of object {place} fails {failures} times"));
            let event = if failures == RINGS {
                Event::AlarmGone
            } else {
                Event::AlarmRetry
            };
            self.after(pause, event(place, version));
            return;
        }
        self.ring(place);
        if self.dice.chance(self.rates.alarm_repeated) {
            self.mark(Mark::AlarmRepeated);
            let pause = self.dice.between(0, 60_000);
            self.after(pause, Event::AlarmAgain(place));
        }
    }

    pub(super) fn alarm_retry(&mut self, place: usize, version: usize) {
        let host = self.host_mut(place);
        if host.version == version {
            host.ringing = false;
            self.ring(place);
        }
    }

    pub(super) fn alarm_gone(&mut self, place: usize, version: usize) {
        let host = self.host_mut(place);
        if host.version != version {
            return;
        }
        (host.ringing, host.dropped) = (false, true);
        self.mark(Mark::AlarmDropped);
        self.say(|| format!("alarm of object {place} is given up"));
        // While jobs are open, the pool must do without: their gates have it called within the hour.
        let is_called = place != self.pool_place() || self.oracle.open == 0;
        if self.calm && is_called {
            self.after(130_000, Event::LookLater(place));
        }
    }

    /// The alarm handler runs.
    pub(super) fn ring(&mut self, place: usize) {
        self.rings += 1;
        let now = self.clock(place);
        let (result, tickets) = if place == self.list_place() {
            let (list, mut around) = self.list_at_work();
            (list.alarm(now, &mut around), around.tickets)
        } else {
            let (gates, pool, mut around) = self.at_work();
            let result = match gates.get_mut(place) {
                Some(gate) => gate.alarm(now, &mut around),
                None => pool.alarm(now, &mut around),
            };
            (result, around.tickets)
        };
        let host = self.host_mut(place);
        if result.is_err() && host.slot.is_none() {
            host.ringing = true;
            let version = host.version;
            self.after(2_000, Event::AlarmRetry(place, version));
        }
        self.took(place, tickets);
    }

    /// Every object starts anew, under another configuration.
    pub(super) fn deploy(&mut self, number: usize) {
        let Deploy {
            config,
            limits,
            capacity,
            ..
        } = self.plan.deploys[number].clone();
        if self.oracle.limits != limits {
            self.mark(Mark::LimitsChanged);
        }
        self.say(|| format!("a deploy sets the limits to {limits:?}, the capacity to {capacity}"));
        self.plan.config = config;
        self.oracle.limits = limits;
        self.oracle.config.has_pool = self.plan.config.gate.has_pool;
        for (gate, user) in self.gates.iter_mut().zip(&mut self.oracle.users) {
            gate.evict();
            user.redeployed = true;
        }
        self.evict(self.gates.len());
        self.evict(self.list_place());
        self.oracle.capacity(capacity);
    }

    pub(super) fn clock_step(&mut self, place: usize, step: i64) {
        self.mark(Mark::ClockStep);
        self.say(|| format!("clock of object {place} is set by {step} ms"));
        let before = self.clock(place);
        self.host_mut(place).skew += step;
        let after = self.clock(place);
        for now in [before, after] {
            if place == self.pool_place() {
                self.oracle.pool.expire(now);
            } else {
                self.oracle.expire(place, now);
            }
        }
        if place == self.pool_place() {
            self.oracle.pool.stepped = true;
        } else {
            self.oracle.users[place].stepped = true;
        }
        let version = self.host(place).version;
        self.schedule_alarm(place, version);
    }

    pub(super) fn outage(&mut self, place: usize, millis: i64) {
        self.mark(if place == self.pool_place() {
            Mark::PoolDown
        } else {
            Mark::GateDown
        });
        self.say(|| format!("object {place} is down for {millis} ms"));
        self.host_mut(place).down_until = self.now + millis;
    }
}
