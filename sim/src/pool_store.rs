//! The pool's rows in memory.

use crate::table::{Change, Dues, Index, Memory, Table, Tables, next_of, place, those};
use queue_core::{
    domain::{JobId, Rank, Stage, Timestamp},
    line::{POSITION_MAX, pause::is_due},
    pool::{Claim, Hold, Store, outages::Outages},
    storage::StorageError,
};
use std::collections::BTreeSet;

/// Claims by their hold.
#[derive(Default)]
struct Holds {
    line: BTreeSet<(Rank, JobId)>,
    /// Claims that have a slot, by the time they are due.
    due: Dues,
    held: u32,
}

impl Index<Claim> for Holds {
    fn note(&mut self, claim: &Claim, is_there: bool) {
        if !claim.hold.has_slot() {
            return place(&mut self.line, claim.key(), is_there);
        }
        if let Some(due) = claim.due {
            place(&mut self.due, (due, claim.job_id().clone()), is_there);
        }
        let held = &mut self.held;
        *held = if is_there { *held + 1 } else { *held - 1 };
    }
}

/// The tables of the pool.
#[derive(Default)]
pub struct PoolTables(Table<JobId, Claim, Holds>, Table<(), Outages>);

impl Tables for PoolTables {
    type Row = Claim;

    fn commit(&mut self) -> Vec<Change<Claim>> {
        self.1.keep();
        self.0.changes()
    }

    fn roll_back(&mut self) {
        self.1.roll_back();
        self.0.roll_back();
    }
}

/// The rows of the pool.
pub type PoolStore = Memory<PoolTables>;

impl PoolStore {
    /// Every claim.
    #[must_use]
    pub fn claims(&self) -> Vec<Claim> {
        self.rows.borrow().0.values().cloned().collect()
    }

    /// How many claims there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.borrow().0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many are parked.
    #[must_use]
    pub fn parked(&self) -> usize {
        self.rows.borrow().0.index.line.len()
    }

    /// The first in the line for which a condition holds; the last, if wanted.
    pub fn in_line(&self, last: bool, wanted: impl Fn(&JobId) -> bool) -> Option<Claim> {
        let rows = self.rows.borrow();
        let claim = |(_, job_id): &(Rank, JobId)| rows.0.get(job_id).cloned();
        let mut line = rows.0.index.line.iter();
        if last {
            line.rfind(|(_, id)| wanted(id)).and_then(claim)
        } else {
            line.find(|(_, id)| wanted(id)).and_then(claim)
        }
    }

    fn has(&self, job_id: &JobId) -> bool {
        self.rows.borrow().0.contains_key(job_id)
    }
}

impl Store for PoolStore {
    fn find(&self, job_id: &JobId) -> Result<Option<Claim>, StorageError> {
        Ok(self.rows.borrow().0.get(job_id).cloned())
    }

    fn insert(&self, claim: &Claim) -> Result<(), StorageError> {
        let job_id = claim.job_id();
        if self.has(job_id) {
            return Err(StorageError("a claim was inserted twice".to_owned()));
        }
        self.write(|rows| rows.0.put(job_id, Some(claim.clone())))
    }

    fn save(&self, claim: &Claim) -> Result<(), StorageError> {
        let job_id = claim.job_id();
        // As an UPDATE of no row, this is no error.
        let claim = self.has(job_id).then(|| claim.clone());
        self.write(|rows| rows.0.put(job_id, claim))
    }

    fn delete(&self, job_id: &JobId) -> Result<(), StorageError> {
        self.write(|rows| rows.0.put(job_id, None))
    }

    fn held(&self) -> Result<u32, StorageError> {
        Ok(self.rows.borrow().0.index.held)
    }

    fn given_to(&self, delivery: &str) -> Result<Vec<Claim>, StorageError> {
        let rows = self.rows.borrow();
        let given = |claim: &&Claim| claim.hold == Hold::Given && claim.is_with(delivery);
        let held = rows
            .0
            .index
            .due
            .iter()
            .filter_map(|(_, job_id)| rows.0.get(job_id));
        let mut given: Vec<Claim> = held.filter(given).cloned().collect();
        given.sort_by(|one, other| one.job_id().cmp(other.job_id()));
        Ok(given)
    }

    fn best_in_line(&self, stages: &[Stage], limit: u32) -> Result<Vec<Claim>, StorageError> {
        let rows = self.rows.borrow();
        let line = rows.0.index.line.iter();
        let line = line.filter_map(|(_, job_id)| rows.0.get(job_id));
        let line = line.filter(|claim| stages.contains(&claim.stage()));
        Ok(line.take(limit as usize).cloned().collect())
    }

    fn outages(&self) -> Result<Outages, StorageError> {
        let rows = self.rows.borrow();
        Ok(rows.1.get(&()).cloned().unwrap_or_default())
    }

    fn save_outages(&self, outages: &Outages) -> Result<(), StorageError> {
        self.write(|rows| rows.1.put(&(), Some(outages.clone())))
    }

    fn line_before(
        &self,
        stages: &[Stage],
        place: &(Rank, JobId),
        limit: u32,
    ) -> Result<Vec<Claim>, StorageError> {
        let rows = self.rows.borrow();
        let before = rows.0.index.line.range(..place.clone());
        let line = before.filter_map(|(_, job_id)| rows.0.get(job_id));
        let line = line.filter(|claim| stages.contains(&claim.stage()));
        Ok(line.take(limit as usize).cloned().collect())
    }

    fn running(&self, limit: u32) -> Result<Vec<Claim>, StorageError> {
        let rows = self.rows.borrow();
        let held = rows.0.index.due.iter();
        let mut held: Vec<&JobId> = held.map(|(_, job_id)| job_id).collect();
        held.sort();
        let claims = held.into_iter().filter_map(|job_id| rows.0.get(job_id));
        Ok(claims.take(limit as usize).cloned().collect())
    }

    fn ahead_of(&self, place: &(Rank, JobId)) -> Result<u32, StorageError> {
        let rows = self.rows.borrow();
        let place = place.clone();
        let before = rows.0.index.line.range(..place).take(POSITION_MAX as usize);
        Ok(u32::try_from(before.count()).unwrap_or(u32::MAX))
    }

    fn waiting(&self, most: u32) -> Result<u32, StorageError> {
        let waiting = self.rows.borrow().0.index.line.len();
        Ok(u32::try_from(waiting).unwrap_or(u32::MAX).min(most))
    }

    fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Claim>, StorageError> {
        let rows = self.rows.borrow();
        let due = those(&rows.0.index.due, |due| is_due(due, now));
        let claims = due.filter_map(|(_, job_id)| rows.0.get(job_id).cloned());
        Ok(claims.take(limit as usize).collect())
    }

    fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StorageError> {
        let rows = self.rows.borrow();
        let dues = rows.0.index.due.iter();
        Ok(dues.map(|(due, _)| next_of(*due, now)).min())
    }
}
