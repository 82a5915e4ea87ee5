//! What the oracle knows of the pool.

use queue_core::{
    config::PoolConfig,
    domain::{JobId, Timestamp},
};
use std::collections::{BTreeMap, BTreeSet};

/// A slot as its delivery was promised it.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    /// Whose.
    pub(crate) delivery: String,
    /// The epoch that it was given or confirmed under.
    pub(crate) epoch: u32,
    /// Until when.
    pub(crate) until: Timestamp,
    /// Its time was over once, by the pool's clock; only a renewal revives it.
    pub(crate) expired: bool,
}

/// What is known of the pool.
#[derive(Debug)]
pub(crate) struct PoolFacts {
    /// The true rules.
    pub(crate) config: PoolConfig,
    /// Whether its books are judged, too, and not only what runs.
    pub(crate) books: bool,
    /// The clock was set, so that intervals mean nothing.
    pub(crate) stepped: bool,
    /// The capacity was changed, and no turn has served the line since.
    pub(crate) redeployed: bool,
    /// Slots as promised, by job.
    pub(crate) slots: BTreeMap<usize, Slot>,
    /// The number of the latest slot of each job, and the capacity when it was given.
    pub(crate) given: BTreeMap<usize, (usize, u32)>,
    /// How many were given.
    pub(crate) count: usize,
    /// Rows with a slot, and rows in the line.
    pub(crate) held: u32,
    /// Rows in the line.
    pub(crate) parked: u32,
    /// Tickets that it sent.
    pub(crate) sent: u64,
    /// When breakers opened.
    pub(crate) outages: BTreeSet<Timestamp>,
    /// Who waits.
    pub(crate) waits: Waits,
    /// The job that an operator let through last.
    pub(crate) through: Option<JobId>,
}

/// Who waits in the pool's line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Waits {
    /// Somebody who may begin.
    pub(crate) ready: bool,
    /// Somebody who may try whether a back end is there again.
    pub(crate) tries: bool,
}

impl PoolFacts {
    /// Nothing happened so far.
    pub(crate) fn new(config: PoolConfig) -> Self {
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
            outages: BTreeSet::new(),
            waits: Waits::default(),
            through: None,
        }
    }

    /// By the pool's clock it is now: slots whose time is over stay over.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        for slot in self.slots.values_mut() {
            slot.expired |= now >= slot.until;
        }
    }
}

/// How a delivery names itself.
pub(crate) fn holder(number: usize) -> String {
    format!("delivery-{number}")
}
