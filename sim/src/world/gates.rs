//! What the oracle gets to see of each turn of a gate or of the pool.

use super::{Event, World};
use crate::{
    object::{Gate, Pool, Taken},
    oracle::{Violation, replies::Place},
};
use story_queue::{
    domain::{JobId, Ticket, Timestamp},
    gate::{Reply, Store as _, next_due},
    pool::{self, Store as _},
};

impl World {
    /// Judges the turns that an object took in this event, sets its alarm, and sends its tickets.
    pub(super) fn took(&mut self, place: usize, tickets: &[Ticket]) {
        if place == self.pool_place() {
            self.took_pool();
        } else {
            self.took_gate(place);
        }
        self.followed(place, tickets);
    }

    fn took_gate(&mut self, gate: usize) {
        let place = Place {
            user: gate,
            now: self.clock(gate),
        };
        let turns = std::mem::take(&mut self.gates[gate].taken);
        for taken in &turns {
            self.digest(gate, taken);
            let verdict = self.judged(place, taken);
            self.judge(verdict);
        }
        let difference = self.gates[gate].difference.take();
        self.differs(difference);
        let object = &self.gates[gate];
        let host = &object.host;
        if !turns.is_empty() && !host.dropped && !host.ringing && !host.unarmed {
            let (next, slot) = (next_due(&object.product.rows).unwrap_or(None), host.slot);
            let verdict = self.oracle.covered(place, next, slot);
            self.judge(verdict);
        }
    }

    fn took_pool(&mut self) {
        let now = self.clock(self.pool_place());
        let turns = std::mem::take(&mut self.pool.taken);
        for taken in &turns {
            self.digest_pool(taken);
            let verdict = self.judged_pool(now, taken);
            self.judge(verdict);
        }
        let difference = self.pool.difference.take();
        self.differs(difference);
        let host = &self.pool.host;
        if !turns.is_empty() && !host.dropped && !host.ringing && !host.unarmed {
            let next = self.pool.product.rows.next_due().unwrap_or(None);
            let verdict = self.oracle.pool_covered(now, next, host.slot);
            self.judge(verdict);
        }
    }

    fn differs(&mut self, difference: Option<String>) {
        if let Some(detail) = difference {
            self.judge(Err(Violation {
                invariant: "SQL agrees",
                detail,
            }));
        }
    }

    fn judged(&mut self, place: Place, taken: &Taken<Gate>) -> Result<(), Violation> {
        let Taken {
            command,
            turn,
            changes,
        } = taken;
        self.oracle
            .answered(place, command, &turn.reply, &mut self.tally)?;
        let rows = &self.gates[place.user].product.rows;
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
        self.oracle.repriced(command, changes, &turn.effects)
    }

    fn judged_pool(&mut self, now: Timestamp, taken: &Taken<Pool>) -> Result<(), Violation> {
        let Taken {
            command,
            turn,
            changes,
        } = taken;
        let rows = &self.pool.product.rows;
        // The best of those who were in line before this turn.
        let changed = |job_id: &JobId| changes.iter().any(|change| change.job_id == *job_id);
        let best = if changes.is_empty() {
            None
        } else {
            rows.in_line(false, |job_id| !changed(job_id))
        };
        self.oracle.pool_took(
            now,
            (command, turn, changes),
            best.as_ref(),
            &mut self.tally,
        )?;
        if let pool::Command::Place { job_id } = command {
            let claim = rows.find(job_id).unwrap_or(None);
            let parked = claim.filter(|claim| !claim.hold.has_slot());
            let before = parked.and_then(|claim| rows.parked_before(&claim).ok());
            self.oracle
                .pool_shows(&turn.reply, before, &mut self.tally)?;
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
        use super::calls::{Ask, Caller};
        if place != self.pool_place() {
            let command = story_queue::gate::Command::Account;
            return self.call(Ask::Gate(place, command), Caller::Nobody);
        }
        if self.oracle.jobs.is_empty() {
            // Nobody has a job yet.
            return self.after(60_000, Event::Look(place));
        }
        let job = self.dice.below(self.oracle.jobs.len());
        let job_id = self.oracle.jobs[job].job_id.clone();
        self.call(Ask::Pool(pool::Command::Place { job_id }), Caller::Nobody);
    }
}
