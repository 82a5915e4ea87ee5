//! The list's rows in a SQL database.

use super::{
    filter::Filter,
    run::Run,
    store::Store,
    word::{Failed, Listed},
};
use crate::{
    domain::{JobId, ReplayId, Timestamp},
    line::table::{LineTable, Tables, count, id, json, moment, record, text},
    storage::{Database, StorageError, Value},
};

/// The list's rows in a SQL database.
pub type SqlStore<'a, D> = LineTable<'a, D, FailureTables>;

/// The tables of the list.
pub struct FailureTables;

impl Tables for FailureTables {
    const SCHEMA: i64 = 1;
    const META: &'static str = "failures";
    const CREATE: &'static [&'static str] = &[
        "CREATE TABLE failed (
        number INTEGER PRIMARY KEY,
        job_id TEXT NOT NULL UNIQUE,
        user_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        tier TEXT NOT NULL,
        error TEXT NOT NULL,
        at INTEGER NOT NULL,
        record TEXT NOT NULL
    )",
        "CREATE TABLE gone (
        job_id TEXT NOT NULL PRIMARY KEY,
        epoch INTEGER NOT NULL,
        until INTEGER NOT NULL
    ) WITHOUT ROWID",
        "CREATE TABLE runs (
        id TEXT NOT NULL PRIMARY KEY,
        record TEXT NOT NULL
    ) WITHOUT ROWID",
        "CREATE TABLE failures (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        schema INTEGER NOT NULL,
        last INTEGER NOT NULL DEFAULT 0
    )",
    ];
}

/// What a filter says, as a condition on the first six parameters.
const MEANT: &str =
    "(?1 IS NULL OR error = ?1) AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR tier = ?3)
     AND (?4 IS NULL OR user_id = ?4) AND (?5 IS NULL OR at >= ?5) AND (?6 IS NULL OR at < ?6)";

fn meant(filter: &Filter) -> Vec<Value> {
    let text = |text: Option<String>| text.map_or(Value::Null, Value::Text);
    vec![
        text(filter.error.clone()),
        text(filter.kind.as_ref().map(ToString::to_string)),
        text(filter.tier.map(|tier| tier.name().to_owned())),
        text(filter.user_id.as_ref().map(ToString::to_string)),
        moment(filter.failed_after),
        moment(filter.failed_before),
    ]
}

fn number(number: u32) -> Value {
    Value::Integer(i64::from(number))
}

fn name(id: &ReplayId) -> Value {
    Value::Text(id.to_string())
}

fn listed(row: &[Value]) -> Result<Listed, StorageError> {
    Ok(Listed {
        number: count(row.first())?,
        failed: record(text(row, 1)?)?,
    })
}

impl<D: Database> Store for SqlStore<'_, D> {
    fn find(&self, job_id: &JobId) -> Result<Option<Listed>, StorageError> {
        let sql = "SELECT number, record FROM failed WHERE job_id = ?";
        let row = self.row(sql, &[id(job_id)])?;
        (!row.is_empty()).then(|| listed(&row)).transpose()
    }

    fn add(&self, failed: &Failed) -> Result<(), StorageError> {
        self.run_sql("UPDATE failures SET last = last + 1", &[])?;
        let sql = "INSERT INTO failed (number, job_id, user_id, kind, tier, error, at, record)
                   VALUES ((SELECT last FROM failures), ?, ?, ?, ?, ?, ?, ?)";
        let columns = [
            id(&failed.job_id),
            Value::Text(failed.user_id.to_string()),
            Value::Text(failed.kind.to_string()),
            Value::Text(failed.tier.name().to_owned()),
            Value::Text(failed.error.clone()),
            moment(Some(failed.at)),
            json(failed)?,
        ];
        self.run_sql(sql, &columns)
    }

    fn remove(&self, taken: u32) -> Result<(), StorageError> {
        self.run_sql("DELETE FROM failed WHERE number = ?", &[number(taken)])
    }

    fn last(&self) -> Result<u32, StorageError> {
        self.number("SELECT last FROM failures", &[])
    }

    fn gone(&self, job_id: &JobId) -> Result<Option<u32>, StorageError> {
        let sql = "SELECT epoch FROM gone WHERE job_id = ?";
        let row = self.row(sql, &[id(job_id)])?;
        (!row.is_empty()).then(|| count(row.first())).transpose()
    }

    fn save_gone(&self, job_id: &JobId, epoch: u32, until: Timestamp) -> Result<(), StorageError> {
        let sql = "INSERT OR REPLACE INTO gone (job_id, epoch, until) VALUES (?, ?, ?)";
        self.run_sql(sql, &[id(job_id), number(epoch), moment(Some(until))])
    }

    fn forget_gone(&self, by: Timestamp, limit: u32) -> Result<(), StorageError> {
        let sql = "DELETE FROM gone WHERE job_id IN (
                       SELECT job_id FROM gone WHERE until <= ? ORDER BY until, job_id LIMIT ?)";
        self.run_sql(sql, &[moment(Some(by)), number(limit)])
    }

    fn count(&self, filter: &Filter) -> Result<u32, StorageError> {
        let sql = format!("SELECT count(*) FROM failed WHERE {MEANT}");
        self.number(&sql, &meant(filter))
    }

    fn page(
        &self,
        filter: &Filter,
        (after, until): (u32, u32),
        limit: u32,
    ) -> Result<Vec<Listed>, StorageError> {
        let sql = format!(
            "SELECT number, record FROM failed
             WHERE {MEANT} AND number > ?7 AND number <= ?8 ORDER BY number LIMIT ?9"
        );
        let mut parameters = meant(filter);
        parameters.extend([after, until, limit].map(number));
        self.rows(&sql, &parameters)?
            .iter()
            .map(|row| listed(row))
            .collect()
    }

    fn run(&self, id: &ReplayId) -> Result<Option<Run>, StorageError> {
        let sql = "SELECT record FROM runs WHERE id = ?";
        Ok(self.records(sql, &[name(id)])?.pop())
    }

    fn runs(&self) -> Result<Vec<Run>, StorageError> {
        self.records("SELECT record FROM runs ORDER BY id DESC", &[])
    }

    fn save_run(&self, run: &Run) -> Result<(), StorageError> {
        let sql = "INSERT OR REPLACE INTO runs (id, record) VALUES (?, ?)";
        self.run_sql(sql, &[name(&run.id), json(run)?])
    }

    fn forget_run(&self, id: &ReplayId) -> Result<(), StorageError> {
        self.run_sql("DELETE FROM runs WHERE id = ?", &[name(id)])
    }

    fn first_gone(&self) -> Result<Option<Timestamp>, StorageError> {
        self.moment("SELECT min(until) FROM gone", &[])
    }
}
