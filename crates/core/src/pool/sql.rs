//! The pool's rows: the line's table as it is.

use super::{
    claim::{Claim, Hold},
    outages::Outages,
    store::Store,
};
use crate::{
    domain::{JobId, Rank, Stage, Timestamp},
    line::POSITION_MAX,
    line::pause::FAR,
    line::table::{HELD, LineTable, Tables, WAITING, count, id, json, moment, record},
    storage::{Database, StorageError, Value},
};

/// The pool's rows in a SQL database.
pub type SqlStore<'a, D> = LineTable<'a, D, PoolTables>;

/// The tables of a pool.
pub struct PoolTables;

impl Tables for PoolTables {
    const SCHEMA: i64 = 2;
    const META: &'static str = "pool";
    const CREATE: &'static [&'static str] = &[
        "CREATE TABLE jobs (
        phase INTEGER NOT NULL,
        job_id TEXT NOT NULL,
        stage INTEGER NOT NULL,
        rank INTEGER NOT NULL,
        due INTEGER,
        given_to TEXT,
        record TEXT NOT NULL,
        PRIMARY KEY (phase, job_id)
    ) WITHOUT ROWID",
        // By stage, since a back end that is out holds some of them.
        "CREATE INDEX line ON jobs (stage, rank, job_id) WHERE phase = 2",
        "CREATE TABLE outages (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        record TEXT NOT NULL
    )",
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
    fn opening(&self, stages: &[Stage]) -> Result<(u32, Option<Claim>), StorageError> {
        let best = best(stages, "", 1);
        let sql = format!("SELECT (SELECT count(*) FROM jobs WHERE phase = 0), ({best})");
        let row = self.row(&sql, &[])?;
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
        let sql = "INSERT INTO jobs (job_id, phase, stage, rank, due, given_to, record)
                   VALUES (?, ?, ?, ?, ?, ?, ?)";
        self.run_sql(sql, &columns(claim)?)
    }

    fn save(&self, claim: &Claim) -> Result<(), StorageError> {
        let sql = "UPDATE jobs SET phase = ?2, stage = ?3, rank = ?4, due = ?5, given_to = ?6, record = ?7
                   WHERE phase IN (0, 2) AND job_id = ?1";
        self.run_sql(sql, &columns(claim)?)
    }

    fn delete(&self, job_id: &JobId) -> Result<(), StorageError> {
        let sql = "DELETE FROM jobs WHERE phase IN (0, 2) AND job_id = ?";
        self.run_sql(sql, &[id(job_id)])
    }

    fn held(&self) -> Result<u32, StorageError> {
        self.count_held()
    }

    fn given_to(&self, delivery: &str) -> Result<Vec<Claim>, StorageError> {
        let sql = "SELECT record FROM jobs WHERE phase = ? AND given_to = ? ORDER BY job_id";
        let parameters = [Value::Integer(HELD), Value::Text(delivery.to_owned())];
        self.records(sql, &parameters)
    }

    fn best_in_line(&self, stages: &[Stage], limit: u32) -> Result<Vec<Claim>, StorageError> {
        self.records(&best(stages, "", limit), &[])
    }

    fn line_before(
        &self,
        stages: &[Stage],
        (rank, job_id): &(Rank, JobId),
        limit: u32,
    ) -> Result<Vec<Claim>, StorageError> {
        let before = "AND (rank, job_id) < (?1, ?2)";
        let place = [Value::Integer(rank.as_millis()), id(job_id)];
        let sql = best(stages, before, limit);
        // Without a stage, the statement has no parameters.
        let place = if stages.is_empty() { &[][..] } else { &place };
        self.records(&sql, place)
    }

    fn running(&self, limit: u32) -> Result<Vec<Claim>, StorageError> {
        let sql = "SELECT record FROM jobs WHERE phase = ? ORDER BY job_id LIMIT ?";
        self.records(sql, &[HELD, i64::from(limit)].map(Value::Integer))
    }

    fn ahead_of(&self, (rank, job_id): &(Rank, JobId)) -> Result<u32, StorageError> {
        let sql = format!(
            "SELECT count(*) FROM (
                 SELECT 1 FROM jobs INDEXED BY line
                 WHERE phase = 2 AND stage IN ({}) AND (rank, job_id) < (?, ?) LIMIT ?)",
            numbers(&Stage::ALL)
        );
        let rank = Value::Integer(rank.as_millis());
        let most = Value::Integer(i64::from(POSITION_MAX));
        self.number(&sql, &[rank, id(job_id), most])
    }

    fn outages(&self) -> Result<Outages, StorageError> {
        let found = self.records("SELECT record FROM outages WHERE id = 1", &[])?;
        Ok(found.into_iter().next().unwrap_or_default())
    }

    fn save_outages(&self, outages: &Outages) -> Result<(), StorageError> {
        let sql = "INSERT INTO outages (id, record) VALUES (1, ?)
                   ON CONFLICT (id) DO UPDATE SET record = excluded.record";
        self.run_sql(sql, &[json(outages)?])
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

/// A statement that finds the best of the line at these stages: the best of each, from its part of the index, and of these
/// the best; those of which a further condition holds.
fn best(stages: &[Stage], condition: &str, limit: u32) -> String {
    let of = |stage: &Stage| {
        format!(
            "SELECT * FROM (SELECT rank, job_id, record FROM jobs INDEXED BY line
             WHERE phase = 2 AND stage = {} {condition} ORDER BY rank, job_id LIMIT {limit})",
            number(*stage)
        )
    };
    let each: Vec<String> = stages.iter().map(of).collect();
    if each.is_empty() {
        return "SELECT NULL WHERE 0".to_owned();
    }
    let each = each.join(" UNION ALL ");
    format!("SELECT record FROM ({each}) ORDER BY rank, job_id LIMIT {limit}")
}

/// `SQLite` in workerd takes at most five `SELECT`s in one statement.
const _: () = assert!(Stage::ALL.len() <= 5, "one SELECT for each stage");

/// A stage as a column: its place among all, to which new ones are only added.
const fn number(stage: Stage) -> i64 {
    stage as i64
}

fn numbers(stages: &[Stage]) -> String {
    let numbers: Vec<String> = stages
        .iter()
        .map(|stage| number(*stage).to_string())
        .collect();
    numbers.join(", ")
}

fn columns(claim: &Claim) -> Result<[Value; 7], StorageError> {
    let given_to = claim.by.clone().filter(|_| claim.hold == Hold::Given);
    Ok([
        id(claim.job_id()),
        Value::Integer(phase(claim.hold)),
        Value::Integer(number(claim.stage())),
        Value::Integer(claim.want.rank.as_millis()),
        moment(claim.due),
        given_to.map_or(Value::Null, Value::Text),
        json(claim)?,
    ])
}
