//! The pool against what was promised: slots as consumers were told of them (P6, I7), and the pool's own turns
//! (P4, P5, P11). The promise is what the world is judged by: a slot is live from the answer that gives it until
//! its holder gives it back, a later lease of the job takes it over, or its time is over by the pool's clock.

use super::{Oracle, Violation, pool_rows, require};
use crate::{
    marks::{Mark, Tally},
    pool_store::PoolChange,
};
use std::{collections::BTreeMap, time::Duration};
use story_queue::{
    config::PoolConfig,
    domain::{Ticket, Timestamp},
    gate::command::Holding,
    pool::{
        Claim, Command, Reply, Turn,
        command::{Claimed, Want},
    },
};

/// How much later than due an alarm may be set, and how far a clock is set.
const ALARM_PAUSE: Duration = Duration::from_secs(10);
const STEP_MAX: Duration = Duration::from_hours(1);

/// A slot as its holder was promised it.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// The epoch that it was claimed under.
    pub epoch: u32,
    /// Until when.
    pub until: Timestamp,
    /// Its time was over once, by the pool's clock; only a renewal revives it.
    pub expired: bool,
}

/// What is known of the pool.
#[derive(Debug)]
pub struct PoolFacts {
    /// The true rules.
    pub config: PoolConfig,
    /// Whether its books are judged, too, and not only what runs.
    pub books: bool,
    /// The clock was set, so that intervals mean nothing.
    pub stepped: bool,
    /// The capacity was changed, and no turn has served the line since.
    pub redeployed: bool,
    /// Slots as promised, by job.
    pub slots: BTreeMap<usize, Slot>,
    /// The number of the latest slot of each job, and the capacity when it was given.
    pub given: BTreeMap<usize, (usize, u32)>,
    /// How many were given.
    pub count: usize,
    /// Rows with a slot, and rows in the line.
    pub held: u32,
    /// Rows in the line.
    pub parked: u32,
    /// Tickets that it sent.
    pub sent: u64,
}

impl PoolFacts {
    /// Nothing happened so far.
    #[must_use]
    pub fn new(config: PoolConfig) -> Self {
        Self {
            config,
            books: true,
            stepped: false,
            redeployed: false,
            slots: BTreeMap::new(),
            given: BTreeMap::new(),
            count: 0,
            held: 0,
            parked: 0,
            sent: 0,
        }
    }

    /// By the pool's clock it is now: slots whose time is over stay over.
    pub fn expire(&mut self, now: Timestamp) {
        for slot in self.slots.values_mut() {
            slot.expired |= now >= slot.until;
        }
    }
}

impl Oracle {
    /// A deploy sets the capacity.
    pub fn capacity(&mut self, capacity: u32, tally: &mut Tally) {
        if self.pool.config.capacity != capacity {
            tally.mark(Mark::CapacityChanged);
            self.pool.config.capacity = capacity;
            self.pool.redeployed = true;
        }
    }

    /// No more run with a slot than there are slots (P6, I7).
    ///
    /// # Errors
    /// When more do.
    pub fn within_capacity(&mut self, now: Timestamp, tally: &mut Tally) -> Result<(), Violation> {
        self.pool.expire(now);
        let pool = &self.pool;
        let live = self.executions.values().filter(|execution| {
            let slot = pool.slots.get(&execution.job);
            slot.is_some_and(|slot| {
                let carried = slot.epoch < execution.epoch && execution.is_bounded;
                (carried || slot.epoch == execution.epoch) && !slot.expired
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
            tally.mark(Mark::OverCapacityAfterLowering);
        }
        Ok(())
    }

    /// The pool took a turn. `best` is the best in line afterwards of those that the turn did not touch.
    ///
    /// # Errors
    /// When the turn cannot be right.
    pub fn pool_took(
        &mut self,
        now: Timestamp,
        (command, turn, changes): (&Command, &Turn, &[PoolChange]),
        best: Option<&Claim>,
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        let held = self.pool.held;
        for change in changes {
            let number = self.number(&change.job_id)?;
            let has_slot =
                |claim: &Option<Claim>| claim.as_ref().map(|claim| claim.hold.has_slot());
            let (before, after) = (has_slot(&change.before), has_slot(&change.after));
            let pool = &mut self.pool;
            let count = |which: Option<bool>, slot: bool| u32::from(which == Some(slot));
            pool.held = pool.held + count(after, true) - count(before, true);
            pool.parked = pool.parked + count(after, false) - count(before, false);
            if after == Some(true) && before != Some(true) {
                pool.count += 1;
                pool.given
                    .insert(number, (pool.count, pool.config.capacity));
            }
        }
        self.pool.sent += u64::try_from(pool_rows::sent(turn).count()).unwrap_or(0);
        if self.pool.books {
            let (pool, books) = (&mut self.pool, (command, turn, changes));
            pool_rows::judge(pool, now, held, books, best, tally)?;
        }
        self.promised(now, command, (&turn.reply, changes), tally)?;
        self.within_capacity(now, tally)
    }

    /// What holders are told of their slots.
    fn promised(
        &mut self,
        now: Timestamp,
        command: &Command,
        (reply, changes): (&Reply, &[PoolChange]),
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        match (command, reply) {
            (
                Command::Claim { wants, freed, .. },
                Reply::Claimed {
                    claimed, tickets, ..
                },
            ) => {
                self.released(freed, changes, tally)?;
                require(wants.len() == claimed.len(), "I5 no phantom", || {
                    "a claim has not one answer a job".to_owned()
                })?;
                for (want, claimed) in wants.iter().zip(claimed) {
                    self.claimed(now, want, *claimed, tally)?;
                }
                for ticket in tickets {
                    self.taken(ticket)?;
                }
                Ok(())
            }
            (Command::Release { jobs }, _) => self.released(jobs, changes, tally),
            (Command::Renew { jobs }, Reply::Renewed { lost }) => {
                for Holding { job_id, epoch } in jobs {
                    let number = self.number(job_id)?;
                    let is_lost = lost.contains(job_id);
                    self.renewed(now, number, *epoch, is_lost, tally)?;
                }
                Ok(())
            }
            (Command::Wake, _) => {
                // What ran out is taken back now, or was before.
                self.pool.expire(now);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What is given back is gone in the same turn, unless it ran out before.
    fn released(
        &mut self,
        jobs: &[Holding],
        changes: &[PoolChange],
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        for Holding { job_id, epoch } in jobs {
            let number = self.number(job_id)?;
            let slot = self.pool.slots.get(&number);
            match slot.map(|slot| slot.epoch <= *epoch) {
                Some(true) => {
                    tally.mark(Mark::SlotReleased);
                    let slot = self.pool.slots.remove(&number);
                    let is_live = slot.is_some_and(|slot| !slot.expired);
                    let is_gone = changes.iter().any(|change| change.job_id == *job_id);
                    let books = self.pool.books && self.pool.config.capacity > 0;
                    require(is_gone || !is_live || !books, "I7 slot released", || {
                        format!("the slot of job {number} under epoch {epoch} was not released")
                    })?;
                }
                Some(false) => tally.mark(Mark::ReleaseLate),
                None => {}
            }
        }
        Ok(())
    }

    /// A ticket that was given in exchange for a slot brings its slot with it; it ends when it is renewed and runs
    /// out, or is given back.
    fn taken(&mut self, ticket: &Ticket) -> Result<(), Violation> {
        let number = self.number(&ticket.job_id)?;
        if self.pool.config.capacity > 0 {
            let slot = Slot {
                epoch: ticket.epoch.unwrap_or(0),
                until: Timestamp::from_millis(i64::MAX),
                expired: false,
            };
            self.pool.slots.insert(number, slot);
        }
        Ok(())
    }

    fn claimed(
        &mut self,
        now: Timestamp,
        want: &Want,
        claimed: Claimed,
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        let number = self.number(&want.ticket.job_id)?;
        let pool = &mut self.pool;
        let before = pool.slots.get(&number).map_or(0, |slot| slot.epoch);
        match claimed {
            Claimed::Slot => {
                require(want.epoch >= before, "I3 fencing", || {
                    format!(
                        "job {number} got a slot for epoch {} after {before}",
                        want.epoch
                    )
                })?;
                if before > 0 && want.epoch > before {
                    tally.mark(Mark::SlotCarried);
                }
                let until = now.after(pool.config.lease);
                let slot = Slot {
                    epoch: want.epoch,
                    until,
                    expired: false,
                };
                if pool.config.capacity > 0 {
                    pool.slots.insert(number, slot);
                } else {
                    pool.slots.remove(&number);
                }
            }
            Claimed::Parked => tally.mark(Mark::CapacityReached),
            Claimed::Stale => tally.mark(Mark::ClaimStale),
        }
        Ok(())
    }

    fn renewed(
        &mut self,
        now: Timestamp,
        number: usize,
        epoch: u32,
        is_lost: bool,
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        let pool = &mut self.pool;
        pool.expire(now);
        let slot = pool.slots.get_mut(&number);
        let own = slot.filter(|slot| slot.epoch <= epoch);
        if is_lost {
            let live = own.is_some_and(|slot| !slot.expired);
            return require(!live || !pool.books, "I7 slot kept", || {
                format!("the slot of job {number} under epoch {epoch} was lost before its time")
            });
        }
        let unbounded = pool.config.capacity == 0;
        require(own.is_some() || unbounded, "I3 fencing", || {
            format!("job {number} renewed a slot under epoch {epoch} that it had not")
        })?;
        if let Some(slot) = own {
            tally.mark(Mark::SlotRenewed);
            slot.epoch = epoch;
            (slot.until, slot.expired) = (now.after(pool.config.lease), false);
        }
        Ok(())
    }

    /// Behind everything in the pool there is an alarm (I6).
    ///
    /// # Errors
    /// When there is none.
    pub fn pool_covered(
        &self,
        now: Timestamp,
        next: Option<Timestamp>,
        armed: Option<Timestamp>,
    ) -> Result<(), Violation> {
        let pool = &self.pool;
        let slack = if pool.stepped {
            STEP_MAX
        } else {
            Duration::ZERO
        };
        let covered = match next {
            // Where nobody is bounded any more, the line is let go by and by.
            None => pool.parked == 0 || (pool.config.capacity == 0 && armed.is_some()),
            Some(next) => {
                let latest = next.max(now).after(ALARM_PAUSE + slack);
                armed.is_some_and(|armed| armed <= latest)
            }
        };
        require(covered, "I6 never stuck", || {
            let parked = pool.parked;
            format!("pool: {parked} parked, due {next:?}, the alarm rings {armed:?}")
        })
    }

    /// A place in the line is shown as it is.
    ///
    /// # Errors
    /// When it is not.
    pub fn pool_shows(
        &self,
        reply: &Reply,
        before: Option<u32>,
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        tally.mark(Mark::PoolLooked);
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
