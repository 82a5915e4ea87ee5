//! What all decisions of the pool share: the turn, and what is known in it of the rows.
//!
//! A decision takes the time, reads and writes rows, and returns its answer and what follows; it never waits, never logs
//! and never reads the clock.

use super::{
    claim::Claim,
    desk::Desk,
    known::{Known, Line},
    outages::{Outages, Way},
    store::Store,
};
use crate::{
    config::PoolConfig,
    domain::{Backend, JobId, Rank, Stage, Ticket, Timestamp},
    line::want::Want,
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

/// A breaker opened or closed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Turned {
    /// Of this back end.
    pub backend: Backend,
    /// When it opened.
    pub since: Timestamp,
    /// The stages that it holds from now on; none: it is closed.
    pub stages: Vec<Stage>,
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
    /// How many got a slot.
    pub moved: u32,
    /// Breakers that opened or closed.
    pub turned: Vec<Turned>,
}

/// One turn: the rows, the deliveries, the rules, the time, and what follows.
pub(super) struct Pool<'a, S> {
    pub(super) store: &'a S,
    pub(super) config: &'a PoolConfig,
    pub(super) desk: Desk,
    pub(super) now: Timestamp,
    /// Slots taken.
    pub(super) held: u32,
    /// What is known of the line.
    pub(super) line: Line,
    /// What holds stages back.
    pub(super) outages: Outages,
    /// Stages that jobs may begin.
    pub(super) open: Vec<Stage>,
    /// Jobs that came in this turn and have no row yet: most get a slot at once, and never need a place in the line.
    pub(super) fresh: BTreeMap<(Rank, JobId), Claim>,
    pub(super) effects: Effects,
}

impl<'a, S: Store> Pool<'a, S> {
    /// Begins a turn, on a copy of the desk.
    pub(super) fn open(
        store: &'a S,
        desk: &Desk,
        (config, now): (&'a PoolConfig, Timestamp),
    ) -> Result<Self, StorageError> {
        let mut desk = desk.clone();
        let known = match desk.rows.take() {
            Some(known) => known,
            None => Known::read(store, now)?,
        };
        let Known {
            held,
            mut line,
            outages,
            open: opened,
        } = known;
        let open = outages.stages(Way::Open, now);
        if open != opened {
            line = Line::Changed;
        }
        Ok(Self {
            store,
            config,
            desk,
            now,
            held,
            line,
            outages,
            open,
            fresh: BTreeMap::new(),
            effects: Effects::default(),
        })
    }

    /// Ends the turn: the desk is what it has become.
    pub(super) fn close(self, desk: &mut Desk) -> Effects {
        *desk = self.desk;
        desk.rows = Some(Known {
            held: self.held,
            line: self.line,
            outages: self.outages,
            open: self.open,
        });
        self.effects
    }

    pub(super) fn save(&mut self, before: &Claim, after: &Claim) -> Result<(), StorageError> {
        let (had, has) = (before.hold.has_slot(), after.hold.has_slot());
        self.held = (self.held + u32::from(has)).saturating_sub(u32::from(had));
        if !had || !has {
            self.line = Line::Changed;
        }
        if had && !has {
            self.left(before.job_id())?;
        }
        self.store.save(after)
    }

    pub(super) fn delete(&mut self, claim: &Claim) -> Result<(), StorageError> {
        if claim.hold.has_slot() {
            self.held = self.held.saturating_sub(1);
        } else {
            self.line = Line::Changed;
        }
        self.left(claim.job_id())?;
        self.store.delete(claim.job_id())
    }

    pub(super) const fn bounds_nobody(&self) -> bool {
        self.config.capacity == 0
    }

    /// The best of those in line and those that came in this turn: of all that may begin their stage, and of the one that
    /// may try.
    pub(super) fn best(&mut self) -> Result<Option<Claim>, StorageError> {
        let waiting = match &self.line {
            Line::Best(known) => known.clone(),
            Line::Changed => self.store.best_in_line(&self.open, 1)?.pop(),
        };
        self.line = Line::Best(waiting.clone());
        let mut fresh = self.fresh.values();
        let fresh = fresh.find(|claim| self.open.contains(&claim.stage()));
        let both = fresh.cloned().into_iter().chain(waiting);
        if self.outages.is_empty() {
            return Ok(both.min_by_key(Claim::key));
        }
        if let Some(claim) = self.let_through()? {
            return Ok(Some(claim));
        }
        Ok(both.chain(self.trial()?).min_by_key(Claim::key))
    }

    /// Whether a slot is free beside a line.
    pub(super) fn is_idle(&mut self) -> Result<bool, StorageError> {
        Ok(self.free_slots() > 0 && self.best()?.is_some())
    }

    /// None where nobody is bounded.
    pub(super) const fn free_slots(&self) -> u32 {
        self.config.capacity.saturating_sub(self.held)
    }

    /// Has the alarm ring by then.
    pub(super) fn wake_by(&mut self, due: Option<Timestamp>) {
        self.effects.wake_by = [self.effects.wake_by, due].into_iter().flatten().min();
    }
}
