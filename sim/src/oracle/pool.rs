//! The pool against what was promised: slots as deliveries were told of them (P6, I7), and the pool's own turns
//! (P4, P5, P11). The promise is what the world is judged by: a slot is live from the answer that gives it until
//! its delivery gives it back, a later lease of the job takes it over, or its time is over by the pool's clock.

use super::{Oracle, Violation, pool_rows, require};
use crate::{
    marks::{Mark, Tally},
    pool_store::PoolChange,
};
use queue_core::{
    config::PoolConfig,
    domain::Timestamp,
    line::want::{Holding, Want},
    pool::{
        Claim, Command, Reply, Turn,
        command::{Exchange, Given, Tell},
        turn::START_LEFT,
    },
};
use std::{collections::BTreeMap, time::Duration};

/// How much later than due an alarm may be set, and how far a clock is set.
const ALARM_PAUSE: Duration = Duration::from_secs(10);
const STEP_MAX: Duration = Duration::from_hours(1);

/// Longest pause between two looks at a slot that is free beside a line.
const TICKET_MAX: Duration = Duration::from_mins(1);

/// A slot as its delivery was promised it.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Whose.
    pub delivery: String,
    /// The epoch that it was given or confirmed under.
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

/// How a delivery names itself.
#[must_use]
pub fn holder(number: usize) -> String {
    format!("delivery-{number}")
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
            tally.mark(Mark::OverCapacityAfterLowering);
        }
        Ok(())
    }

    /// The pool took a turn. `best` is the best in line afterwards, and whether an open call could take it.
    ///
    /// # Errors
    /// When the turn cannot be right.
    pub fn pool_took(
        &mut self,
        now: Timestamp,
        (command, turn, changes): (&Command, &Turn, &[PoolChange]),
        best: (Option<&Claim>, bool),
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
            pool_rows::judge(pool, now, held, books, best, tally)?;
        }
        self.promised(now, command, turn, tally)?;
        self.within_capacity(now, tally)
    }

    /// What deliveries are told of their slots.
    fn promised(
        &mut self,
        now: Timestamp,
        command: &Command,
        turn: &Turn,
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        self.pool.expire(now);
        let given: &[Want] = match &turn.reply {
            Reply::Given(given) => &given.jobs,
            Reply::Held | Reply::Place { .. } | Reply::Done => &[],
        };
        match (command, &turn.reply) {
            (Command::Tell(Tell { wants, gone, .. }), _) => {
                for holding in gone {
                    self.left(holding, None, tally)?;
                }
                self.wanted(wants)?;
            }
            (Command::Exchange(exchange), Reply::Given(Given { lost, .. })) => {
                let Exchange {
                    delivery,
                    freed,
                    wants,
                    running,
                    ..
                } = exchange;
                for holding in freed {
                    self.left(holding, Some(delivery), tally)?;
                }
                self.wanted(wants)?;
                for holding in running {
                    let is_lost = lost.contains(&holding.job_id);
                    self.renewed(now, delivery, holding, is_lost, tally)?;
                }
            }
            _ => {}
        }
        let caller = match command {
            Command::Exchange(exchange) => Some(&exchange.delivery),
            Command::Listen(listen) => Some(&listen.delivery),
            Command::Tell(_) | Command::Wake | Command::Place { .. } => None,
        };
        let pushed = turn
            .effects
            .answers
            .iter()
            .flat_map(|(delivery, jobs)| jobs.iter().map(move |want| (delivery, want)));
        let pushed: Vec<(&String, &Want)> = pushed.collect();
        let answered = caller
            .into_iter()
            .flat_map(|caller| given.iter().map(move |want| (caller, want)));
        for (delivery, want) in answered.chain(pushed) {
            self.given(now, delivery, want, tally)?;
        }
        Ok(())
    }

    /// A job was given to a delivery, or given again.
    fn given(
        &mut self,
        now: Timestamp,
        delivery: &str,
        want: &Want,
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        let number = self.number(want.job_id())?;
        let epoch = want.epoch();
        let slots = &mut self.pool.slots;
        if let Some(slot) = slots.get_mut(&number)
            && (slot.delivery.as_str(), slot.epoch) == (delivery, epoch)
        {
            tally.mark(Mark::GivenAgain);
            // What has run out begins anew, perhaps on a clock that was set back meanwhile.
            let until = now.after(START_LEFT);
            slot.until = if slot.expired {
                until
            } else {
                slot.until.max(until)
            };
            slot.expired = false;
            return Ok(());
        }
        let live = slots
            .get(&number)
            .filter(|slot| !slot.expired && slot.epoch >= epoch);
        require(live.is_none() || !self.pool.books, "I7 given once", || {
            format!("job {number} is given to {delivery} under epoch {epoch} beside {live:?}")
        })?;
        tally.mark(Mark::SlotGiven);
        let slot = Slot {
            delivery: delivery.to_owned(),
            epoch,
            until: now.after(START_LEFT),
            expired: false,
        };
        self.pool.slots.insert(number, slot);
        Ok(())
    }

    /// A job needs its slot no more, by the word of its gate, or of the delivery that has it.
    fn left(
        &mut self,
        Holding { job_id, epoch }: &Holding,
        by: Option<&str>,
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        let number = self.number(job_id)?;
        let slot = self.pool.slots.get(&number);
        let is_own = |slot: &Slot| by.is_none_or(|by| slot.delivery == by) && slot.epoch <= *epoch;
        if slot.is_some_and(is_own) {
            tally.mark(Mark::SlotFreed);
            self.pool.slots.remove(&number);
        } else if slot.is_some() {
            tally.mark(Mark::FreedLate);
        }
        Ok(())
    }

    /// A newer lease of a job ends what it had.
    fn wanted(&mut self, wants: &[Want]) -> Result<(), Violation> {
        for want in wants {
            let number = self.number(want.job_id())?;
            let slots = &mut self.pool.slots;
            if slots
                .get(&number)
                .is_some_and(|slot| slot.epoch < want.epoch())
            {
                slots.remove(&number);
            }
        }
        Ok(())
    }

    fn renewed(
        &mut self,
        now: Timestamp,
        delivery: &str,
        Holding { job_id, epoch }: &Holding,
        is_lost: bool,
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        let number = self.number(job_id)?;
        let pool = &mut self.pool;
        let unbounded = pool.config.capacity == 0;
        let own = pool
            .slots
            .get(&number)
            .filter(|slot| slot.delivery == delivery && slot.epoch <= *epoch);
        if is_lost {
            let live = own.is_some_and(|slot| !slot.expired);
            return require(!live || !pool.books, "I7 slot kept", || {
                format!("the slot of job {number} under epoch {epoch} was lost before its time")
            });
        }
        if unbounded {
            return Ok(());
        }
        tally.mark(match own {
            Some(slot) if slot.epoch == *epoch => Mark::SlotRenewed,
            Some(_) => Mark::StartConfirmed,
            None => Mark::SlotRetaken,
        });
        let slot = Slot {
            delivery: delivery.to_owned(),
            epoch: *epoch,
            until: now.after(pool.config.lease),
            expired: false,
        };
        pool.slots.insert(number, slot);
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
        let is_idle =
            pool.parked > 0 && (pool.held < pool.config.capacity || pool.config.capacity == 0);
        let look = is_idle.then(|| now.after(TICKET_MAX));
        let covered = match [next, look].into_iter().flatten().min() {
            None => pool.parked == 0,
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
