//! The gate's tables, and which of its jobs lie together.

use super::job::State;
use crate::line::table::{ENDED, HELD, LINE_INDEX, TIMED, Tables, WAITING};

/// The tables of a gate.
pub struct GateTables;

impl Tables for GateTables {
    const SCHEMA: i64 = 1;
    const META: &'static str = "gate";
    const CREATE: &'static [&'static str] = &[
        // The payload comes last: SQLite reads a long row only as far as the columns asked for.
        "CREATE TABLE jobs (
        phase INTEGER NOT NULL,
        job_id TEXT NOT NULL,
        state TEXT NOT NULL,
        series_id TEXT NOT NULL,
        rank INTEGER NOT NULL,
        due INTEGER,
        record TEXT NOT NULL,
        payload TEXT NOT NULL,
        PRIMARY KEY (phase, job_id)
    ) WITHOUT ROWID",
        LINE_INDEX,
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
        "CREATE TABLE gate (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        schema INTEGER NOT NULL,
        account TEXT
    )",
    ];
}

/// The phase of a job in that state.
pub(super) const fn phase(state: State) -> i64 {
    match state {
        State::Queued | State::Running => HELD,
        State::Retrying => TIMED,
        State::Parked => WAITING,
        State::Succeeded | State::Failed | State::Cancelled => ENDED,
    }
}
