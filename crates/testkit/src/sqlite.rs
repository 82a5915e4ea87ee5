//! `SQLite` itself as a [`Database`]: the same statements as in an object, natively.

use queue_core::storage::{Database, StorageError, Value};
use rusqlite::{Connection, StatementStatus, params_from_iter, types};
use std::{cell::Cell, path::Path};

/// More than the statements of the product, so that each is prepared once.
const STATEMENTS_MAX: usize = 64;

/// A database. What is measured and tested are decisions, not disks: nothing is made durable.
pub struct Sqlite {
    connection: Connection,
    /// The statement from now on that fails, if one shall.
    fails_in: Cell<Option<u32>>,
    /// Steps of its machine: unlike time, they are the same everywhere.
    steps: Cell<i64>,
    /// Bytes of text that were given to statements that write.
    written: Cell<usize>,
}

impl Sqlite {
    /// An empty database in memory.
    ///
    /// # Errors
    /// When `SQLite` fails.
    pub fn in_memory() -> Result<Self, StorageError> {
        Self::of(Connection::open_in_memory().map_err(fault)?)
    }

    /// An empty database in that file.
    ///
    /// # Errors
    /// When `SQLite` fails.
    pub fn create(file: &Path) -> Result<Self, StorageError> {
        Self::of(Connection::open(file).map_err(fault)?)
    }

    fn of(connection: Connection) -> Result<Self, StorageError> {
        let pragmas = "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;";
        connection.execute_batch(pragmas).map_err(fault)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        Ok(Self {
            connection,
            fails_in: Cell::new(None),
            steps: Cell::new(0),
            written: Cell::new(0),
        })
    }

    /// Lets `statements` more statements pass; all after them fail, until [`Sqlite::heal`].
    pub fn fail_after(&self, statements: u32) {
        self.fails_in.set(Some(statements));
    }

    /// No statement fails any more.
    pub fn heal(&self) {
        self.fails_in.set(None);
    }

    /// Rows written so far.
    ///
    /// # Errors
    /// When `SQLite` fails.
    pub fn changes(&self) -> Result<i64, StorageError> {
        let sql = "SELECT total_changes()";
        let written = self.connection.query_row(sql, [], |row| row.get(0));
        written.map_err(fault)
    }

    /// The steps taken since this was last asked.
    pub fn take_steps(&self) -> i64 {
        self.steps.take()
    }

    /// The bytes of text written since this was last asked.
    pub fn take_written(&self) -> usize {
        self.written.take()
    }

    fn fail_if_due(&self) -> Result<(), StorageError> {
        match self.fails_in.get() {
            Some(0) => Err(StorageError("planted failure".to_owned())),
            left => {
                self.fails_in.set(left.map(|left| left - 1));
                Ok(())
            }
        }
    }
}

impl Database for Sqlite {
    fn query(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Vec<Value>>, StorageError> {
        self.fail_if_due()?;
        let mut statement = self.connection.prepare_cached(sql).map_err(fault)?;
        let columns = statement.column_count();
        if !statement.readonly() {
            let texts = parameters.iter().map(|value| match value {
                Value::Text(text) => text.len(),
                Value::Null | Value::Integer(_) => 0,
            });
            self.written.set(self.written.get() + texts.sum::<usize>());
        }
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
                    Err(fault("the product stores no such value"))
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
        for statement in sql.split(";\n") {
            self.fail_if_due()?;
            self.connection.execute_batch(statement).map_err(fault)?;
        }
        Ok(())
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

fn fault(error: impl std::fmt::Display) -> StorageError {
    StorageError(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::Sqlite;
    use queue_core::storage::{Database, StorageError, Value};

    #[test]
    fn a_turn_that_fails_keeps_none_of_its_writes() {
        let database = Sqlite::in_memory().unwrap();
        database.query("CREATE TABLE t (x INTEGER)", &[]).unwrap();
        let insert = || database.query("INSERT INTO t VALUES (1)", &[]).map(drop);
        let failed: Result<(), _> = database.atomically(|| {
            insert()?;
            Err(StorageError("on purpose".to_owned()))
        });
        assert!(failed.is_err());
        assert!(database.query("SELECT x FROM t", &[]).unwrap().is_empty());
        database.atomically(insert).unwrap();
        assert_eq!(
            database.query("SELECT x FROM t", &[]).unwrap(),
            [[Value::Integer(1)]]
        );
    }
}
