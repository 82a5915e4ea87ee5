//! `SQLite` itself beside the rows in memory: the product's statements must give the same answers and the
//! same rows.

use crate::{
    list_store::ListStore, memory_store::MemoryStore, pool_store::PoolStore, table::Change,
};
use queue_core::{
    config::{GateConfig, PoolConfig},
    domain::{JobId, Stage, Timestamp, UserId},
    failures::{self, Filter, Store as _, word::Listed},
    gate::{Command, Job, Memory, SqlStore, Store, Turn, apply},
    pool::{self, Claim, Desk, Store as _},
    storage::{Database, StorageError},
};
use std::{fmt::Debug, time::Duration};
use testkit::Sqlite;

/// Later than anything is due.
const LATE: Timestamp = Timestamp::from_millis(i64::MAX);

/// Takes a turn that was taken in memory, and says how the answer or the rows differ. A turn that failed there is
/// rolled back here, too.
fn compare<T: Debug + PartialEq, R: Debug + PartialEq>(
    database: &Sqlite,
    turn: impl FnOnce() -> Result<T, StorageError>,
    expected: Option<(&T, &[Change<R>])>,
    find: impl Fn(&JobId) -> Result<Option<R>, StorageError>,
) -> Option<String> {
    let rolled_back = || StorageError("rolled back".to_owned());
    let turn = database.atomically(|| {
        let turn = turn()?;
        expected.map(|_| turn).ok_or_else(rolled_back)
    });
    match (turn, expected) {
        (Err(_), None) => None,
        (Ok(turn), Some((wanted, changes))) if turn == *wanted => changes
            .iter()
            .find(|change| find(&change.job_id).as_ref() != Ok(&change.after))
            .map(|change| format!("another row in SQLite than {change:?}")),
        (turn, wanted) => Some(format!("in SQLite {turn:?}, in memory {wanted:?}")),
    }
}

/// The same gate once more, on `SQLite`.
pub struct Twin(Sqlite);

impl Twin {
    /// An empty gate.
    ///
    /// # Errors
    /// When `SQLite` fails.
    pub fn new() -> Result<Self, StorageError> {
        let database = Sqlite::in_memory()?;
        SqlStore::new(&database).migrate()?;
        Ok(Self(database))
    }

    /// Takes the turn that the rows in memory took, and says how they differ afterwards. It reads all rows anew.
    #[must_use]
    pub fn disagrees(
        &self,
        (config, now, user, memory): (&GateConfig, Timestamp, &UserId, &Memory),
        command: Command,
        expected: Option<(&Turn, &[Change<Job>])>,
    ) -> Option<String> {
        let store = SqlStore::new(&self.0);
        let mut memory = memory.clone();
        memory.forget_rows();
        let turn = || apply(&store, &mut memory, config, now, user, command);
        compare(&self.0, turn, expected, |job_id| store.find(job_id))
    }

    /// Compares all rows, and what is found by them.
    #[must_use]
    pub fn differs(&self, memory: &MemoryStore) -> Option<String> {
        let store = SqlStore::new(&self.0);
        let same = store.page(None, None, None, u32::MAX)
            == memory.page(None, None, None, u32::MAX)
            && store.next_due(LATE) == memory.next_due(LATE)
            && store.due(LATE, u32::MAX) == memory.due(LATE, u32::MAX)
            && store.late(LATE, u32::MAX) == memory.late(LATE, u32::MAX)
            && store.ended(LATE, u32::MAX) == memory.ended(LATE, u32::MAX)
            && store.sweeps(u32::MAX) == memory.sweeps(u32::MAX)
            && store.counts() == memory.counts()
            && store.opening() == memory.opening()
            && store.best_parked() == memory.best_parked()
            && store.gone(LATE, u32::MAX) == memory.gone(LATE, u32::MAX)
            && store.words(LATE, u32::MAX) == memory.words(LATE, u32::MAX)
            && store.account() == memory.account();
        (!same).then(|| "the rows in SQLite and in memory differ".to_owned())
    }
}

/// The same pool once more, on `SQLite`.
pub struct PoolTwin(Sqlite);

/// The pool's rules, its time, and who was there before the turn.
pub type Scene<'a> = (&'a PoolConfig, Timestamp, &'a Desk);

impl PoolTwin {
    /// An empty pool.
    ///
    /// # Errors
    /// When `SQLite` fails.
    pub fn new() -> Result<Self, StorageError> {
        let database = Sqlite::in_memory()?;
        pool::SqlStore::new(&database).migrate()?;
        Ok(Self(database))
    }

    /// As [`Twin::disagrees`].
    #[must_use]
    pub fn disagrees(
        &self,
        (config, now, desk): Scene<'_>,
        command: pool::Command,
        expected: Option<(&pool::Turn, &[Change<Claim>])>,
    ) -> Option<String> {
        let store = pool::SqlStore::new(&self.0);
        let turn = || pool::apply(&store, &mut desk.clone(), config, now, command);
        compare(&self.0, turn, expected, |job_id| store.find(job_id))
    }

    /// Compares all rows, and what is found by them.
    #[must_use]
    pub fn differs(&self, memory: &PoolStore) -> Option<String> {
        let store = pool::SqlStore::new(&self.0);
        let claims = memory.claims();
        let same = claims
            .iter()
            .all(|claim| store.find(claim.job_id()).as_ref() == Ok(&Some(claim.clone())))
            && store.next_due(LATE) == memory.next_due(LATE)
            && store.due(LATE, u32::MAX) == memory.due(LATE, u32::MAX)
            && store.held() == memory.held()
            && store.opening(&Stage::ALL) == memory.opening(&Stage::ALL)
            && store.best_in_line(&Stage::ALL[1..], 3) == memory.best_in_line(&Stage::ALL[1..], 3)
            && store.outages() == memory.outages();
        (!same).then(|| "the pool's rows in SQLite and in memory differ".to_owned())
    }
}

/// The same list of failures once more, on `SQLite`.
pub struct ListTwin(Sqlite);

impl ListTwin {
    /// An empty list.
    ///
    /// # Errors
    /// When `SQLite` fails.
    pub fn new() -> Result<Self, StorageError> {
        let database = Sqlite::in_memory()?;
        failures::SqlStore::new(&database).migrate()?;
        Ok(Self(database))
    }

    /// As [`Twin::disagrees`].
    #[must_use]
    pub fn disagrees(
        &self,
        rules: (Duration, Timestamp),
        command: failures::Command,
        expected: Option<(&failures::Turn, &[Change<Listed>])>,
    ) -> Option<String> {
        let store = failures::SqlStore::new(&self.0);
        let turn = || failures::apply(&store, rules, command);
        compare(&self.0, turn, expected, |job_id| store.find(job_id))
    }

    /// Compares all rows, and what is found by them.
    #[must_use]
    pub fn differs(&self, memory: &ListStore) -> Option<String> {
        let store = failures::SqlStore::new(&self.0);
        let all = Filter::default();
        let same = store.page(&all, (0, u32::MAX), u32::MAX)
            == memory.page(&all, (0, u32::MAX), u32::MAX)
            && store.runs() == memory.runs()
            && store.last() == memory.last()
            && store.first_gone() == memory.first_gone();
        (!same).then(|| "the list's rows in SQLite and in memory differ".to_owned())
    }
}
