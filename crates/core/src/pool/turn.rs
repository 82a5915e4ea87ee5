//! The decisions of the pool. Each takes the time, reads and writes rows, and returns its answer and what
//! follows; it never waits, never logs and never reads the clock.

use super::{
    claim::{Claim, Hold},
    command::{Command, Exchange, Given, Listen, Offer, Place, Reply, Tell},
    desk::{Desk, Line, Room, TICKET_WITHIN},
    store::Store,
};
use crate::{
    config::PoolConfig,
    domain::{JobId, Rank, Ticket, Timestamp},
    line::want::{Holding, Want},
    storage::StorageError,
};
use std::{collections::BTreeMap, time::Duration};

/// Claims looked at in one wake-up, so that it stays a short turn; the next follows at once if more are due.
pub(super) const DUE_MAX: u32 = 100;

/// How long a delivery may take to confirm that a job which it was given runs. It tells after
/// [`CONFIRM_AFTER`](crate::delivery::CONFIRM_AFTER), or sooner with another call.
pub const START_WITHIN: Duration = Duration::from_secs(15);

/// A job that is given again gets new time to confirm its start only if less than this is left: two seconds are not
/// worth a row.
pub const START_LEFT: Duration = Duration::from_secs(13);

/// Something worth a log line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Notice {
    /// A job came to a full pool.
    CapacityReached {
        /// Slots taken.
        active: u32,
    },
    /// A slot was not renewed in time and was taken back.
    SlotExpired,
    /// A job was given to a delivery that did not start it in time; it is in the line again.
    StartMissed,
}

/// What must be done after the rows are written.
#[derive(Debug, Default, PartialEq)]
pub struct Effects {
    /// Tickets to send: they bring a delivery.
    pub tickets: Vec<Ticket>,
    /// Open calls that are answered, and the jobs for each.
    pub answers: Vec<(String, Vec<Want>)>,
    /// The alarm must ring by then.
    pub wake_by: Option<Timestamp>,
    /// What to log, about which claim.
    pub notices: Vec<(Notice, Claim)>,
    /// How many left the line for a slot.
    pub moved: u32,
}

/// The pool's answer and what follows from it.
#[derive(Debug, PartialEq)]
pub struct Turn {
    /// The answer; the pace of [`Reply::Place`] is the caller's to fill in, since it is not in the rows.
    pub reply: Reply,
    /// What follows.
    pub effects: Effects,
}

/// Decides `command` at `now`, in one synchronous turn over `store` and the deliveries at the `desk`.
///
/// The caller makes the turn atomic: when this fails, no row may have changed. The desk has not.
///
/// # Errors
/// Only when the store fails.
pub fn apply(
    store: &impl Store,
    desk: &mut Desk,
    config: &PoolConfig,
    now: Timestamp,
    command: Command,
) -> Result<Turn, StorageError> {
    let mut there = desk.clone();
    let (held, line) = match there.rows.take() {
        Some(known) => known,
        None => store
            .opening()
            .map(|(held, best)| (held, Line::Best(best)))?,
    };
    let mut pool = Pool {
        store,
        config,
        desk: there,
        now,
        held,
        line,
        fresh: BTreeMap::new(),
        effects: Effects::default(),
    };
    let reply = match command {
        Command::Tell(tell) => pool.tell(tell)?,
        Command::Exchange(exchange) => pool.exchange(exchange)?,
        Command::Listen(listen) => pool.listen(&listen)?,
        Command::Wake => pool.wake()?,
        Command::Place { job_id } => pool.place(&job_id)?,
    };
    let Pool {
        desk: after,
        held,
        line,
        effects,
        ..
    } = pool;
    *desk = after;
    desk.rows = Some((held, line));
    Ok(Turn { reply, effects })
}

/// When the alarm of a pool must ring next, from its rows alone: a claim is due, or a slot is free beside a line, and
/// perhaps nobody was called.
///
/// # Errors
/// When the store fails.
pub fn next_due(
    store: &impl Store,
    config: &PoolConfig,
    now: Timestamp,
) -> Result<Option<Timestamp>, StorageError> {
    let due = store.next_due()?;
    let is_full = config.capacity > 0 && store.held()? >= config.capacity;
    let look = if is_full || store.best_parked()?.is_none() {
        None
    } else {
        Some(now.after(TICKET_WITHIN))
    };
    Ok([due, look].into_iter().flatten().min())
}

pub(super) struct Pool<'a, S> {
    pub(super) store: &'a S,
    pub(super) config: &'a PoolConfig,
    pub(super) desk: Desk,
    pub(super) now: Timestamp,
    /// Slots taken.
    pub(super) held: u32,
    /// What is known of the line.
    pub(super) line: Line,
    /// Jobs that came in this turn and have no row yet: most get a slot at once, and never need a place in the line.
    pub(super) fresh: BTreeMap<(Rank, JobId), Claim>,
    pub(super) effects: Effects,
}

impl<S: Store> Pool<'_, S> {
    fn tell(&mut self, tell: Tell) -> Result<Reply, StorageError> {
        for Holding { job_id, epoch } in &tell.gone {
            if let Some(claim) = self.store.find(job_id)?
                && claim.epoch <= *epoch
            {
                self.delete(&claim)?;
            }
        }
        for want in tell.wants {
            self.learn(want)?;
        }
        if tell.ticketed {
            self.desk.ticketed(self.now);
        }
        self.close(None)?;
        Ok(Reply::Done)
    }

    fn exchange(&mut self, exchange: Exchange) -> Result<Reply, StorageError> {
        let Exchange {
            delivery,
            began,
            call,
            is_first,
            freed,
            wants,
            running,
            offer,
            listens,
            stays,
        } = exchange;
        for holding in &freed {
            self.free(&delivery, holding)?;
        }
        for want in wants {
            self.learn(want)?;
        }
        let mut lost = Vec::new();
        for Holding { job_id, epoch } in running {
            if !self.renew(&delivery, &job_id, epoch)? {
                lost.push(job_id);
            }
        }
        if self.desk.is_late(&delivery, call) {
            self.close(None)?;
            let given = Given {
                lost,
                ..Given::default()
            };
            return Ok(Reply::Given(given));
        }
        let again = self.sit((&delivery, began, call), (is_first, listens), &offer)?;
        let new = self.serve(Some(&delivery))?;
        if is_first {
            if new.is_empty() && self.is_idle()? {
                // It has no room for the best, and nor may the next: the ticket that brought it counts, even if the one
                // who sent it was evicted meanwhile.
                self.desk.ticketed(self.now);
            } else {
                self.desk.begins();
            }
        }
        let yields = self.is_idle()? && self.desk.yields(self.now, &delivery);
        let jobs = [again, new].concat();
        if jobs.is_empty() && !stays {
            self.desk.leave(&delivery);
        }
        self.close(Some(&delivery))?;
        Ok(Reply::Given(Given { jobs, lost, yields }))
    }

    fn listen(&mut self, listen: &Listen) -> Result<Reply, StorageError> {
        let Listen {
            delivery,
            began,
            call,
            offer,
        } = listen;
        if self.desk.is_late(delivery, *call) {
            return Ok(Reply::Given(Given::default()));
        }
        let again = self.sit((delivery, *began, *call), (false, false), offer)?;
        let new = self.serve(Some(delivery))?;
        let jobs = [again, new].concat();
        self.desk.listen(delivery, jobs.is_empty());
        let reply = if jobs.is_empty() {
            Reply::Held
        } else {
            Reply::Given(Given {
                jobs,
                ..Given::default()
            })
        };
        self.close(Some(delivery))?;
        Ok(reply)
    }

    /// A delivery calls. What was given to it in an answer that it did not get, it gets again; not while that may be on
    /// the way to its open call.
    fn sit(
        &mut self,
        (delivery, began, call): (&str, Timestamp, u32),
        (is_first, listens): (bool, bool),
        offer: &Offer,
    ) -> Result<Vec<Want>, StorageError> {
        let mut again = Vec::new();
        let on_the_way = self.desk.on_the_way(delivery, listens, &offer.has);
        if self
            .desk
            .may_miss(delivery, is_first, &offer.has, &on_the_way)
        {
            for claim in self.store.given_to(delivery)? {
                let job_id = claim.job_id();
                if !offer.has.contains(job_id) && !on_the_way.contains_key(job_id) {
                    again.push(claim.want.clone());
                    self.renew_given(claim)?;
                }
            }
        }
        let room = Room {
            places: offer.places,
            weight: offer.room,
            is_idle: offer.is_idle,
            is_spent: offer.is_spent,
        };
        self.desk
            .sit(self.now, (delivery, began, call), room, &again);
        self.desk.keeps_room(delivery, &on_the_way);
        Ok(again)
    }

    /// A delivery gives up a job. Its word counts for what it has, and for what ran until now.
    fn free(
        &mut self,
        delivery: &str,
        Holding { job_id, epoch }: &Holding,
    ) -> Result<(), StorageError> {
        self.desk.speaks(delivery, job_id);
        let Some(claim) = self.store.find(job_id)? else {
            return Ok(());
        };
        let has_run = claim.hold == Hold::Parked && claim.epoch < *epoch;
        if has_run || (claim.is_with(delivery) && claim.epoch <= *epoch) {
            self.delete(&claim)?;
        }
        Ok(())
    }

    /// A job came, or came again, perhaps at another rank. A newer lease ends what the job had before.
    fn learn(&mut self, want: Want) -> Result<(), StorageError> {
        if self.bounds_nobody() {
            // A gate of the build before still tells, or a call comes late. Parked, the job would wait for nobody.
            if let Some(claim) = self.store.find(want.job_id())? {
                self.delete(&claim)?;
            }
            self.effects.tickets.push(want.ticket);
            return Ok(());
        }
        match self.store.find(want.job_id())? {
            None => {
                let mut fresh = self.fresh.values();
                if fresh.any(|claim| claim.job_id() == want.job_id() && claim.epoch > want.epoch())
                {
                    return Ok(());
                }
                self.fresh
                    .retain(|_, claim| claim.job_id() != want.job_id());
                self.fresh.insert(want.key(), Claim::parked(want));
            }
            Some(claim) if claim.epoch < want.epoch() => self.save(&claim, &Claim::parked(want))?,
            Some(claim)
                if claim.epoch == want.epoch()
                    && claim.hold == Hold::Parked
                    && claim.want != want =>
            {
                self.save(&claim, &Claim::parked(want))?;
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// The job runs there: confirms its start, or renews its slot. `false` where it has none any more.
    fn renew(&mut self, delivery: &str, job_id: &JobId, epoch: u32) -> Result<bool, StorageError> {
        self.desk.speaks(delivery, job_id);
        let Some(claim) = self.store.find(job_id)? else {
            return Ok(self.bounds_nobody());
        };
        let is_own = claim.hold.has_slot() && claim.is_with(delivery) && claim.epoch <= epoch;
        // Taken back while its start was on the way: by the gate's word it runs, so the slot is its own.
        let has_started = claim.epoch < epoch && (claim.hold.has_slot() || self.free_slots() > 0);
        if !is_own && !has_started {
            return Ok(self.bounds_nobody());
        }
        let renewed = Claim {
            hold: Hold::Held,
            by: Some(delivery.to_owned()),
            epoch,
            due: Some(self.now.after(self.config.lease)),
            ..claim.clone()
        };
        self.wake_by(renewed.due);
        self.save(&claim, &renewed)?;
        Ok(true)
    }

    /// Does all that is due, and has the alarm ring for the next.
    fn wake(&mut self) -> Result<Reply, StorageError> {
        for claim in self.store.due(self.now, DUE_MAX)? {
            match claim.hold {
                Hold::Given if self.bounds_nobody() => {
                    self.delete(&claim)?;
                    self.effects.tickets.push(claim.want.ticket);
                }
                Hold::Given => {
                    self.save(&claim, &Claim::parked(claim.want.clone()))?;
                    self.effects.notices.push((Notice::StartMissed, claim));
                }
                Hold::Held => {
                    self.delete(&claim)?;
                    self.effects.notices.push((Notice::SlotExpired, claim));
                }
                // Never due: a freed slot wakes it.
                Hold::Parked => {}
            }
        }
        self.close(None)?;
        let next = self.store.next_due()?;
        self.wake_by(next);
        Ok(Reply::Done)
    }

    pub(super) fn save(&mut self, before: &Claim, after: &Claim) -> Result<(), StorageError> {
        self.held = (self.held + u32::from(after.hold.has_slot()))
            .saturating_sub(u32::from(before.hold.has_slot()));
        if [before, after]
            .iter()
            .any(|claim| claim.hold == Hold::Parked)
        {
            self.line = Line::Changed;
        }
        self.store.save(after)
    }

    pub(super) fn delete(&mut self, claim: &Claim) -> Result<(), StorageError> {
        self.held = self.held.saturating_sub(u32::from(claim.hold.has_slot()));
        if claim.hold == Hold::Parked {
            self.line = Line::Changed;
        }
        self.store.delete(claim.job_id())
    }

    pub(super) const fn bounds_nobody(&self) -> bool {
        self.config.capacity == 0
    }

    fn place(&self, job_id: &JobId) -> Result<Reply, StorageError> {
        let found = self.store.find(job_id)?;
        let parked = found.filter(|claim| claim.hold == Hold::Parked);
        let position = match parked {
            Some(claim) => Some(self.store.parked_before(&claim)?.saturating_add(1)),
            None => None,
        };
        Ok(Reply::Place {
            place: Place {
                position,
                active: self.held,
                capacity: self.config.capacity,
                pace: None,
            },
        })
    }

    /// Has the alarm ring by then.
    pub(super) fn wake_by(&mut self, due: Option<Timestamp>) {
        self.effects.wake_by = [self.effects.wake_by, due].into_iter().flatten().min();
    }
}
