//! The rows of a line in a SQL database: one table `jobs`, in a gate's object as in a pool's.
//!
//! The table is clustered by **phase**, so that the few rows that a decision needs lie together however
//! many wait or have ended, and no index has to be kept for them. Measured on workerd: moving a row
//! between phases writes one row, as any update does; a secondary index would add one a change.

use super::POSITION_MAX;
use crate::{
    domain::{JobId, Rank, Timestamp},
    storage::{Database, StorageError, Value},
};
use serde::{Deserialize, Serialize};
use std::marker::PhantomData;

/// Rows that hold: at most the limit of the line.
pub(crate) const HELD: i64 = 0;
/// Rows that neither hold nor wait in the line, until a time.
pub(crate) const TIMED: i64 = 1;
/// The waiting line. The index `line` names this number.
pub(crate) const WAITING: i64 = 2;
/// Rows of jobs that have ended.
pub(crate) const ENDED: i64 = 3;

/// The index of the waiting line; each table has it.
pub(crate) const LINE_INDEX: &str = "CREATE INDEX line ON jobs (rank, job_id) WHERE phase = 2";

/// The tables of an object that keeps a line.
pub trait Tables {
    /// Bump with each change of the tables; a migration from every earlier one goes into [`LineTable::migrate`].
    const SCHEMA: i64;
    /// The table that says which form they have.
    const META: &'static str;
    /// What makes them from nothing.
    const CREATE: &'static [&'static str];
}

/// The rows of a line in a database, among the tables `T`.
pub struct LineTable<'a, D, T> {
    database: &'a D,
    tables: PhantomData<T>,
}

impl<'a, D: Database, T: Tables> LineTable<'a, D, T> {
    /// The rows in that database; [`LineTable::migrate`] must have been called before a change.
    pub const fn new(database: &'a D) -> Self {
        Self {
            database,
            tables: PhantomData,
        }
    }

    /// Whether the tables exist.
    ///
    /// # Errors
    /// When the database fails.
    pub fn exists(&self) -> Result<bool, StorageError> {
        let sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?";
        let name = Value::Text(T::META.to_owned());
        Ok(!self.row(sql, &[name])?.is_empty())
    }

    /// Brings the tables to this build's form, from nothing or from any earlier one; all or none.
    ///
    /// # Errors
    /// When the database fails, or an earlier form was never released.
    pub fn migrate(&self) -> Result<(), StorageError> {
        let (meta, schema) = (T::META, T::SCHEMA);
        if !self.exists()? {
            let create = T::CREATE.join(";\n");
            let script = format!("{create};\nINSERT INTO {meta} (id, schema) VALUES (1, {schema})");
            return self.database.atomically(|| self.database.script(&script));
        }
        let sql = format!("SELECT schema FROM {meta}");
        let found = integer(self.row(&sql, &[])?.first())?;
        // A later build only adds, so an earlier one may go on after a rollback, unless there are rows of a kind of
        // job that it does not know.
        if found < schema {
            return Err(StorageError(format!(
                "schema {found} was never released: delete the local state"
            )));
        }
        Ok(())
    }

    /// The records that a statement finds.
    ///
    /// # Errors
    /// When the database fails, or a record cannot be read.
    pub fn records<R: for<'de> Deserialize<'de>>(
        &self,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Vec<R>, StorageError> {
        let rows = self.database.query(sql, parameters)?;
        rows.iter().map(|row| record(text(row, 0)?)).collect()
    }

    /// The first row that a statement finds; empty if it finds none.
    pub(crate) fn row(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Value>, StorageError> {
        let rows = self.database.query(sql, parameters)?;
        Ok(rows.into_iter().next().unwrap_or_default())
    }

    /// The count that a statement finds.
    pub(crate) fn number(&self, sql: &str, parameters: &[Value]) -> Result<u32, StorageError> {
        count(self.row(sql, parameters)?.first())
    }

    /// The moment that a statement finds, if any.
    pub(crate) fn moment(
        &self,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Option<Timestamp>, StorageError> {
        Ok(moment_in(self.row(sql, parameters)?.first()))
    }

    /// The rows that a statement finds.
    pub(crate) fn rows(
        &self,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Vec<Vec<Value>>, StorageError> {
        self.database.query(sql, parameters)
    }

    /// Runs a statement that finds nothing.
    pub(crate) fn run_sql(&self, sql: &str, parameters: &[Value]) -> Result<(), StorageError> {
        self.database.query(sql, parameters).map(drop)
    }

    /// How many hold.
    pub(crate) fn count_held(&self) -> Result<u32, StorageError> {
        let sql = "SELECT count(*) FROM jobs WHERE phase = ?";
        self.number(sql, &[Value::Integer(HELD)])
    }

    /// How many wait. Counted in the index, which is a hundred times smaller than the rows.
    pub(crate) fn count_waiting(&self) -> Result<u32, StorageError> {
        let sql = "SELECT count(*) FROM jobs INDEXED BY line WHERE phase = 2";
        self.number(sql, &[])
    }

    /// The waiting row with the smallest (rank, id).
    pub(crate) fn best_waiting<R: for<'de> Deserialize<'de>>(
        &self,
    ) -> Result<Option<R>, StorageError> {
        let sql =
            "SELECT record FROM jobs INDEXED BY line WHERE phase = 2 ORDER BY rank, job_id LIMIT 1";
        Ok(self.records(sql, &[])?.pop())
    }

    /// How many waiting rows come before that place, counted up to [`POSITION_MAX`].
    pub(crate) fn waiting_before(&self, rank: Rank, job_id: &JobId) -> Result<u32, StorageError> {
        let sql = "SELECT count(*) FROM (
                       SELECT 1 FROM jobs INDEXED BY line
                       WHERE phase = 2 AND (rank, job_id) < (?, ?) LIMIT ?)";
        let most = Value::Integer(i64::from(POSITION_MAX));
        let place = [Value::Integer(rank.as_millis()), id(job_id), most];
        self.number(sql, &place)
    }
}

/// An id as a parameter.
pub(crate) fn id(job_id: &JobId) -> Value {
    Value::Text(job_id.to_string())
}

/// A moment as a parameter.
pub(crate) fn moment(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| Value::Integer(at.as_millis()))
}

/// A column of a row, a moment if there is one.
pub(crate) fn moment_in(value: Option<&Value>) -> Option<Timestamp> {
    match value {
        Some(Value::Integer(millis)) => Some(Timestamp::from_millis(*millis)),
        Some(Value::Null | Value::Text(_)) | None => None,
    }
}

/// A record as a parameter.
pub(crate) fn json(value: &impl Serialize) -> Result<Value, StorageError> {
    serde_json::to_string(value)
        .map(Value::Text)
        .map_err(|error| StorageError(error.to_string()))
}

/// Reads a record.
pub(crate) fn record<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, StorageError> {
    serde_json::from_str(text).map_err(|error| StorageError(format!("unreadable row: {error}")))
}

/// A column of a row, a text.
pub(crate) fn text(row: &[Value], column: usize) -> Result<&str, StorageError> {
    match row.get(column) {
        Some(Value::Text(text)) => Ok(text),
        other => Err(StorageError(format!("expected a text, found {other:?}"))),
    }
}

/// A count.
pub(crate) fn count(value: Option<&Value>) -> Result<u32, StorageError> {
    let count = integer(value)?;
    u32::try_from(count).map_err(|_| StorageError(format!("count {count} is out of range")))
}

fn integer(value: Option<&Value>) -> Result<i64, StorageError> {
    match value {
        Some(Value::Integer(value)) => Ok(*value),
        other => Err(StorageError(format!(
            "expected an integer, found {other:?}"
        ))),
    }
}
