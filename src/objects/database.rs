//! The Durable Object's own `SQLite` as a [`Database`].

use queue_core::{
    domain::integer::is_safe,
    storage::{Database, Rows, StorageError, Value},
};
use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use worker::{SqlStorage, SqlStorageValue, Storage};

#[wasm_bindgen]
extern "C" {
    // `worker` 0.8 has no binding of it.
    type TransactionalStorage;

    #[wasm_bindgen(method, structural, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &TransactionalStorage,
        turn: &mut dyn FnMut() -> Result<JsValue, JsValue>,
    ) -> Result<JsValue, JsValue>;
}

/// The storage of one object.
pub(crate) struct DurableDatabase {
    storage: TransactionalStorage,
    sql: SqlStorage,
    meter: Cell<Rows>,
}

impl DurableDatabase {
    /// The database of the object with that storage.
    pub(crate) fn new(storage: &Storage) -> Self {
        let raw: &JsValue = storage.as_raw();
        Self {
            storage: raw.clone().unchecked_into(),
            sql: storage.sql(),
            meter: Cell::default(),
        }
    }

    /// The rows touched since this was asked last.
    pub(crate) fn take_meter(&self) -> Rows {
        self.meter.take()
    }
}

impl Database for DurableDatabase {
    fn query(&self, sql: &str, parameters: &[Value]) -> Result<Vec<Vec<Value>>, StorageError> {
        let parameters = parameters.iter().map(bind).collect::<Result<Vec<_>, _>>()?;
        let cursor = self
            .sql
            .exec(sql, parameters)
            .map_err(|error| fault(&error))?;
        let row = |row: worker::Result<Vec<SqlStorageValue>>| {
            row.map_err(|error| fault(&error))?
                .into_iter()
                .map(read)
                .collect()
        };
        let rows = cursor.raw().map(row).collect();
        let Rows { read, written } = self.meter.get();
        self.meter.set(Rows {
            read: read + cursor.rows_read(),
            written: written + cursor.rows_written(),
        });
        rows
    }

    fn script(&self, sql: &str) -> Result<(), StorageError> {
        self.query(sql, &[]).map(drop)
    }

    fn atomically<T>(
        &self,
        turn: impl FnOnce() -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let mut turn = Some(turn);
        let mut result = None;
        let ended = self.storage.transaction_sync(&mut || {
            let outcome = turn.take().map(|turn| turn());
            // A thrown value is what rolls the transaction back.
            let thrown = matches!(outcome, None | Some(Err(_)));
            result = outcome;
            if thrown {
                Err(JsValue::from_str("rolled back"))
            } else {
                Ok(JsValue::UNDEFINED)
            }
        });
        match (ended, result) {
            (_, Some(Err(error))) => Err(error),
            (Ok(_), Some(Ok(value))) => Ok(value),
            (Err(error), _) => Err(StorageError(format!("{error:?}"))),
            (Ok(_), None) => Err(StorageError("the transaction did not run".to_owned())),
        }
    }
}

fn fault(error: &worker::Error) -> StorageError {
    StorageError(error.to_string())
}

fn bind(value: &Value) -> Result<SqlStorageValue, StorageError> {
    match value {
        Value::Null => Ok(SqlStorageValue::Null),
        Value::Integer(value) => {
            SqlStorageValue::try_from_i64(*value).map_err(|error| fault(&error))
        }
        Value::Text(text) => Ok(SqlStorageValue::String(text.clone())),
    }
}

fn read(value: SqlStorageValue) -> Result<Value, StorageError> {
    match value {
        SqlStorageValue::Null => Ok(Value::Null),
        SqlStorageValue::Integer(value) if is_safe(value) => Ok(Value::Integer(value)),
        SqlStorageValue::String(text) => Ok(Value::Text(text)),
        other @ (SqlStorageValue::Integer(_)
        | SqlStorageValue::Boolean(_)
        | SqlStorageValue::Float(_)
        | SqlStorageValue::Blob(_)) => Err(StorageError(format!(
            "the gate stores no such value: {other:?}"
        ))),
    }
}
