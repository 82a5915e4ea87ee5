//! The gate's rows: the line's table with a gate's columns, the keys, and the account.

use super::{
    account::{Account, Erased},
    job::{Job, State},
    store::{Counts, Store, Sweep, UsedKey},
    tables::{GateTables, PHASES, bounds, columns, counts, gone_key, phases, window},
};
use crate::{
    domain::{JobId, Kind, SeriesId, Timestamp},
    failures::Word,
    line::{
        table::{LineTable, id, json, moment, moment_in, record, text},
        want::Holding,
    },
    storage::{Database, StorageError, Value},
};

/// Columns of [`Counts`].
const COUNTS: &str = "(SELECT count(*) FROM jobs WHERE phase = 0),
                      EXISTS (SELECT 1 FROM jobs INDEXED BY line WHERE phase = 2),
                      EXISTS (SELECT 1 FROM jobs INDEXED BY kind_lines WHERE phase = 4)";

/// The gate's rows in a SQL database.
pub type SqlStore<'a, D> = LineTable<'a, D, GateTables>;

impl<D: Database> Store for SqlStore<'_, D> {
    fn account(&self) -> Result<Option<Account>, StorageError> {
        let sql = "SELECT account FROM gate WHERE account IS NOT NULL";
        Ok(self.records(sql, &[])?.pop())
    }

    fn opening(&self) -> Result<(Option<Account>, Counts), StorageError> {
        let row = self.row(&format!("SELECT {COUNTS}, account FROM gate"), &[])?;
        let account = match row.get(3) {
            Some(Value::Text(account)) => Some(record(account)?),
            _ => None,
        };
        Ok((account, counts(&row)?))
    }

    fn counts(&self) -> Result<Counts, StorageError> {
        counts(&self.row(&format!("SELECT {COUNTS}"), &[])?)
    }

    fn save_account(&self, account: &Account) -> Result<(), StorageError> {
        let sql = "UPDATE gate SET account = ? WHERE id = 1";
        self.run_sql(sql, &[json(account)?])
    }

    fn forget_account(&self, erased: &Erased) -> Result<(), StorageError> {
        let sql = "UPDATE gate SET account = NULL, erased = ? WHERE id = 1";
        self.run_sql(sql, &[json(erased)?])
    }

    fn erased(&self) -> Result<Option<Erased>, StorageError> {
        let sql = "SELECT erased FROM gate WHERE erased IS NOT NULL";
        Ok(self.records(sql, &[])?.pop())
    }

    fn find(&self, job_id: &JobId) -> Result<Option<Job>, StorageError> {
        let sql = format!("SELECT record FROM jobs WHERE {PHASES} AND job_id = ?");
        Ok(self.records(&sql, &[id(job_id)])?.pop())
    }

    fn payload(&self, job_id: &JobId) -> Result<Option<String>, StorageError> {
        let sql = "SELECT payload FROM payloads WHERE job_id = ?";
        let row = self.row(sql, &[id(job_id)])?;
        let payload = (!row.is_empty()).then(|| text(&row, 0).map(str::to_owned));
        payload.transpose()
    }

    fn find_whole(&self, job_id: &JobId) -> Result<Option<(Job, String)>, StorageError> {
        let sql = format!(
            "SELECT record, payload FROM jobs JOIN payloads USING (job_id)
             WHERE {PHASES} AND job_id = ?"
        );
        let row = self.row(&sql, &[id(job_id)])?;
        if row.is_empty() {
            return Ok(None);
        }
        Ok(Some((record(text(&row, 0)?)?, text(&row, 1)?.to_owned())))
    }

    fn insert(&self, job: &Job, payload: &str) -> Result<(), StorageError> {
        let sql =
            "INSERT INTO jobs (job_id, phase, state, kind, series_id, rank, due, start_by, record)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        self.run_sql(sql, &columns(job)?)?;
        let sql = "INSERT INTO payloads (job_id, payload) VALUES (?, ?)";
        self.run_sql(sql, &[id(&job.job_id), Value::Text(payload.to_owned())])
    }

    fn save(&self, job: &Job) -> Result<(), StorageError> {
        let sql = format!(
            "UPDATE jobs SET phase = ?2, state = ?3, kind = ?4, series_id = ?5, rank = ?6, due = ?7,
                             start_by = ?8, record = ?9
             WHERE {PHASES} AND job_id = ?1"
        );
        self.run_sql(&sql, &columns(job)?)
    }

    fn delete(&self, job: &Job) -> Result<(), StorageError> {
        let sql = format!("DELETE FROM jobs WHERE {PHASES} AND job_id = ?");
        self.run_sql(&sql, &[id(&job.job_id)])?;
        let sql = "DELETE FROM payloads WHERE job_id = ?";
        self.run_sql(sql, &[id(&job.job_id)])?;
        if let Some(key) = &job.idempotency_key {
            let sql = "DELETE FROM keys WHERE key = ?";
            self.run_sql(sql, &[Value::Text(key.clone())])?;
        }
        Ok(())
    }

    fn key(&self, key: &str) -> Result<Option<UsedKey>, StorageError> {
        let sql = "SELECT job_id, fingerprint FROM keys WHERE key = ?";
        let row = self.row(sql, &[Value::Text(key.to_owned())])?;
        if row.is_empty() {
            return Ok(None);
        }
        let job_id = JobId::try_from(text(&row, 0)?.to_owned())
            .map_err(|error| StorageError(error.to_string()))?;
        Ok(Some(UsedKey {
            job_id,
            fingerprint: text(&row, 1)?.to_owned(),
        }))
    }

    fn save_key(&self, key: &str, used: &UsedKey) -> Result<(), StorageError> {
        let sql = "INSERT INTO keys (key, job_id, fingerprint) VALUES (?, ?, ?)";
        let parameters = [
            Value::Text(key.to_owned()),
            id(&used.job_id),
            Value::Text(used.fingerprint.clone()),
        ];
        self.run_sql(sql, &parameters)
    }

    fn held(&self) -> Result<u32, StorageError> {
        self.count_held()
    }

    fn held_of(&self, kind: &Kind) -> Result<u32, StorageError> {
        let sql = "SELECT count(*) FROM jobs WHERE phase = 0 AND kind = ?";
        self.number(sql, &[Value::Text(kind.to_string())])
    }

    fn count(&self, state: State) -> Result<u32, StorageError> {
        if state == State::Parked {
            return Ok(self.count_waiting()?.saturating_add(self.count_in_kinds()?));
        }
        let sql = "SELECT count(*) FROM jobs WHERE phase = ? AND state = ?";
        let state_name = Value::Text(state.name().to_owned());
        self.number(sql, &[Value::Integer(phases(state)[0]), state_name])
    }

    fn waits(&self, most: u32) -> Result<u32, StorageError> {
        let sql = "SELECT count(*) FROM (
                       SELECT 1 FROM (SELECT 1 FROM jobs INDEXED BY line WHERE phase = 2 LIMIT ?1)
                       UNION ALL
                       SELECT 1 FROM (SELECT 1 FROM jobs INDEXED BY kind_lines WHERE phase = 4 LIMIT ?1)
                       UNION ALL
                       SELECT 1 FROM (SELECT 1 FROM jobs WHERE phase = 1 LIMIT ?1)
                       UNION ALL
                       SELECT 1 FROM jobs WHERE phase = 0 AND state = 'queued'
                       LIMIT ?1)";
        self.number(sql, &[Value::Integer(i64::from(most))])
    }

    fn best_parked(&self) -> Result<Option<Job>, StorageError> {
        self.best_waiting()
    }

    fn best_of_kinds(&self) -> Result<Vec<Job>, StorageError> {
        self.best_of_each_kind()
    }

    fn parked_before(&self, job: &Job) -> Result<u32, StorageError> {
        self.before_in_its_line(job)
    }

    fn kinds_before(&self, job: &Job, limit: u32) -> Result<Vec<(Kind, u32)>, StorageError> {
        self.kinds_before_in_line(job, limit)
    }

    fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError> {
        self.jobs_due(now, limit)
    }

    fn late(&self, now: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError> {
        self.jobs_late(now, limit)
    }

    fn ended(&self, by: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError> {
        let sql = "SELECT record FROM jobs INDEXED BY ended
                   WHERE phase = 3 AND due <= ? ORDER BY due, job_id LIMIT ?";
        self.records(sql, &bounds(by, limit))
    }

    fn ended_after(&self, after: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError> {
        let sql = "SELECT record FROM jobs INDEXED BY ended WHERE phase = 3 AND due > ? LIMIT ?";
        self.records(sql, &bounds(after, limit))
    }

    fn first_ended(&self) -> Result<(Option<Timestamp>, Option<Timestamp>), StorageError> {
        let sql =
            "SELECT (SELECT due FROM jobs INDEXED BY ended WHERE phase = 3 ORDER BY due LIMIT 1),
                          (SELECT min(due) FROM sweeps)";
        let row = self.row(sql, &[])?;
        Ok((moment_in(row.first()), moment_in(row.get(1))))
    }

    fn save_sweep(&self, sweep: &Sweep) -> Result<(), StorageError> {
        let sql = "INSERT OR REPLACE INTO sweeps (job_id, user_id, due) VALUES (?, ?, ?)";
        let user_id = Value::Text(sweep.user_id.to_string());
        self.run_sql(sql, &[id(&sweep.job_id), user_id, moment(Some(sweep.due))])
    }

    fn sweeps(&self, limit: u32) -> Result<Vec<Sweep>, StorageError> {
        let sql = "SELECT json_object('jobId', job_id, 'userId', user_id, 'due', due) FROM sweeps
                   ORDER BY due, job_id LIMIT ?";
        self.records(sql, &[Value::Integer(i64::from(limit))])
    }

    fn forget_sweep(&self, job_id: &JobId) -> Result<(), StorageError> {
        self.run_sql("DELETE FROM sweeps WHERE job_id = ?", &[id(job_id)])
    }

    fn save_gone(&self, gone: &Holding, due: Timestamp) -> Result<(), StorageError> {
        let sql = "INSERT OR REPLACE INTO gone (job_id, epoch, due) VALUES (?, ?, ?)";
        let [job_id, epoch] = gone_key(gone);
        let due = Value::Integer(due.as_millis());
        self.run_sql(sql, &[job_id, epoch, due])
    }

    fn gone(&self, now: Timestamp, limit: u32) -> Result<Vec<Holding>, StorageError> {
        let sql = "SELECT json_object('jobId', job_id, 'epoch', epoch) FROM gone
                   WHERE due <= ?1 OR due > ?2 ORDER BY due, job_id LIMIT ?3";
        self.records(sql, &window(now, limit))
    }

    fn forget_gone(&self, gone: &Holding) -> Result<(), StorageError> {
        let sql = "DELETE FROM gone WHERE job_id = ? AND epoch = ?";
        self.run_sql(sql, &gone_key(gone))
    }

    fn save_word(&self, word: &Word, due: Timestamp) -> Result<(), StorageError> {
        self.write_word(word, due)
    }

    fn words(&self, now: Timestamp, limit: u32) -> Result<Vec<Word>, StorageError> {
        self.due_words(now, limit)
    }

    fn forget_word(&self, word: &Word) -> Result<(), StorageError> {
        self.delete_word(word)
    }

    fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StorageError> {
        self.first_due(now)
    }

    fn changed(
        &self,
        since: Option<Timestamp>,
        before: Option<&JobId>,
        limit: u32,
    ) -> Result<Vec<Job>, StorageError> {
        self.changed_since(since, before, limit)
    }

    fn page(
        &self,
        state: Option<State>,
        series_id: Option<&SeriesId>,
        before: Option<&JobId>,
        limit: u32,
    ) -> Result<Vec<Job>, StorageError> {
        self.newest(state, series_id, before, limit)
    }
}
