//! The pool's rows: the line's table as it is.

use super::{
    claim::{Claim, Hold},
    store::Store,
};
use crate::{
    domain::{JobId, Timestamp},
    line::pause::FAR,
    line::table::{HELD, LINE_INDEX, LineTable, Tables, WAITING, count, id, json, moment, record},
    storage::{Database, StorageError, Value},
};

/// The pool's rows in a SQL database.
pub type SqlStore<'a, D> = LineTable<'a, D, PoolTables>;

/// The tables of a pool.
pub struct PoolTables;

impl Tables for PoolTables {
    const SCHEMA: i64 = 1;
    const META: &'static str = "pool";
    const CREATE: &'static [&'static str] = &[
        "CREATE TABLE jobs (
        phase INTEGER NOT NULL,
        job_id TEXT NOT NULL,
        rank INTEGER NOT NULL,
        due INTEGER,
        given_to TEXT,
        record TEXT NOT NULL,
        PRIMARY KEY (phase, job_id)
    ) WITHOUT ROWID",
        LINE_INDEX,
        "CREATE TABLE pool (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        schema INTEGER NOT NULL
    )",
    ];
}

const fn phase(hold: Hold) -> i64 {
    match hold {
        Hold::Given | Hold::Held => HELD,
        Hold::Waiting => WAITING,
    }
}

impl<D: Database> Store for SqlStore<'_, D> {
    fn opening(&self) -> Result<(u32, Option<Claim>), StorageError> {
        let sql = "SELECT (SELECT count(*) FROM jobs WHERE phase = 0),
                          (SELECT record FROM jobs INDEXED BY line WHERE phase = 2
                           ORDER BY rank, job_id LIMIT 1)";
        let row = self.row(sql, &[])?;
        let best = match row.get(1) {
            Some(Value::Text(claim)) => Some(record(claim)?),
            _ => None,
        };
        Ok((count(row.first())?, best))
    }

    fn find(&self, job_id: &JobId) -> Result<Option<Claim>, StorageError> {
        let sql = "SELECT record FROM jobs WHERE phase IN (0, 2) AND job_id = ?";
        Ok(self.records(sql, &[id(job_id)])?.pop())
    }

    fn insert(&self, claim: &Claim) -> Result<(), StorageError> {
        let sql = "INSERT INTO jobs (job_id, phase, rank, due, given_to, record) VALUES (?, ?, ?, ?, ?, ?)";
        self.run(sql, &columns(claim)?)
    }

    fn save(&self, claim: &Claim) -> Result<(), StorageError> {
        let sql = "UPDATE jobs SET phase = ?2, rank = ?3, due = ?4, given_to = ?5, record = ?6
                   WHERE phase IN (0, 2) AND job_id = ?1";
        self.run(sql, &columns(claim)?)
    }

    fn delete(&self, job_id: &JobId) -> Result<(), StorageError> {
        let sql = "DELETE FROM jobs WHERE phase IN (0, 2) AND job_id = ?";
        self.run(sql, &[id(job_id)])
    }

    fn held(&self) -> Result<u32, StorageError> {
        self.count_held()
    }

    fn given_to(&self, delivery: &str) -> Result<Vec<Claim>, StorageError> {
        let sql = "SELECT record FROM jobs WHERE phase = ? AND given_to = ? ORDER BY job_id";
        let parameters = [Value::Integer(HELD), Value::Text(delivery.to_owned())];
        self.records(sql, &parameters)
    }

    fn best_in_line(&self) -> Result<Option<Claim>, StorageError> {
        self.best_waiting()
    }

    fn ahead_of(&self, claim: &Claim) -> Result<u32, StorageError> {
        self.waiting_before(claim.want.rank, claim.job_id())
    }

    fn waiting(&self, most: u32) -> Result<u32, StorageError> {
        let sql =
            "SELECT count(*) FROM (SELECT 1 FROM jobs INDEXED BY line WHERE phase = 2 LIMIT ?)";
        self.number(sql, &[Value::Integer(i64::from(most))])
    }

    fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Claim>, StorageError> {
        let sql = "SELECT record FROM jobs WHERE phase = ? AND (due <= ? OR due > ?)
                   ORDER BY due, job_id LIMIT ?";
        let (far, limit) = (now.after(FAR).as_millis(), i64::from(limit));
        let bounds = [HELD, now.as_millis(), far, limit].map(Value::Integer);
        self.records(sql, &bounds)
    }

    fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StorageError> {
        let sql = "SELECT min(CASE WHEN due > ?3 THEN ?2 ELSE due END) FROM jobs WHERE phase = ?1";
        let (now, far) = (now.as_millis(), now.after(FAR).as_millis());
        self.moment(sql, &[HELD, now, far].map(Value::Integer))
    }
}

fn columns(claim: &Claim) -> Result<[Value; 6], StorageError> {
    let given_to = claim.by.clone().filter(|_| claim.hold == Hold::Given);
    Ok([
        id(claim.job_id()),
        Value::Integer(phase(claim.hold)),
        Value::Integer(claim.want.rank.as_millis()),
        moment(claim.due),
        given_to.map_or(Value::Null, Value::Text),
        json(claim)?,
    ])
}
