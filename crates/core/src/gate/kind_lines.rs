//! The lines of kinds that have a limit of their own: parked jobs apart from the common line, so that however long they
//! are, the others pass.

use super::{job::Job, tables::GateTables};
use crate::{
    domain::Kind,
    line::{
        POSITION_MAX,
        table::{LineTable, id},
    },
    storage::{Database, StorageError, Value},
};

impl<D: Database> LineTable<'_, D, GateTables> {
    /// Of each kind, the job with the smallest (rank, id).
    pub(super) fn best_of_each_kind(&self) -> Result<Vec<Job>, StorageError> {
        // From kind to kind by the index, whatever the length of their lines.
        let sql = "WITH RECURSIVE kinds (kind) AS (
                       SELECT min(kind) FROM jobs INDEXED BY kind_lines WHERE phase = 4
                       UNION ALL
                       SELECT (SELECT min(kind) FROM jobs INDEXED BY kind_lines
                               WHERE phase = 4 AND jobs.kind > kinds.kind)
                       FROM kinds WHERE kinds.kind IS NOT NULL)
                   SELECT (SELECT record FROM jobs INDEXED BY kind_lines
                           WHERE phase = 4 AND jobs.kind = kinds.kind ORDER BY rank, job_id LIMIT 1)
                   FROM kinds WHERE kinds.kind IS NOT NULL";
        self.records(sql, &[])
    }

    /// How many jobs come before this one in the line of its kind, or in the common one, counted up to [`POSITION_MAX`].
    pub(super) fn before_in_its_line(&self, job: &Job) -> Result<u32, StorageError> {
        if !job.by_kind {
            return self.waiting_before(job.rank, &job.job_id);
        }
        let sql = "SELECT count(*) FROM (
                       SELECT 1 FROM jobs INDEXED BY kind_lines
                       WHERE phase = 4 AND kind = ? AND (rank, job_id) < (?, ?) LIMIT ?)";
        let place = [
            Value::Text(job.kind.to_string()),
            Value::Integer(job.rank.as_millis()),
            id(&job.job_id),
            Value::Integer(i64::from(POSITION_MAX)),
        ];
        self.number(sql, &place)
    }

    /// Of the common line, how many of each kind are among the best that come before this one.
    pub(super) fn kinds_before_in_line(
        &self,
        job: &Job,
        limit: u32,
    ) -> Result<Vec<(Kind, u32)>, StorageError> {
        let sql = "SELECT json_array(kind, count(*)) FROM (
                       SELECT kind FROM jobs INDEXED BY line
                       WHERE phase = 2 AND (rank, job_id) < (?, ?) ORDER BY rank, job_id LIMIT ?)
                   GROUP BY kind ORDER BY kind";
        let rank = Value::Integer(job.rank.as_millis());
        let limit = Value::Integer(i64::from(limit));
        self.records(sql, &[rank, id(&job.job_id), limit])
    }

    /// How many wait in all of these lines.
    pub(super) fn count_in_kinds(&self) -> Result<u32, StorageError> {
        let sql = "SELECT count(*) FROM jobs INDEXED BY kind_lines WHERE phase = 4";
        self.number(sql, &[])
    }
}
