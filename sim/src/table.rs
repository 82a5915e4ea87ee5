//! Tables in memory, for speed, with a journal in place of the transaction: a turn that fails is undone from it,
//! and the oracle reads in it what a turn changed.

use queue_core::{
    domain::{JobId, Timestamp},
    line::pause::FAR,
    storage::StorageError,
};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
};

/// What one turn made of one row.
#[derive(Clone, Debug)]
pub struct Change<R> {
    /// The job that it is about.
    pub job_id: JobId,
    /// Before the turn.
    pub before: Option<R>,
    /// After it.
    pub after: Option<R>,
}

/// Finds rows by other things than their keys.
pub trait Index<R> {
    /// A row is there from now on, or no more.
    fn note(&mut self, row: &R, is_there: bool);
}

impl<R> Index<R> for () {
    fn note(&mut self, _row: &R, _is_there: bool) {}
}

/// Puts a key into a set, or takes it out.
pub(crate) fn place<K: Ord>(set: &mut BTreeSet<K>, key: K, is_there: bool) {
    if is_there {
        set.insert(key);
    } else {
        set.remove(&key);
    }
}

/// One table.
pub(crate) struct Table<K, R, I = ()> {
    rows: BTreeMap<K, R>,
    journal: Vec<(K, Option<R>)>,
    pub(crate) index: I,
}

impl<K, R, I: Default> Default for Table<K, R, I> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            journal: Vec::new(),
            index: I::default(),
        }
    }
}

impl<K, R, I> Deref for Table<K, R, I> {
    type Target = BTreeMap<K, R>;

    fn deref(&self) -> &BTreeMap<K, R> {
        &self.rows
    }
}

impl<K: Clone + Ord, R, I: Index<R>> Table<K, R, I> {
    /// Writes a row, or takes it out.
    pub(crate) fn put(&mut self, key: &K, row: Option<R>) {
        let before = self.set(key.clone(), row);
        self.journal.push((key.clone(), before));
    }

    fn set(&mut self, key: K, row: Option<R>) -> Option<R> {
        let before = self.rows.remove(&key);
        if let Some(before) = &before {
            self.index.note(before, false);
        }
        if let Some(row) = row {
            self.index.note(&row, true);
            self.rows.insert(key, row);
        }
        before
    }

    /// Undoes what was written since it was kept last.
    pub(crate) fn roll_back(&mut self) {
        while let Some((key, before)) = self.journal.pop() {
            self.set(key, before);
        }
    }

    /// Keeps what was written.
    pub(crate) fn keep(&mut self) {
        self.journal.clear();
    }
}

impl<R: Clone, I> Table<JobId, R, I> {
    /// Keeps what was written, and says what changed, in the order of the first writes.
    pub(crate) fn changes(&mut self) -> Vec<Change<R>> {
        let mut seen = BTreeSet::new();
        let mut changes = Vec::with_capacity(self.journal.len());
        for (job_id, before) in self.journal.drain(..) {
            // The first entry of a job holds its row as it was before the turn.
            if seen.insert(job_id.clone()) {
                let after = self.rows.get(&job_id).cloned();
                changes.push(Change {
                    job_id,
                    before,
                    after,
                });
            }
        }
        changes
    }
}

/// All tables of an object.
pub trait Tables {
    /// The rows that the oracle judges.
    type Row;
    /// Keeps what a turn wrote and says what changed.
    fn commit(&mut self) -> Vec<Change<Self::Row>>;
    /// Undoes what a turn wrote.
    fn roll_back(&mut self);
}

/// The tables, as a store whose writes may fail.
#[derive(Default)]
pub struct Memory<T> {
    pub(crate) rows: RefCell<T>,
    /// The write from now on that fails, if one shall.
    fails_in: Cell<Option<u32>>,
}

impl<T: Tables> Memory<T> {
    /// Lets `writes` more writes pass and the next one fail; `None` lets all pass.
    pub fn fail_after(&self, writes: Option<u32>) {
        self.fails_in.set(writes);
    }

    /// Keeps what the turn wrote and says what changed.
    pub fn commit(&self) -> Vec<Change<T::Row>> {
        self.rows.borrow_mut().commit()
    }

    /// Undoes what the turn wrote.
    pub fn roll_back(&self) {
        self.rows.borrow_mut().roll_back();
    }

    /// One write.
    pub(crate) fn write<A>(&self, change: impl FnOnce(&mut T) -> A) -> Result<A, StorageError> {
        match self.fails_in.get() {
            Some(0) => return Err(StorageError("planted failure".to_owned())),
            left => self.fails_in.set(left.map(|left| left - 1)),
        }
        Ok(change(&mut self.rows.borrow_mut()))
    }
}

/// Jobs by when each is due.
pub(crate) type Dues = BTreeSet<(Timestamp, JobId)>;

/// Those that are due at such a time.
pub(crate) fn those(
    dues: &Dues,
    is_such: impl Fn(Timestamp) -> bool,
) -> impl Iterator<Item = (Timestamp, &JobId)> {
    let dues = dues.iter().map(|(due, job_id)| (*due, job_id));
    dues.filter(move |(due, _)| is_such(*due))
}

/// Whether a row that is due then is due now: that has come, or a clock wrote it that was set back since.
pub(crate) fn is_due(due: Timestamp, now: Timestamp) -> bool {
    due <= now || due > now.after(FAR)
}

/// When to look at a row that is due then.
pub(crate) fn next_of(due: Timestamp, now: Timestamp) -> Timestamp {
    if due > now.after(FAR) { now } else { due }
}
