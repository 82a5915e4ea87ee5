//! The times in the rows of jobs: what is due, what is late, and what comes next.

use super::{
    job::Job,
    tables::{GateTables, bounds, window},
};
use crate::{
    domain::Timestamp,
    line::{
        pause::FAR,
        table::{LineTable, moment},
    },
    storage::{Database, StorageError},
};

impl<D: Database> LineTable<'_, D, GateTables> {
    /// Jobs on their way that are due by now, or later than any rule allows.
    pub(super) fn jobs_due(&self, now: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError> {
        let sql = "SELECT record FROM (
                       SELECT record, due, job_id FROM jobs WHERE phase = 0 AND (due <= ?1 OR due > ?2)
                       UNION ALL
                       SELECT * FROM (
                           SELECT record, due, job_id FROM jobs INDEXED BY timed
                           WHERE phase = 1 AND due <= ?1 ORDER BY due, job_id LIMIT ?3)
                       UNION ALL
                       SELECT * FROM (
                           SELECT record, due, job_id FROM jobs INDEXED BY timed
                           WHERE phase = 1 AND due > ?2 ORDER BY due, job_id LIMIT ?3)
                   ) ORDER BY due, job_id LIMIT ?3";
        self.records(sql, &window(now, limit))
    }

    /// Jobs that were to have started by now and have not.
    pub(super) fn jobs_late(&self, now: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError> {
        let sql = "SELECT record FROM jobs INDEXED BY start_by
                   WHERE start_by IS NOT NULL AND start_by <= ? ORDER BY start_by, job_id LIMIT ?";
        self.records(sql, &bounds(now, limit))
    }

    /// When the alarm must look next at a job on its way, or at one that is gone, and by when one must have started. What
    /// is due later than any rule allows is due now; a time to start by was given by a client, and may be that far.
    pub(super) fn first_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StorageError> {
        let sql = "SELECT min(due) FROM (
                SELECT CASE WHEN due > ?2 THEN ?1 ELSE due END AS due FROM (
                    SELECT due FROM jobs WHERE phase = 0
                    UNION ALL
                    SELECT * FROM (
                        SELECT due FROM jobs INDEXED BY timed WHERE phase = 1 ORDER BY due LIMIT 1)
                    UNION ALL
                    SELECT * FROM (
                        SELECT due FROM jobs INDEXED BY timed WHERE phase = 1 AND due > ?2 LIMIT 1)
                    UNION ALL
                    SELECT * FROM (SELECT due FROM gone UNION ALL SELECT due FROM words))
                UNION ALL
                SELECT * FROM (
                    SELECT start_by FROM jobs INDEXED BY start_by
                    WHERE start_by IS NOT NULL ORDER BY start_by LIMIT 1))";
        self.moment(sql, &[now, now.after(FAR)].map(|at| moment(Some(at))))
    }
}
