//! `SQLite` in a file, with the steps that its machine took counted: unlike time, they are the same everywhere.

use rusqlite::{Connection, StatementStatus, params_from_iter, types};
use std::{cell::Cell, path::Path};
use story_queue::storage::{Database, StorageError, Value};

/// A database, and the steps taken in it.
pub struct Sqlite {
    connection: Connection,
    steps: Cell<i64>,
}

fn fault(error: impl std::fmt::Display) -> StorageError {
    StorageError(error.to_string())
}

impl Sqlite {
    /// A new database in that file. Nothing is made durable: what is measured are decisions, not disks.
    ///
    /// # Errors
    /// When `SQLite` fails.
    pub fn create(file: &Path) -> Result<Self, StorageError> {
        let connection = Connection::open(file).map_err(fault)?;
        let pragmas = "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;";
        connection.execute_batch(pragmas).map_err(fault)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self {
            connection,
            steps: Cell::new(0),
        })
    }

    /// The steps taken since this was asked last.
    pub fn steps(&self) -> i64 {
        self.steps.take()
    }
}

impl Database for Sqlite {
    fn query(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Vec<Value>>, StorageError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(fault)?;
        let columns = statement.column_count();
        let bound = parameters.iter().map(|value| match value {
            Value::Null => types::Value::Null,
            Value::Integer(value) => types::Value::Integer(*value),
            Value::Text(text) => types::Value::Text(text.clone()),
        });
        let mut rows = statement.query(params_from_iter(bound)).map_err(fault)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(fault)? {
            let value = |index| match row.get(index).map_err(fault)? {
                types::Value::Null => Ok(Value::Null),
                types::Value::Integer(value) => Ok(Value::Integer(value)),
                types::Value::Text(text) => Ok(Value::Text(text)),
                types::Value::Real(_) | types::Value::Blob(_) => {
                    Err(fault("no such value is stored"))
                }
            };
            all.push((0..columns).map(value).collect::<Result<_, _>>()?);
        }
        drop(rows);
        let steps = statement.reset_status(StatementStatus::VmStep);
        self.steps.set(self.steps.get() + i64::from(steps));
        Ok(all)
    }

    fn script(&self, sql: &str) -> Result<(), StorageError> {
        self.connection.execute_batch(sql).map_err(fault)
    }

    fn atomically<T>(
        &self,
        turn: impl FnOnce() -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let transaction = self.connection.unchecked_transaction().map_err(fault)?;
        let value = turn()?;
        transaction.commit().map_err(fault)?;
        Ok(value)
    }
}
