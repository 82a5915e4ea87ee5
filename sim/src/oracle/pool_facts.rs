//! What the oracle knows of the pool.

use queue_core::{config::PoolConfig, domain::Timestamp};
use std::collections::BTreeMap;

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
