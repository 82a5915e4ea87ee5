//! The pool's rows in memory, for speed, as [`memory_store`](crate::memory_store) has those of a gate.

use queue_core::{
    domain::{JobId, Rank, Timestamp},
    line::POSITION_MAX,
    pool::{Claim, Hold, Store},
    storage::StorageError,
};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
};

#[derive(Default)]
struct Rows {
    claims: BTreeMap<JobId, Claim>,
    line: BTreeSet<(Rank, JobId)>,
    /// Claims that have a slot, by the time they are due.
    due: BTreeSet<(Timestamp, JobId)>,
    held: u32,
    journal: Vec<(JobId, Option<Claim>)>,
}

/// The rows of the pool.
#[derive(Default)]
pub struct PoolStore {
    rows: RefCell<Rows>,
    /// The write from now on that fails, if one shall.
    fails_in: Cell<Option<u32>>,
}

/// What one turn made of one claim.
#[derive(Clone, Debug)]
pub struct PoolChange {
    /// The job.
    pub job_id: JobId,
    /// Its row before the turn.
    pub before: Option<Claim>,
    /// Its row after it.
    pub after: Option<Claim>,
}

impl Rows {
    fn put(&mut self, job_id: &JobId, claim: Option<Claim>) -> Option<Claim> {
        let old = self.claims.remove(job_id);
        if let Some(old) = &old {
            if !old.hold.has_slot() {
                self.line.remove(&(old.want.rank, job_id.clone()));
            } else if let Some(due) = old.due {
                self.due.remove(&(due, job_id.clone()));
            }
            self.held -= u32::from(old.hold.has_slot());
        }
        if let Some(claim) = claim {
            if !claim.hold.has_slot() {
                self.line.insert((claim.want.rank, job_id.clone()));
            } else if let Some(due) = claim.due {
                self.due.insert((due, job_id.clone()));
            }
            self.held += u32::from(claim.hold.has_slot());
            self.claims.insert(job_id.clone(), claim);
        }
        old
    }
}

impl PoolStore {
    /// Lets `writes` more writes pass and the next one fail; `None` lets all pass.
    pub fn fail_after(&self, writes: Option<u32>) {
        self.fails_in.set(writes);
    }

    /// Keeps what the turn wrote and says what changed.
    pub fn commit(&self) -> Vec<PoolChange> {
        let mut rows = self.rows.borrow_mut();
        let journal = std::mem::take(&mut rows.journal);
        let mut seen: BTreeSet<JobId> = BTreeSet::new();
        let mut changes = Vec::with_capacity(journal.len());
        for (job_id, before) in journal {
            // The first entry of a job holds its row as it was before the turn.
            if seen.insert(job_id.clone()) {
                let after = rows.claims.get(&job_id).cloned();
                changes.push(PoolChange {
                    job_id,
                    before,
                    after,
                });
            }
        }
        changes
    }

    /// Undoes what the turn wrote.
    pub fn roll_back(&self) {
        let mut rows = self.rows.borrow_mut();
        while let Some((job_id, before)) = rows.journal.pop() {
            rows.put(&job_id, before);
        }
    }

    /// Every claim.
    #[must_use]
    pub fn claims(&self) -> Vec<Claim> {
        self.rows.borrow().claims.values().cloned().collect()
    }

    /// How many claims there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.borrow().claims.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many are parked.
    #[must_use]
    pub fn parked(&self) -> usize {
        self.rows.borrow().line.len()
    }

    /// The first in the line for which a condition holds; the last, if wanted.
    pub fn in_line(&self, last: bool, wanted: impl Fn(&JobId) -> bool) -> Option<Claim> {
        let rows = self.rows.borrow();
        let claim = |(_, job_id): &(Rank, JobId)| rows.claims.get(job_id).cloned();
        let mut line = rows.line.iter();
        if last {
            line.rfind(|(_, id)| wanted(id)).and_then(claim)
        } else {
            line.find(|(_, id)| wanted(id)).and_then(claim)
        }
    }

    fn write(&self, job_id: &JobId, claim: Option<Claim>) -> Result<(), StorageError> {
        match self.fails_in.get() {
            Some(0) => return Err(StorageError("planted failure".to_owned())),
            left => self.fails_in.set(left.map(|left| left - 1)),
        }
        let mut rows = self.rows.borrow_mut();
        let before = rows.put(job_id, claim);
        rows.journal.push((job_id.clone(), before));
        Ok(())
    }

    fn has(&self, job_id: &JobId) -> bool {
        self.rows.borrow().claims.contains_key(job_id)
    }
}

impl Store for PoolStore {
    fn find(&self, job_id: &JobId) -> Result<Option<Claim>, StorageError> {
        Ok(self.rows.borrow().claims.get(job_id).cloned())
    }

    fn insert(&self, claim: &Claim) -> Result<(), StorageError> {
        let job_id = claim.job_id();
        if self.has(job_id) {
            return Err(StorageError("a claim was inserted twice".to_owned()));
        }
        self.write(job_id, Some(claim.clone()))
    }

    fn save(&self, claim: &Claim) -> Result<(), StorageError> {
        let job_id = claim.job_id();
        // As an UPDATE of no row, this is no error.
        let claim = self.has(job_id).then(|| claim.clone());
        self.write(job_id, claim)
    }

    fn delete(&self, job_id: &JobId) -> Result<(), StorageError> {
        self.write(job_id, None)
    }

    fn held(&self) -> Result<u32, StorageError> {
        Ok(self.rows.borrow().held)
    }

    fn given_to(&self, delivery: &str) -> Result<Vec<Claim>, StorageError> {
        let rows = self.rows.borrow();
        let given = |claim: &&Claim| claim.hold == Hold::Given && claim.is_with(delivery);
        let held = rows
            .due
            .iter()
            .filter_map(|(_, job_id)| rows.claims.get(job_id));
        let mut given: Vec<Claim> = held.filter(given).cloned().collect();
        given.sort_by(|one, other| one.job_id().cmp(other.job_id()));
        Ok(given)
    }

    fn best_in_line(&self) -> Result<Option<Claim>, StorageError> {
        Ok(self.in_line(false, |_| true))
    }

    fn ahead_of(&self, claim: &Claim) -> Result<u32, StorageError> {
        let rows = self.rows.borrow();
        let place = claim.key();
        let before = rows.line.range(..place).take(POSITION_MAX as usize);
        Ok(u32::try_from(before.count()).unwrap_or(u32::MAX))
    }

    fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Claim>, StorageError> {
        let rows = self.rows.borrow();
        let due = rows.due.iter().take_while(|(due, _)| *due <= now);
        let claims = due.filter_map(|(_, job_id)| rows.claims.get(job_id).cloned());
        Ok(claims.take(limit as usize).collect())
    }

    fn next_due(&self) -> Result<Option<Timestamp>, StorageError> {
        Ok(self.rows.borrow().due.first().map(|(due, _)| *due))
    }
}
