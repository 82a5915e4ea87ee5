//! The rows of the list of failures in memory.

use crate::table::{Change, Memory, Table, Tables};
use queue_core::{
    domain::{JobId, ReplayId, Timestamp},
    failures::{Failed, Filter, Run, Store, word::Listed},
    storage::StorageError,
};

/// The tables of the list.
#[derive(Default)]
pub struct ListTables {
    failed: Table<JobId, Listed>,
    gone: Table<JobId, (u32, Timestamp)>,
    runs: Table<String, Run>,
    last: Table<(), u32>,
}

impl Tables for ListTables {
    type Row = Listed;

    fn commit(&mut self) -> Vec<Change<Listed>> {
        self.gone.keep();
        self.runs.keep();
        self.last.keep();
        self.failed.changes()
    }

    fn roll_back(&mut self) {
        self.gone.roll_back();
        self.runs.roll_back();
        self.last.roll_back();
        self.failed.roll_back();
    }
}

/// The rows of the list.
pub type ListStore = Memory<ListTables>;

impl ListStore {
    /// Every failed job.
    #[must_use]
    pub fn listed(&self) -> Vec<Listed> {
        self.rows.borrow().failed.values().cloned().collect()
    }

    fn number_of(&self, number: u32) -> Option<JobId> {
        let rows = self.rows.borrow();
        let mut rows = rows.failed.iter();
        let found = rows.find(|(_, listed)| listed.number == number);
        found.map(|(job_id, _)| job_id.clone())
    }
}

impl Store for ListStore {
    fn find(&self, job_id: &JobId) -> Result<Option<Listed>, StorageError> {
        Ok(self.rows.borrow().failed.get(job_id).cloned())
    }

    fn add(&self, failed: &Failed) -> Result<(), StorageError> {
        let number = self.last()? + 1;
        self.write(|rows| rows.last.put(&(), Some(number)))?;
        let listed = Listed {
            number,
            failed: failed.clone(),
        };
        self.write(|rows| rows.failed.put(&failed.job_id, Some(listed)))
    }

    fn remove(&self, number: u32) -> Result<(), StorageError> {
        let Some(job_id) = self.number_of(number) else {
            return Ok(());
        };
        self.write(|rows| rows.failed.put(&job_id, None))
    }

    fn last(&self) -> Result<u32, StorageError> {
        Ok(self.rows.borrow().last.get(&()).copied().unwrap_or(0))
    }

    fn gone(&self, job_id: &JobId) -> Result<Option<u32>, StorageError> {
        let rows = self.rows.borrow();
        Ok(rows.gone.get(job_id).map(|(epoch, _)| *epoch))
    }

    fn save_gone(&self, job_id: &JobId, epoch: u32, until: Timestamp) -> Result<(), StorageError> {
        self.write(|rows| rows.gone.put(job_id, Some((epoch, until))))
    }

    fn forget_gone(&self, by: Timestamp, limit: u32) -> Result<(), StorageError> {
        let mut old: Vec<(Timestamp, JobId)> = {
            let rows = self.rows.borrow();
            let old = rows.gone.iter().filter(|(_, (_, until))| *until <= by);
            old.map(|(job_id, (_, until))| (*until, job_id.clone()))
                .collect()
        };
        old.sort();
        for (_, job_id) in old.into_iter().take(limit as usize) {
            self.write(|rows| rows.gone.put(&job_id, None))?;
        }
        Ok(())
    }

    fn count(&self, filter: &Filter) -> Result<u32, StorageError> {
        let rows = self.rows.borrow();
        let meant = rows.failed.values().filter(|row| filter.means(&row.failed));
        Ok(u32::try_from(meant.count()).unwrap_or(u32::MAX))
    }

    fn page(
        &self,
        filter: &Filter,
        (after, until): (u32, u32),
        limit: u32,
    ) -> Result<Vec<Listed>, StorageError> {
        let rows = self.rows.borrow();
        let meant = rows.failed.values().filter(|row| filter.means(&row.failed));
        let meant = meant.filter(|row| after < row.number && row.number <= until);
        let mut page: Vec<Listed> = meant.cloned().collect();
        page.sort_by_key(|row| row.number);
        page.truncate(limit as usize);
        Ok(page)
    }

    fn run(&self, id: &ReplayId) -> Result<Option<Run>, StorageError> {
        Ok(self.rows.borrow().runs.get(id.as_str()).cloned())
    }

    fn runs(&self) -> Result<Vec<Run>, StorageError> {
        Ok(self.rows.borrow().runs.values().rev().cloned().collect())
    }

    fn save_run(&self, run: &Run) -> Result<(), StorageError> {
        self.write(|rows| rows.runs.put(&run.id.to_string(), Some(run.clone())))
    }

    fn forget_run(&self, id: &ReplayId) -> Result<(), StorageError> {
        self.write(|rows| rows.runs.put(&id.to_string(), None))
    }

    fn first_gone(&self) -> Result<Option<Timestamp>, StorageError> {
        let rows = self.rows.borrow();
        Ok(rows.gone.values().map(|(_, until)| *until).min())
    }
}
