//! One event after the other.

use super::{World, event::Event};
use crate::marks::Mark;

/// Events at one moment, beyond which the world is taken to run in a circle.
const CROWD_MAX: u32 = 20_000;

impl World {
    /// Takes the next event.
    pub(crate) fn step(&mut self) {
        let Some(((at, number), event)) = self.agenda.pop_first() else {
            return;
        };
        self.crowd = if at == self.now { self.crowd + 1 } else { 0 };
        if self.crowd > CROWD_MAX {
            let detail = format!("{CROWD_MAX} events and no time passes, the last {event:?}");
            self.breaks("I11 bounded work", detail);
        }
        self.now = at;
        self.events += 1;
        self.mix(at.unsigned_abs());
        self.mix(u64::try_from(number).unwrap_or(0));
        match event {
            Event::Submit(wish, tries) => self.submit(wish, tries),
            Event::Cancel(job, tries) => self.cancel(job, tries),
            Event::Message(message) => self.arrives(message),
            Event::Batch => self.batch_is_due(),
            Event::DeadLetter(message) => self.bury(message),
            Event::CallDialled(call) => self.dial(call),
            Event::CallArrives(call) => self.call_arrives(call),
            Event::CallAnswered(call) => self.call_answered(call),
            Event::WorkEnds(task) => self.work_ends(task),
            Event::Heartbeat(task) => self.heartbeat(task),
            Event::ReportAgain(task) => self.report(task),
            Event::Tick(delivery) => self.tick(delivery),
            Event::Wall(delivery) => self.wall(delivery),
            Event::Alarm(gate, version) => self.alarm(gate, version),
            Event::AlarmRetry(gate, version) => self.alarm_retry(gate, version),
            Event::AlarmGone(gate, version) => self.alarm_gone(gate, version),
            Event::AlarmAgain(gate) => self.ring(gate),
            Event::ClockStep(gate, step) => self.clock_step(gate, step),
            Event::Outage(place, millis) => self.outage(place, millis),
            Event::Deploy(number) => self.deploy(number),
            Event::SetPlan(change, tries) => self.set_plan(change, tries),
            Event::Reconcile(user, tries) => self.reconcile(user, tries),
            Event::Purged(purge) => self.purged(purge),
            Event::Landed(task) => self.landed(task),
            Event::UploadsOver(task) => self.uploads_over(task),
            Event::Operate(word) => self.operate(word),
            Event::Erase(user, tries) => self.erase(user, tries),
            Event::Replay(number) => self.replay(number),
            Event::ReplayAgain(job, number, tries) => self.ask_replay(job, number, tries),
            Event::Many(number, what, tries) => self.of_many(number, what, tries),
            Event::ListenEnds(call) => self.listen_ends(call),
            Event::TellAgain(gate, life) => self.tell_again(gate, life),
            Event::Look(place) => self.look(place),
            Event::LookLater(place) => {
                self.evict(place);
                self.look(place);
            }
        }
        if self.dice.chance(self.rates.eviction) {
            self.evict_any();
        }
        self.watch_progress();
    }

    /// Some object loses its memory; the list of failures with the pool.
    fn evict_any(&mut self) {
        let place = self.dice.below(self.gates.len() + 1);
        self.evict(place);
        let is_pool = place == self.pool_place();
        if is_pool {
            self.evict(self.list_place());
        }
        self.mark(if is_pool {
            Mark::PoolEvicted
        } else {
            Mark::Eviction
        });
    }
}
