//! The gate's tables, which of its jobs lie together, and what statements have in common.

use super::{
    job::{Job, State},
    store::Counts,
};
use crate::{
    domain::Timestamp,
    line::{
        pause::FAR,
        table::{ENDED, HELD, LINE_INDEX, TIMED, Tables, WAITING, count, id, json, moment},
        want::Holding,
    },
    storage::{StorageError, Value},
};

/// The tables of a gate.
pub struct GateTables;

impl Tables for GateTables {
    const SCHEMA: i64 = 3;
    const META: &'static str = "gate";
    const CREATE: &'static [&'static str] = &[
        "CREATE TABLE jobs (
        phase INTEGER NOT NULL,
        job_id TEXT NOT NULL,
        state TEXT NOT NULL,
        kind TEXT NOT NULL,
        series_id TEXT NOT NULL,
        rank INTEGER NOT NULL,
        due INTEGER,
        start_by INTEGER,
        record TEXT NOT NULL,
        PRIMARY KEY (phase, job_id)
    ) WITHOUT ROWID",
        LINE_INDEX,
        "CREATE INDEX kind_lines ON jobs (kind, rank, job_id) WHERE phase = 4",
        "CREATE INDEX timed ON jobs (due, job_id) WHERE phase = 1",
        "CREATE INDEX ended ON jobs (due, job_id) WHERE phase = 3",
        // Only of jobs that have a time to start by and have not begun, so it costs the others nothing.
        "CREATE INDEX start_by ON jobs (start_by, job_id) WHERE start_by IS NOT NULL",
        // Apart: a payload has up to 256 KiB, and a job's row changes six times.
        "CREATE TABLE payloads (
        job_id TEXT NOT NULL PRIMARY KEY,
        payload TEXT NOT NULL
    ) WITHOUT ROWID",
        "CREATE TABLE keys (
        key TEXT NOT NULL PRIMARY KEY,
        job_id TEXT NOT NULL,
        fingerprint TEXT NOT NULL
    ) WITHOUT ROWID",
        "CREATE TABLE gone (
        job_id TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        due INTEGER NOT NULL,
        PRIMARY KEY (job_id, epoch)
    ) WITHOUT ROWID",
        "CREATE TABLE words (
        job_id TEXT NOT NULL PRIMARY KEY,
        due INTEGER NOT NULL,
        record TEXT NOT NULL
    ) WITHOUT ROWID",
        "CREATE TABLE sweeps (
        job_id TEXT NOT NULL PRIMARY KEY,
        user_id TEXT NOT NULL,
        due INTEGER NOT NULL
    ) WITHOUT ROWID",
        "CREATE TABLE gate (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        schema INTEGER NOT NULL,
        account TEXT,
        erased TEXT
    )",
    ];
}

/// Rows that wait in the line of their kind. The index `kind_lines` names this number.
pub(super) const BY_KIND: i64 = 4;

/// Every phase, as statements name it.
pub(super) const PHASES: &str = "phase IN (0, 1, 2, 3, 4)";

/// The phases that a job in that state may be in.
pub(super) const fn phases(state: State) -> &'static [i64] {
    match state {
        State::Queued | State::Running => &[HELD],
        State::Scheduled | State::Retrying => &[TIMED],
        State::Parked => &[WAITING, BY_KIND],
        State::Succeeded | State::Failed | State::Cancelled | State::Expired => &[ENDED],
    }
}

fn phase(job: &Job) -> i64 {
    if job.state == State::Parked && job.by_kind {
        return BY_KIND;
    }
    phases(job.state)[0]
}

pub(super) fn counts(row: &[Value]) -> Result<Counts, StorageError> {
    Ok(Counts {
        held: count(row.first())?,
        has_parked: count(row.get(1))? > 0,
        has_parked_by_kind: count(row.get(2))? > 0,
    })
}

/// What has come, what only a clock that was set back could have written, and how many.
pub(super) fn window(now: Timestamp, limit: u32) -> [Value; 3] {
    let far = now.after(FAR).as_millis();
    [now.as_millis(), far, i64::from(limit)].map(Value::Integer)
}

pub(super) fn bounds(by: Timestamp, limit: u32) -> [Value; 2] {
    [by.as_millis(), i64::from(limit)].map(Value::Integer)
}

pub(super) fn gone_key(gone: &Holding) -> [Value; 2] {
    [id(&gone.job_id), Value::Integer(i64::from(gone.epoch))]
}

pub(super) fn columns(job: &Job) -> Result<Vec<Value>, StorageError> {
    Ok(vec![
        id(&job.job_id),
        Value::Integer(phase(job)),
        Value::Text(job.state.name().to_owned()),
        Value::Text(job.kind.to_string()),
        Value::Text(job.series_id.to_string()),
        Value::Integer(job.rank.as_millis()),
        moment(job.due),
        moment(job.expires_at()),
        json(job)?,
    ])
}
