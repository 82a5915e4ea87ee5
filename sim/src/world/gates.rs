//! What the oracle gets to see of each turn of a gate or of the pool.

use super::{World, event::Event};
use crate::{
    object::{Gate, Pool, Taken},
    oracle::{Oracle, Violation, replies::Place},
};
use queue_core::{
    domain::{Ticket, Timestamp},
    gate::{Memory, Reply, Store as _, next_due},
    pool::{self, Store as _},
};

impl World {
    /// Judges the turns that an object took in this event, sets its alarm, and sends its tickets.
    pub(super) fn took(&mut self, place: usize, tickets: Vec<Ticket>) {
        let tickets = if place == self.list_place() {
            self.took_list();
            tickets
        } else if place == self.pool_place() {
            self.took_pool();
            tickets
        } else {
            self.took_gate(place)
        };
        self.followed(place, tickets);
    }

    /// Returns the tickets that are sent at once, and do not follow what the pool is told.
    fn took_gate(&mut self, gate: usize) -> Vec<Ticket> {
        let place = Place {
            user: gate,
            now: self.clock(gate),
        };
        let mut turns = std::mem::take(&mut self.gates[gate].taken);
        let (mut calls, mut lists) = (false, false);
        let (mut tickets, mut purge) = (Vec::new(), Vec::new());
        for taken in &mut turns {
            self.digest(gate, taken);
            let verdict = self.judged(place, taken);
            self.judge(verdict);
            if self.oracle.users[gate].repriced {
                self.is_repriced(gate);
            }
            let effects = &mut taken.turn.effects;
            calls |= self.gates[gate].product.teller.take(effects);
            lists |= self.gates[gate].product.lister.take(&mut effects.words);
            tickets.append(&mut effects.tickets);
            purge.append(&mut effects.purge);
        }
        self.purge(gate, purge);
        let difference = self.gates[gate].difference.take();
        self.differs(difference);
        let object = &self.gates[gate];
        let host = &object.host;
        if !turns.is_empty() && host.is_armed() {
            // A deletion of artifacts may be under way.
            let memory = Memory::purges(place.now);
            let config = &self.plan.config.gate;
            let next = next_due(&object.product.rows, &memory, config, place.now);
            let (next, slot) = (next.unwrap_or(None), host.slot);
            let verdict = self.oracle.covered(place, next, slot);
            self.judge(verdict);
        }
        if calls {
            self.tell(gate);
        }
        if lists {
            self.tell_list(gate);
        }
        tickets
    }

    fn took_pool(&mut self) {
        let now = self.clock(self.pool_place());
        let turns = std::mem::take(&mut self.pool.taken);
        let took_turns = !turns.is_empty();
        for taken in &turns {
            self.digest_pool(taken);
            let verdict = self.judged_pool(now, taken);
            self.judge(verdict);
        }
        let answers = turns
            .into_iter()
            .flat_map(|taken| taken.turn.effects.answers);
        self.answer_listens(answers.collect());
        let difference = self.pool.difference.take();
        self.differs(difference);
        let host = &self.pool.host;
        if took_turns && host.is_armed() {
            let rows = &self.pool.product.rows;
            let outages = rows.outages().unwrap_or_default();
            let next = rows.next_due(now).unwrap_or(None);
            let next = [next, outages.next_change(now)].into_iter().flatten().min();
            let (alarm, waits) = ((next, host.slot), self.waits_for_operator());
            let verdict = self.oracle.pool_covered(now, alarm, waits);
            self.judge(verdict);
        }
    }

    fn differs(&mut self, difference: Option<String>) {
        if let Some(detail) = difference {
            self.breaks("SQL agrees", detail);
        }
    }

    fn judged(&mut self, place: Place, taken: &Taken<Gate>) -> Result<(), Violation> {
        let Taken {
            command,
            turn,
            changes,
        } = taken;
        self.oracle.begins(place, command);
        self.oracle.answered(place, command, &turn.reply)?;
        let rows = &self.gates[place.user].product.rows;
        let mut waiting = Vec::new();
        if !changes.is_empty() {
            waiting.extend(rows.best_parked().unwrap_or(None));
            waiting.extend(rows.best_of_kinds().unwrap_or_default());
        }
        let account = rows.account().unwrap_or(None);
        self.oracle.users[place.user].walks = account
            .as_ref()
            .is_some_and(|account| account.walk.is_some());
        self.oracle.changed(place, command, changes, &waiting)?;
        self.oracle.shown(place, &turn.reply)?;
        self.oracle.account(place, account.is_some());
        Oracle::due(changes)?;
        for ticket in &turn.effects.tickets {
            let row = rows.find(&ticket.job_id).unwrap_or(None);
            self.oracle.sends(place, ticket, row.as_ref())?;
        }
        self.oracle.told(command, changes, turn)
    }

    fn judged_pool(&mut self, now: Timestamp, taken: &Taken<Pool>) -> Result<(), Violation> {
        let Taken {
            command,
            turn,
            changes,
        } = taken;
        let rows = &self.pool.product.rows;
        let (open, trial) = self.ways(now);
        let best = rows.best_in_line(&open, 1).unwrap_or_default().pop();
        let tries = rows.best_in_line(&trial, 1).unwrap_or_default().pop();
        let desk = &self.pool.product.desk;
        let has_place = best
            .as_ref()
            .is_some_and(|best| desk.has_place(best.want.weight()));
        self.oracle.pool_took(
            now,
            (command, turn, changes),
            (best.as_ref(), has_place),
            tries.is_some(),
        )?;
        if let pool::Command::Place { job_id, .. } = command {
            let claim = rows.find(job_id).unwrap_or(None);
            let waiting = claim.filter(|claim| !claim.hold.has_slot());
            let before = waiting.and_then(|claim| rows.ahead_of(&claim.key()).ok());
            self.oracle.pool_shows(&turn.reply, before)?;
        }
        Ok(())
    }

    fn digest(&mut self, gate: usize, taken: &Taken<Gate>) {
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

    fn digest_pool(&mut self, taken: &Taken<Pool>) {
        self.mix(u64::MAX);
        for change in &taken.changes {
            if let Some(claim) = &change.after {
                self.mix(claim.hold as u64 + 16 * u64::from(claim.epoch));
            }
        }
        if self.trace.is_some() {
            let line = self.described_pool(taken);
            self.say(|| line);
        }
    }

    /// Somebody looks at an account, or at a place in the pool's line.
    pub(super) fn look(&mut self, place: usize) {
        use super::call::{Ask, Caller};
        if place == self.list_place() {
            return self.call(
                Ask::List(queue_core::failures::Command::Runs),
                Caller::Nobody,
            );
        }
        if place != self.pool_place() {
            let command = queue_core::gate::Command::Account;
            return self.call(Ask::Gate(place, command), Caller::Nobody);
        }
        if self.oracle.jobs.is_empty() {
            // Nobody has a job yet.
            return self.after(60_000, Event::Look(place));
        }
        let job = self.dice.below(self.oracle.jobs.len());
        let job_id = self.oracle.jobs[job].job_id.clone();
        self.call(
            Ask::Pool(pool::Command::Place {
                job_id,
                coming: None,
            }),
            Caller::Nobody,
        );
    }
}
