//! More of the gate's statements: the pages of jobs, and the words that the list of failures has yet to hear.

use super::{
    job::{Job, State},
    tables::{BY_KIND, GateTables, phases, window},
};
use crate::{
    domain::{JobId, SeriesId, Timestamp},
    failures::Word,
    line::table::{ENDED, HELD, LineTable, TIMED, WAITING, id, json, moment},
    storage::{Database, StorageError, Value},
};

impl<D: Database> LineTable<'_, D, GateTables> {
    /// Jobs before `before`, newest first.
    pub(super) fn newest(
        &self,
        state: Option<State>,
        series_id: Option<&SeriesId>,
        before: Option<&JobId>,
        limit: u32,
    ) -> Result<Vec<Job>, StorageError> {
        // Each arm walks its phase backwards; `SQLite` merges them without sorting.
        let arm = |phase: i64| {
            format!(
                "SELECT record, job_id FROM jobs WHERE phase = {phase} AND job_id < ?1
                 AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR series_id = ?3)"
            )
        };
        let phases = state.map_or_else(
            || vec![HELD, TIMED, WAITING, ENDED, BY_KIND],
            |state| phases(state).to_vec(),
        );
        let arms: Vec<String> = phases.into_iter().map(arm).collect();
        let arms = arms.join(" UNION ALL ");
        let sql = format!("{arms} ORDER BY job_id DESC LIMIT ?4");
        let parameters = [
            // Greater than every UUID.
            before.map_or_else(|| Value::Text("~".to_owned()), id),
            state.map_or(Value::Null, |state| Value::Text(state.name().to_owned())),
            series_id.map_or(Value::Null, |series| Value::Text(series.to_string())),
            Value::Integer(i64::from(limit)),
        ];
        self.records(&sql, &parameters)
    }

    /// Jobs that have changed since, or, without a time, that have not ended, newest first.
    pub(super) fn changed_since(
        &self,
        since: Option<Timestamp>,
        before: Option<&JobId>,
        limit: u32,
    ) -> Result<Vec<Job>, StorageError> {
        let changed = "job_id < ?1 AND (?2 IS NULL OR record ->> '$.changedAt' >= ?2)";
        let arm = |phase: i64| {
            format!("SELECT record, job_id FROM jobs WHERE phase = {phase} AND {changed}")
        };
        let mut arms: Vec<String> = [HELD, TIMED, WAITING, BY_KIND].map(arm).into();
        if since.is_some() {
            // The retention counts from the hour after the end, so what has ended before is not even looked at.
            arms.push(format!(
                "SELECT record, job_id FROM jobs INDEXED BY ended
                 WHERE phase = 3 AND due > ?2 AND {changed}"
            ));
        }
        let arms = arms.join(" UNION ALL ");
        let sql = format!("{arms} ORDER BY job_id DESC LIMIT ?3");
        let parameters = [
            // Greater than every UUID.
            before.map_or_else(|| Value::Text("~".to_owned()), id),
            moment(since),
            Value::Integer(i64::from(limit)),
        ];
        self.records(&sql, &parameters)
    }

    pub(super) fn write_word(&self, word: &Word, due: Timestamp) -> Result<(), StorageError> {
        let sql = "INSERT OR REPLACE INTO words (job_id, due, record) VALUES (?, ?, ?)";
        let due = Value::Integer(due.as_millis());
        self.run_sql(sql, &[id(word.job_id()), due, json(word)?])
    }

    pub(super) fn due_words(&self, now: Timestamp, limit: u32) -> Result<Vec<Word>, StorageError> {
        let sql = "SELECT record FROM words
                   WHERE due <= ?1 OR due > ?2 ORDER BY due, job_id LIMIT ?3";
        self.records(sql, &window(now, limit))
    }

    pub(super) fn delete_word(&self, word: &Word) -> Result<(), StorageError> {
        let sql = "DELETE FROM words WHERE job_id = ? AND record = ?";
        self.run_sql(sql, &[id(word.job_id()), json(word)?])
    }
}
