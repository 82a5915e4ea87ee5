//! The gate's rows in memory, for speed: trees in place of the tables, and a journal in place of the
//! transaction. A turn that fails is undone from the journal; the oracle reads in it what a turn changed.

use queue_core::{
    domain::{JobId, Rank, SeriesId, Timestamp},
    gate::{Job, State, Store, account::Account, store::UsedKey},
    line::want::Holding,
    storage::StorageError,
};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
};

/// As in `gate/sql.rs`: rows of a phase that a wake-up looks at.
const WINDOW: usize = 1_000;

#[derive(Clone, Debug)]
struct Row {
    job: Job,
    payload: String,
}

enum Undo {
    Account(Option<Account>),
    Row(JobId, Option<Row>),
    Key(String, Option<UsedKey>),
    Gone((JobId, u32), Option<Timestamp>),
}

#[derive(Default)]
struct Rows {
    account: Option<Account>,
    jobs: BTreeMap<JobId, Row>,
    line: BTreeSet<(Rank, JobId)>,
    /// Jobs that hold a lease.
    held: BTreeSet<(Timestamp, JobId)>,
    /// Jobs that wait for a time.
    timed: Phase,
    ended: Phase,
    counts: [u32; State::ALL.len()],
    keys: BTreeMap<String, UsedKey>,
    /// What the pool must hear is gone, and by when.
    gone: BTreeMap<(JobId, u32), Timestamp>,
    journal: Vec<Undo>,
}

/// Jobs of one phase, oldest first, and when each is due.
type Phase = BTreeMap<JobId, Option<Timestamp>>;

/// The rows of one gate.
#[derive(Default)]
pub struct MemoryStore {
    rows: RefCell<Rows>,
    /// The write from now on that fails, if one shall.
    fails_in: Cell<Option<u32>>,
}

/// What one turn made of one job.
#[derive(Clone, Debug)]
pub struct Change {
    /// The job.
    pub job_id: JobId,
    /// Its row before the turn.
    pub before: Option<Job>,
    /// Its row after it.
    pub after: Option<Job>,
}

impl Rows {
    fn put(&mut self, job_id: &JobId, row: Option<Row>) -> Option<Row> {
        let old = self.jobs.remove(job_id);
        if let Some(old) = &old {
            self.unindex(&old.job);
        }
        if let Some(row) = row {
            self.index(&row.job);
            self.jobs.insert(job_id.clone(), row);
        }
        old
    }

    fn index(&mut self, job: &Job) {
        self.counts[job.state as usize] += 1;
        if job.state == State::Parked {
            self.line.insert((job.rank, job.job_id.clone()));
        } else if job.state.is_final() {
            self.ended.insert(job.job_id.clone(), job.due);
        } else if !job.state.holds_lease() {
            self.timed.insert(job.job_id.clone(), job.due);
        } else if let Some(due) = job.due {
            self.held.insert((due, job.job_id.clone()));
        }
    }

    fn unindex(&mut self, job: &Job) {
        self.counts[job.state as usize] -= 1;
        if job.state == State::Parked {
            self.line.remove(&(job.rank, job.job_id.clone()));
        } else if job.state.is_final() {
            self.ended.remove(&job.job_id);
        } else if !job.state.holds_lease() {
            self.timed.remove(&job.job_id);
        } else if let Some(due) = job.due {
            self.held.remove(&(due, job.job_id.clone()));
        }
    }

    fn jobs<'a>(
        &self,
        ids: impl IntoIterator<Item = (Timestamp, &'a JobId)>,
        limit: u32,
    ) -> Vec<Job> {
        let row = |(_, job_id): (_, &JobId)| self.jobs.get(job_id).map(|row| row.job.clone());
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        ids.into_iter().take(limit).filter_map(row).collect()
    }
}

fn window(phase: &Phase) -> impl Iterator<Item = (Timestamp, &JobId)> {
    let window = phase.iter().take(WINDOW);
    window.filter_map(|(job_id, due)| due.map(|due| (due, job_id)))
}

impl MemoryStore {
    /// Lets `writes` more writes pass and the next one fail; `None` lets all pass.
    pub fn fail_after(&self, writes: Option<u32>) {
        self.fails_in.set(writes);
    }

    /// Keeps what the turn wrote and says what changed.
    pub fn commit(&self) -> Vec<Change> {
        let mut rows = self.rows.borrow_mut();
        let journal = std::mem::take(&mut rows.journal);
        let mut changes: Vec<Change> = Vec::new();
        for undo in journal {
            let Undo::Row(job_id, before) = undo else {
                continue;
            };
            // The first entry of a job holds its row as it was before the turn.
            if changes.iter().all(|change| change.job_id != job_id) {
                let after = rows.jobs.get(&job_id).map(|row| row.job.clone());
                let before = before.map(|row| row.job);
                changes.push(Change {
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
        while let Some(undo) = rows.journal.pop() {
            match undo {
                Undo::Account(before) => rows.account = before,
                Undo::Row(job_id, before) => drop(rows.put(&job_id, before)),
                Undo::Key(key, Some(before)) => drop(rows.keys.insert(key, before)),
                Undo::Key(key, None) => drop(rows.keys.remove(&key)),
                Undo::Gone(gone, Some(before)) => drop(rows.gone.insert(gone, before)),
                Undo::Gone(gone, None) => drop(rows.gone.remove(&gone)),
            }
        }
    }

    /// How many jobs there are rows of.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.borrow().jobs.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn write(&self) -> Result<(), StorageError> {
        match self.fails_in.get() {
            Some(0) => Err(StorageError("planted failure".to_owned())),
            left => {
                self.fails_in.set(left.map(|left| left - 1));
                Ok(())
            }
        }
    }

    fn put(&self, job_id: &JobId, row: Option<Row>) {
        let mut rows = self.rows.borrow_mut();
        let before = rows.put(job_id, row);
        rows.journal.push(Undo::Row(job_id.clone(), before));
    }
}

impl Store for MemoryStore {
    fn account(&self) -> Result<Option<Account>, StorageError> {
        Ok(self.rows.borrow().account.clone())
    }

    fn save_account(&self, account: &Account) -> Result<(), StorageError> {
        self.write()?;
        let mut rows = self.rows.borrow_mut();
        let before = rows.account.replace(account.clone());
        rows.journal.push(Undo::Account(before));
        Ok(())
    }

    fn forget_account(&self) -> Result<(), StorageError> {
        self.write()?;
        let mut rows = self.rows.borrow_mut();
        let before = rows.account.take();
        rows.journal.push(Undo::Account(before));
        Ok(())
    }

    fn find(&self, job_id: &JobId) -> Result<Option<Job>, StorageError> {
        let rows = self.rows.borrow();
        Ok(rows.jobs.get(job_id).map(|row| row.job.clone()))
    }

    fn payload(&self, job_id: &JobId) -> Result<Option<String>, StorageError> {
        let rows = self.rows.borrow();
        Ok(rows.jobs.get(job_id).map(|row| row.payload.clone()))
    }

    fn insert(&self, job: &Job, payload: &str) -> Result<(), StorageError> {
        self.write()?;
        if self.rows.borrow().jobs.contains_key(&job.job_id) {
            return Err(StorageError("a job was inserted twice".to_owned()));
        }
        let (job, payload) = (job.clone(), payload.to_owned());
        let job_id = job.job_id.clone();
        self.put(&job_id, Some(Row { job, payload }));
        Ok(())
    }

    fn save(&self, job: &Job) -> Result<(), StorageError> {
        self.write()?;
        let payload = self
            .rows
            .borrow()
            .jobs
            .get(&job.job_id)
            .map(|row| row.payload.clone());
        // As an UPDATE of no row, this is no error.
        if let Some(payload) = payload {
            let job = job.clone();
            let job_id = job.job_id.clone();
            self.put(&job_id, Some(Row { job, payload }));
        }
        Ok(())
    }

    fn delete(&self, job: &Job) -> Result<(), StorageError> {
        self.write()?;
        self.put(&job.job_id, None);
        if let Some(key) = &job.idempotency_key {
            self.write()?;
            let mut rows = self.rows.borrow_mut();
            let before = rows.keys.remove(key);
            rows.journal.push(Undo::Key(key.clone(), before));
        }
        Ok(())
    }

    fn key(&self, key: &str) -> Result<Option<UsedKey>, StorageError> {
        Ok(self.rows.borrow().keys.get(key).cloned())
    }

    fn save_key(&self, key: &str, used: &UsedKey) -> Result<(), StorageError> {
        self.write()?;
        let mut rows = self.rows.borrow_mut();
        let before = rows.keys.insert(key.to_owned(), used.clone());
        rows.journal.push(Undo::Key(key.to_owned(), before));
        Ok(())
    }

    fn held(&self) -> Result<u32, StorageError> {
        let rows = self.rows.borrow();
        let held = State::ALL.into_iter().filter(|state| state.holds_lease());
        Ok(held.map(|state| rows.counts[state as usize]).sum())
    }

    fn count(&self, state: State) -> Result<u32, StorageError> {
        Ok(self.rows.borrow().counts[state as usize])
    }

    fn waits(&self, most: u32) -> Result<u32, StorageError> {
        let states = [State::Queued, State::Parked, State::Retrying];
        let rows = self.rows.borrow();
        let waits = states.map(|state| rows.counts[state as usize]);
        Ok(waits.into_iter().sum::<u32>().min(most))
    }

    fn best_parked(&self) -> Result<Option<Job>, StorageError> {
        let rows = self.rows.borrow();
        let best = rows.line.first();
        Ok(best.and_then(|(_, job_id)| rows.jobs.get(job_id).map(|row| row.job.clone())))
    }

    fn parked_before(&self, job: &Job) -> Result<u32, StorageError> {
        let rows = self.rows.borrow();
        let before = rows.line.range(..(job.rank, job.job_id.clone())).count();
        Ok(u32::try_from(before).unwrap_or(u32::MAX))
    }

    fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError> {
        let rows = self.rows.borrow();
        let held = rows.held.iter().map(|(due, job_id)| (*due, job_id));
        let held = held.take_while(|(due, _)| *due <= now);
        let timed = window(&rows.timed).filter(|(due, _)| *due <= now);
        let mut due: Vec<_> = held.chain(timed).collect();
        due.sort();
        Ok(rows.jobs(due, limit))
    }

    fn forgettable(&self, now: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError> {
        let rows = self.rows.borrow();
        let ended = window(&rows.ended).filter(|(due, _)| *due <= now);
        Ok(rows.jobs(ended, limit))
    }

    fn save_gone(&self, gone: &Holding, due: Timestamp) -> Result<(), StorageError> {
        self.write()?;
        let mut rows = self.rows.borrow_mut();
        let key = (gone.job_id.clone(), gone.epoch);
        let before = rows.gone.insert(key.clone(), due);
        rows.journal.push(Undo::Gone(key, before));
        Ok(())
    }

    fn gone(&self, now: Timestamp, limit: u32) -> Result<Vec<Holding>, StorageError> {
        let rows = self.rows.borrow();
        let due = rows.gone.iter().filter(|(_, due)| **due <= now);
        let mut due: Vec<_> = due
            .map(|((job_id, epoch), due)| (*due, job_id, *epoch))
            .collect();
        due.sort();
        let gone = due.into_iter().map(|(_, job_id, epoch)| Holding {
            job_id: job_id.clone(),
            epoch,
        });
        Ok(gone.take(limit as usize).collect())
    }

    fn forget_gone(&self, gone: &Holding) -> Result<(), StorageError> {
        self.write()?;
        let mut rows = self.rows.borrow_mut();
        let key = (gone.job_id.clone(), gone.epoch);
        let before = rows.gone.remove(&key);
        rows.journal.push(Undo::Gone(key, before));
        Ok(())
    }

    fn next_due(&self) -> Result<Option<Timestamp>, StorageError> {
        let rows = self.rows.borrow();
        let held = rows.held.first().map(|(due, _)| *due);
        let others = window(&rows.timed).chain(window(&rows.ended));
        let gone = rows.gone.values().copied();
        let others = others.map(|(due, _)| due).chain(gone);
        Ok(held.into_iter().chain(others).min())
    }

    fn page(
        &self,
        state: Option<State>,
        series_id: Option<&SeriesId>,
        before: Option<&JobId>,
        limit: u32,
    ) -> Result<Vec<Job>, StorageError> {
        let rows = self.rows.borrow();
        let jobs = rows.jobs.values().rev().map(|row| &row.job);
        let wanted = jobs.filter(|job| {
            before.is_none_or(|before| job.job_id < *before)
                && state.is_none_or(|state| job.state == state)
                && series_id.is_none_or(|series| job.series_id == *series)
        });
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Ok(wanted.take(limit).cloned().collect())
    }
}
