//! The small part of a SQL database that the project uses, with two real implementations: the Durable
//! Object's own `SQLite` (on workerd) and `SQLite` itself (in the native tests).

use thiserror::Error;

/// A value in a row or a parameter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// An integer within what JavaScript keeps exactly.
    Integer(i64),
    /// A text.
    Text(String),
}

/// Rows that statements touched, as the platform bills them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Rows {
    /// Read.
    pub read: usize,
    /// Written, deleted or moved; those of indexes included.
    pub written: usize,
}

/// The database failed; nothing of the turn was kept.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("storage: {0}")]
pub struct StorageError(pub String);

/// A synchronous SQL database.
pub trait Database {
    /// Runs one statement and returns all rows.
    ///
    /// # Errors
    /// [`StorageError`] when the statement fails.
    fn query(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Vec<Value>>, StorageError>;

    /// Runs several statements, which have no parameters and return nothing.
    ///
    /// # Errors
    /// [`StorageError`] when one fails.
    fn script(&self, sql: &str) -> Result<(), StorageError>;

    /// Runs `turn` so that all its writes are kept, or, when it fails, none.
    ///
    /// # Errors
    /// The error of `turn`, or that of the database.
    fn atomically<T>(
        &self,
        turn: impl FnOnce() -> Result<T, StorageError>,
    ) -> Result<T, StorageError>;
}
