//! The pool against what was promised: what runs with a slot (P6, I7), the alarm behind the line, and what is shown.

use super::{
    Oracle, Violation,
    pool_facts::{Waits, holder},
    pool_rows,
    promises::rings_in_time,
    require,
};
use crate::{marks::Mark, table::Change};
use queue_core::{
    domain::Timestamp,
    pool::{Claim, Command, Reply, Turn},
};
use std::time::Duration;

/// Longest pause between two looks at a slot that is free beside a line.
const TICKET_MAX: Duration = Duration::from_mins(1);

impl Oracle {
    /// A deploy sets the capacity.
    pub(crate) fn capacity(&mut self, capacity: u32) {
        if self.pool.config.capacity != capacity {
            self.tally.mark(Mark::CapacityChanged);
            self.pool.config.capacity = capacity;
            self.pool.redeployed = true;
        }
    }

    /// No more run with a slot than there are slots (P6, I7).
    pub(crate) fn within_capacity(&mut self, now: Timestamp) -> Result<(), Violation> {
        self.pool.expire(now);
        let pool = &self.pool;
        let live = self.executions.values().filter(|execution| {
            let slot = pool.slots.get(&execution.job);
            slot.is_some_and(|slot| {
                let own = slot.delivery == holder(execution.delivery);
                own && slot.epoch <= execution.epoch && !slot.expired
            })
        });
        let (mut count, mut last) = (0, (0, u32::MAX));
        for execution in live {
            count += 1;
            if let Some(given) = pool.given.get(&execution.job) {
                last = last.max(*given);
            }
        }
        // All others had their slots when the latest was given, so together they kept its capacity.
        let most = last.1;
        require(count <= most, "I7 world capacity", || {
            format!("{count} run with a slot, the capacity was {most}")
        })?;
        if count > pool.config.capacity && pool.config.capacity > 0 {
            self.tally.mark(Mark::OverCapacityAfterLowering);
        }
        Ok(())
    }

    /// The pool took a turn. `best` is the best in line afterwards of those that may begin, and whether an open call could
    /// take it; `tries` says whether one waits that may try.
    pub(crate) fn pool_took(
        &mut self,
        now: Timestamp,
        (command, turn, changes): (&Command, &Turn, &[Change<Claim>]),
        best: (Option<&Claim>, bool),
        tries: bool,
    ) -> Result<(), Violation> {
        self.pool.waits = Waits {
            ready: best.0.is_some(),
            tries,
        };
        if let Command::Let { job_id } = command {
            self.pool.through = Some(job_id.clone());
        }
        for turned in &turn.effects.turned {
            if turned.stages.is_empty() {
                self.tally.mark(Mark::OutageEnded);
            } else {
                self.tally.mark(Mark::OutageBegan);
                self.pool.outages.insert(turned.since);
            }
        }
        let held = self.pool.held;
        for change in changes {
            let number = self.number(&change.job_id)?;
            let has_slot =
                |claim: &Option<Claim>| claim.as_ref().map(|claim| claim.hold.has_slot());
            let (before, after) = (has_slot(&change.before), has_slot(&change.after));
            let pool = &mut self.pool;
            let count = |which: Option<bool>, slot: bool| u32::from(which == Some(slot));
            // A planted defect may take out what was never there.
            let moved = |number: u32, slot| {
                (number + count(after, slot)).saturating_sub(count(before, slot))
            };
            (pool.held, pool.parked) = (moved(pool.held, true), moved(pool.parked, false));
            if after == Some(true) && before != Some(true) {
                pool.count += 1;
                pool.given
                    .insert(number, (pool.count, pool.config.capacity));
            }
        }
        self.pool.sent += u64::try_from(turn.effects.tickets.len()).unwrap_or(0);
        if self.pool.books {
            let (pool, books) = (&mut self.pool, (command, turn, changes));
            pool_rows::judge(pool, now, held, books, best, &mut self.tally)?;
        }
        self.promised(now, command, turn)?;
        self.within_capacity(now)
    }

    /// Behind everything in the pool there is an alarm (I6).
    pub(crate) fn pool_covered(
        &self,
        now: Timestamp,
        (next, armed): (Option<Timestamp>, Option<Timestamp>),
        waits_for_operator: bool,
    ) -> Result<(), Violation> {
        let pool = &self.pool;
        let waits =
            pool.waits.ready || pool.waits.tries || (pool.parked > 0 && pool.config.capacity == 0);
        let is_idle = waits && (pool.held < pool.config.capacity || pool.config.capacity == 0);
        let look = is_idle.then(|| now.after(TICKET_MAX));
        let covered = match [next, look].into_iter().flatten().min() {
            None => pool.parked == 0 || waits_for_operator,
            Some(next) => rings_in_time(now, next, armed, pool.stepped),
        };
        require(covered, "I6 never stuck", || {
            let parked = pool.parked;
            format!("pool: {parked} parked, due {next:?}, the alarm rings {armed:?}")
        })
    }

    /// A place in the line is shown as it is.
    pub(crate) fn pool_shows(
        &mut self,
        reply: &Reply,
        before: Option<u32>,
    ) -> Result<(), Violation> {
        self.tally.mark(Mark::PoolLooked);
        let Reply::Place { place } = reply else {
            return require(false, "view", || format!("{reply:?}"));
        };
        let pool = &self.pool;
        let shown = (place.position, place.active, place.capacity);
        let right = (
            before.map(|before| before + 1),
            pool.held,
            pool.config.capacity,
        );
        require(shown == right || !self.views, "view", || {
            format!("{place:?}, but {right:?}")
        })
    }
}
