//! What the pool knows of its rows from one turn to the next, to save reading them.

use super::{
    claim::Claim,
    outages::{Outages, Way},
    store::Store,
};
use crate::{
    domain::{Stage, Timestamp},
    storage::StorageError,
};

/// What is known of the line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Line {
    /// Its best.
    Best(Option<Claim>),
    /// It has changed since that was known.
    Changed,
}

/// What is known of the rows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Known {
    /// Slots taken.
    pub(super) held: u32,
    /// The line, at the stages that were `open`.
    pub(super) line: Line,
    /// What holds stages back.
    pub(super) outages: Outages,
    /// Stages that jobs may begin.
    pub(super) open: Vec<Stage>,
}

impl Known {
    pub(super) fn read(store: &impl Store, now: Timestamp) -> Result<Self, StorageError> {
        let outages = store.outages()?;
        let open = outages.stages(Way::Open, now);
        let (held, best) = store.opening(&open)?;
        Ok(Self {
            held,
            line: Line::Best(best),
            outages,
            open,
        })
    }
}
