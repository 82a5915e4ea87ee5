//! The rows of a line in a SQL database: one table `jobs`, in a gate's object as in a pool's.
//!
//! The table is clustered by **phase**, so that the few rows that a decision needs lie together however
//! many are parked or finished, and no index has to be kept for them. Measured on workerd: moving a row
//! between phases writes one row, as any update does; a secondary index would add one a change.

use super::POSITION_MAX;
use crate::{
    domain::{JobId, Rank, Timestamp},
    storage::{Database, StorageError, Value},
};
use serde::{Deserialize, Serialize};

/// Rows that hold: at most the limit of the line.
pub const HELD: i64 = 0;
/// Rows that neither hold nor wait in the line, until a time.
pub const TIMED: i64 = 1;
/// The waiting line. The index `line` names this number.
pub const PARKED: i64 = 2;
/// Rows of jobs that have ended.
pub const ENDED: i64 = 3;

/// The index of the waiting line; each table has it.
pub const LINE_INDEX: &str = "CREATE INDEX line ON jobs (rank, job_id) WHERE phase = 2";

/// The rows of a line in that database.
pub struct LineTable<'a, D> {
    /// Where they are.
    pub database: &'a D,
}

impl<D: Database> LineTable<'_, D> {
    /// Brings the tables to the form `schema`, from nothing by `create`; all or none. `meta` is the table that
    /// says which form they have.
    ///
    /// # Errors
    /// When the database fails, or an earlier form was never released.
    pub fn migrate(&self, meta: &str, schema: i64, create: &[&str]) -> Result<(), StorageError> {
        if !self.exists(meta)? {
            let create = create.join(";\n");
            let script = format!("{create};\nINSERT INTO {meta} (id, schema) VALUES (1, {schema})");
            return self.database.atomically(|| self.database.script(&script));
        }
        let sql = format!("SELECT schema FROM {meta}");
        let rows = self.database.query(&sql, &[])?;
        let found = integer(rows.first().and_then(|row| row.first()))?;
        // A later build only adds (design section 7), so an earlier one may go on after a rollback, unless
        // there are rows of a kind of job that it does not know.
        if found < schema {
            return Err(StorageError(format!("schema {found} was never released")));
        }
        Ok(())
    }

    /// Whether a table exists.
    ///
    /// # Errors
    /// When the database fails.
    pub fn exists(&self, table: &str) -> Result<bool, StorageError> {
        let sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?";
        let rows = self.database.query(sql, &[Value::Text(table.to_owned())])?;
        Ok(!rows.is_empty())
    }

    /// How many hold.
    ///
    /// # Errors
    /// When the database fails.
    pub fn held(&self) -> Result<u32, StorageError> {
        let sql = "SELECT count(*) FROM jobs WHERE phase = ?";
        self.number(sql, &[Value::Integer(HELD)])
    }

    /// How many are parked. Counted in the index, which is a hundred times smaller than the rows.
    ///
    /// # Errors
    /// When the database fails.
    pub fn parked(&self) -> Result<u32, StorageError> {
        let sql = "SELECT count(*) FROM jobs INDEXED BY line WHERE phase = 2";
        self.number(sql, &[])
    }

    /// The parked row with the smallest (rank, id).
    ///
    /// # Errors
    /// When the database fails.
    pub fn best_parked<R: for<'de> Deserialize<'de>>(&self) -> Result<Option<R>, StorageError> {
        let sql =
            "SELECT record FROM jobs INDEXED BY line WHERE phase = 2 ORDER BY rank, job_id LIMIT 1";
        Ok(self.records(sql, &[])?.pop())
    }

    /// How many parked rows come before that place, counted up to [`POSITION_MAX`].
    ///
    /// # Errors
    /// When the database fails.
    pub fn parked_before(&self, rank: Rank, job_id: &JobId) -> Result<u32, StorageError> {
        let sql = "SELECT count(*) FROM (
                       SELECT 1 FROM jobs INDEXED BY line
                       WHERE phase = 2 AND (rank, job_id) < (?, ?) LIMIT ?)";
        let most = Value::Integer(i64::from(POSITION_MAX));
        let place = [Value::Integer(rank.as_millis()), id(job_id), most];
        self.number(sql, &place)
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
        rows.iter().map(|row| record(text(row)?)).collect()
    }

    /// The count that a statement finds.
    ///
    /// # Errors
    /// When the database fails.
    pub fn number(&self, sql: &str, parameters: &[Value]) -> Result<u32, StorageError> {
        let rows = self.database.query(sql, parameters)?;
        count(rows.first().and_then(|row| row.first()))
    }

    /// The moment that a statement finds, if any.
    ///
    /// # Errors
    /// When the database fails.
    pub fn moment(
        &self,
        sql: &str,
        parameters: &[Value],
    ) -> Result<Option<Timestamp>, StorageError> {
        let rows = self.database.query(sql, parameters)?;
        match rows.first().and_then(|row| row.first()) {
            Some(Value::Integer(due)) => Ok(Some(Timestamp::from_millis(*due))),
            _ => Ok(None),
        }
    }
}

/// An id as a parameter.
#[must_use]
pub fn id(job_id: &JobId) -> Value {
    Value::Text(job_id.to_string())
}

/// A moment as a parameter.
#[must_use]
pub fn moment(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| Value::Integer(at.as_millis()))
}

/// A record as a parameter.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn json(value: &impl Serialize) -> Result<Value, StorageError> {
    serde_json::to_string(value)
        .map(Value::Text)
        .map_err(|error| StorageError(error.to_string()))
}

/// Reads a record.
///
/// # Errors
/// When it is not one.
pub fn record<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, StorageError> {
    serde_json::from_str(text).map_err(|error| StorageError(format!("unreadable row: {error}")))
}

/// The first column of a row, a text.
///
/// # Errors
/// When it is not one.
pub fn text(row: &[Value]) -> Result<&str, StorageError> {
    match row.first() {
        Some(Value::Text(text)) => Ok(text),
        other => Err(StorageError(format!("expected a text, found {other:?}"))),
    }
}

/// A count.
///
/// # Errors
/// When it is none.
pub fn count(value: Option<&Value>) -> Result<u32, StorageError> {
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
