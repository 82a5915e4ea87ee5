//! `SQLite` itself as a [`Database`]: the same statements as in the object, natively.

use rusqlite::{Connection, params_from_iter, types};
use std::cell::Cell;
use story_queue::storage::{Database, StorageError, Value};

pub struct Sqlite {
    connection: Connection,
    /// The statement from now on that fails, if one shall.
    fails_in: Cell<Option<u32>>,
}

impl Sqlite {
    pub fn in_memory() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        Self {
            connection,
            fails_in: Cell::new(None),
        }
    }

    /// Lets `statements` more statements pass and the next one fail.
    pub fn fail_after(&self, statements: u32) {
        self.fails_in.set(Some(statements));
    }

    pub fn heal(&self) {
        self.fails_in.set(None);
    }

    /// Rows written so far.
    pub fn changes(&self) -> i64 {
        let sql = "SELECT total_changes()";
        let written = self.connection.query_row(sql, [], |row| row.get(0));
        written.unwrap()
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

#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes it so")]
fn fault(error: rusqlite::Error) -> StorageError {
    StorageError(error.to_string())
}

impl Database for Sqlite {
    fn query(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Vec<Value>>, StorageError> {
        self.fail_if_due()?;
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
                other @ (types::Value::Real(_) | types::Value::Blob(_)) => Err(StorageError(
                    format!("the gate stores no such value: {other:?}"),
                )),
            };
            all.push((0..columns).map(value).collect::<Result<_, _>>()?);
        }
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

#[test]
fn a_turn_that_fails_keeps_none_of_its_writes() {
    let database = Sqlite::in_memory();
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
