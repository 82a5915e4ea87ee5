//! The gate's rows in memory.

use crate::{
    gate_tables::{GateTables, Phases, has_changed},
    table::{Memory, next_of, those},
};
use queue_core::{
    domain::{JobId, Kind, SeriesId, Timestamp},
    failures::Word,
    gate::{
        Job, State, Store,
        account::{Account, Erased},
        store::{Sweep, UsedKey},
    },
    line::{pause::is_due, want::Holding},
    storage::StorageError,
};
use std::collections::BTreeMap;

/// The rows of one gate.
pub type MemoryStore = Memory<GateTables>;

impl MemoryStore {
    /// How many jobs there are rows of.
    #[must_use]
    pub fn count_jobs(&self) -> usize {
        self.rows.borrow().jobs.len()
    }
}

impl Store for MemoryStore {
    fn account(&self) -> Result<Option<Account>, StorageError> {
        Ok(self.rows.borrow().account.get(&()).cloned())
    }

    fn save_account(&self, account: &Account) -> Result<(), StorageError> {
        self.write(|rows| rows.account.put(&(), Some(account.clone())))
    }

    fn forget_account(&self, erased: &Erased) -> Result<(), StorageError> {
        self.write(|rows| {
            rows.account.put(&(), None);
            rows.erased.put(&(), Some(erased.clone()));
        })
    }

    fn erased(&self) -> Result<Option<Erased>, StorageError> {
        Ok(self.rows.borrow().erased.get(&()).cloned())
    }

    fn find(&self, job_id: &JobId) -> Result<Option<Job>, StorageError> {
        Ok(self.rows.borrow().jobs.get(job_id).cloned())
    }

    fn payload(&self, job_id: &JobId) -> Result<Option<String>, StorageError> {
        Ok(self.rows.borrow().payloads.get(job_id).cloned())
    }

    fn insert(&self, job: &Job, payload: &str) -> Result<(), StorageError> {
        self.write(|rows| {
            if rows.jobs.contains_key(&job.job_id) {
                return Err(StorageError("a job was inserted twice".to_owned()));
            }
            rows.jobs.put(&job.job_id, Some(job.clone()));
            rows.payloads.put(&job.job_id, Some(payload.to_owned()));
            Ok(())
        })?
    }

    fn save(&self, job: &Job) -> Result<(), StorageError> {
        self.write(|rows| {
            // As an UPDATE of no row, this is no error.
            if rows.jobs.contains_key(&job.job_id) {
                rows.jobs.put(&job.job_id, Some(job.clone()));
            }
        })
    }

    fn delete(&self, job: &Job) -> Result<(), StorageError> {
        self.write(|rows| {
            rows.jobs.put(&job.job_id, None);
            rows.payloads.put(&job.job_id, None);
        })?;
        match &job.idempotency_key {
            Some(key) => self.write(|rows| rows.keys.put(key, None)),
            None => Ok(()),
        }
    }

    fn key(&self, key: &str) -> Result<Option<UsedKey>, StorageError> {
        Ok(self.rows.borrow().keys.get(key).cloned())
    }

    fn save_key(&self, key: &str, used: &UsedKey) -> Result<(), StorageError> {
        self.write(|rows| rows.keys.put(&key.to_owned(), Some(used.clone())))
    }

    fn held(&self) -> Result<u32, StorageError> {
        let counts = self.rows.borrow().jobs.index.counts;
        let held = State::ALL.into_iter().filter(|state| state.holds_lease());
        Ok(held.map(|state| counts[state as usize]).sum())
    }

    fn held_of(&self, kind: &Kind) -> Result<u32, StorageError> {
        let rows = self.rows.borrow();
        let is_such = |job_id| rows.jobs.get(job_id).is_some_and(|job| job.kind == *kind);
        let held = rows.jobs.index.held.iter();
        let held = held.filter(|(_, job_id)| is_such(job_id)).count();
        Ok(u32::try_from(held).unwrap_or(u32::MAX))
    }

    fn count(&self, state: State) -> Result<u32, StorageError> {
        Ok(self.rows.borrow().jobs.index.counts[state as usize])
    }

    fn waits(&self, most: u32) -> Result<u32, StorageError> {
        let counts = self.rows.borrow().jobs.index.counts;
        let is_such = |state: &State| !state.is_final() && *state != State::Running;
        let states = State::ALL.into_iter().filter(is_such);
        let waits: u32 = states.map(|state| counts[state as usize]).sum();
        Ok(waits.min(most))
    }

    fn best_parked(&self) -> Result<Option<Job>, StorageError> {
        let rows = self.rows.borrow();
        let best = rows.jobs.index.line.first();
        Ok(best.and_then(|(_, job_id)| rows.jobs.get(job_id).cloned()))
    }

    fn best_of_kinds(&self) -> Result<Vec<Job>, StorageError> {
        let rows = self.rows.borrow();
        let mut best: Vec<Job> = Vec::new();
        for (kind, _, job_id) in &rows.jobs.index.kind_lines {
            if best.last().is_none_or(|last| last.kind != *kind) {
                best.extend(rows.jobs.get(job_id).cloned());
            }
        }
        Ok(best)
    }

    fn parked_before(&self, job: &Job) -> Result<u32, StorageError> {
        let rows = self.rows.borrow();
        let Phases {
            line, kind_lines, ..
        } = &rows.jobs.index;
        let before = if job.by_kind {
            let key = (job.kind.clone(), job.rank, job.job_id.clone());
            let before = kind_lines.range(..key);
            before.filter(|(kind, ..)| *kind == job.kind).count()
        } else {
            line.range(..(job.rank, job.job_id.clone())).count()
        };
        Ok(u32::try_from(before).unwrap_or(u32::MAX))
    }

    fn kinds_before(&self, job: &Job, limit: u32) -> Result<Vec<(Kind, u32)>, StorageError> {
        let rows = self.rows.borrow();
        let before = rows.jobs.index.line.range(..(job.rank, job.job_id.clone()));
        let mut kinds: BTreeMap<Kind, u32> = BTreeMap::new();
        for (_, job_id) in before.take(limit as usize) {
            if let Some(job) = rows.jobs.get(job_id) {
                *kinds.entry(job.kind.clone()).or_default() += 1;
            }
        }
        Ok(kinds.into_iter().collect())
    }

    fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError> {
        let rows = self.rows.borrow();
        let Phases { held, timed, .. } = &rows.jobs.index;
        let mut jobs: Vec<_> = [held, timed]
            .into_iter()
            .flat_map(|dues| those(dues, |due| is_due(due, now)))
            .collect();
        jobs.sort();
        Ok(rows.jobs(jobs, limit))
    }

    fn late(&self, now: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError> {
        let rows = self.rows.borrow();
        Ok(rows.jobs(those(&rows.jobs.index.expiring, |at| at <= now), limit))
    }

    fn ended(&self, by: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError> {
        let rows = self.rows.borrow();
        Ok(rows.jobs(those(&rows.jobs.index.ended, |due| due <= by), limit))
    }

    fn ended_after(&self, after: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError> {
        let rows = self.rows.borrow();
        Ok(rows.jobs(those(&rows.jobs.index.ended, |due| due > after), limit))
    }

    fn first_ended(&self) -> Result<(Option<Timestamp>, Option<Timestamp>), StorageError> {
        let rows = self.rows.borrow();
        let ended = rows.jobs.index.ended.first().map(|(due, _)| *due);
        Ok((ended, rows.sweeps.values().map(|sweep| sweep.due).min()))
    }

    fn save_sweep(&self, sweep: &Sweep) -> Result<(), StorageError> {
        self.write(|rows| rows.sweeps.put(&sweep.job_id, Some(sweep.clone())))
    }

    fn sweeps(&self, limit: u32) -> Result<Vec<Sweep>, StorageError> {
        let rows = self.rows.borrow();
        let mut sweeps: Vec<_> = rows.sweeps.values().cloned().collect();
        sweeps.sort_by_key(|sweep| (sweep.due, sweep.job_id.clone()));
        sweeps.truncate(limit as usize);
        Ok(sweeps)
    }

    fn forget_sweep(&self, job_id: &JobId) -> Result<(), StorageError> {
        self.write(|rows| rows.sweeps.put(job_id, None))
    }

    fn save_gone(&self, gone: &Holding, due: Timestamp) -> Result<(), StorageError> {
        let key = (gone.job_id.clone(), gone.epoch);
        self.write(|rows| rows.gone.put(&key, Some(due)))
    }

    fn gone(&self, now: Timestamp, limit: u32) -> Result<Vec<Holding>, StorageError> {
        let rows = self.rows.borrow();
        let due = rows.gone.iter().filter(|(_, due)| is_due(**due, now));
        let mut due: Vec<_> = due.map(|(key, due)| (*due, key)).collect();
        due.sort();
        let gone = due.into_iter().map(|(_, (job_id, epoch))| Holding {
            job_id: job_id.clone(),
            epoch: *epoch,
        });
        Ok(gone.take(limit as usize).collect())
    }

    fn forget_gone(&self, gone: &Holding) -> Result<(), StorageError> {
        let key = (gone.job_id.clone(), gone.epoch);
        self.write(|rows| rows.gone.put(&key, None))
    }

    fn save_word(&self, word: &Word, due: Timestamp) -> Result<(), StorageError> {
        let row = Some((due, word.clone()));
        self.write(|rows| rows.words.put(word.job_id(), row))
    }

    fn words(&self, now: Timestamp, limit: u32) -> Result<Vec<Word>, StorageError> {
        let rows = self.rows.borrow();
        let due = rows.words.iter().filter(|(_, (due, _))| is_due(*due, now));
        let mut due: Vec<_> = due.map(|(job_id, (due, _))| (*due, job_id)).collect();
        due.sort();
        let due = due.into_iter().take(limit as usize);
        let words = due.filter_map(|(_, job_id)| rows.words.get(job_id));
        Ok(words.map(|(_, word)| word.clone()).collect())
    }

    fn forget_word(&self, word: &Word) -> Result<(), StorageError> {
        self.write(|rows| {
            let known = rows.words.get(word.job_id());
            if known.is_some_and(|(_, known)| known == word) {
                rows.words.put(word.job_id(), None);
            }
        })
    }

    fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StorageError> {
        let rows = self.rows.borrow();
        let Phases {
            held,
            timed,
            expiring,
            ..
        } = &rows.jobs.index;
        let jobs = held.iter().chain(timed).map(|(due, _)| *due);
        let dues = jobs.chain(rows.gone.values().copied());
        let dues = dues.chain(rows.words.values().map(|(due, _)| *due));
        let dues = dues.map(|due| next_of(due, now));
        let start_by = expiring.first().map(|(at, _)| *at);
        Ok(dues.chain(start_by).min())
    }

    fn changed(
        &self,
        since: Option<Timestamp>,
        before: Option<&JobId>,
        limit: u32,
    ) -> Result<Vec<Job>, StorageError> {
        let is_such = |job: &Job| has_changed(job, since);
        Ok(self.rows.borrow().newest(before, limit, is_such))
    }

    fn page(
        &self,
        state: Option<State>,
        series_id: Option<&SeriesId>,
        before: Option<&JobId>,
        limit: u32,
    ) -> Result<Vec<Job>, StorageError> {
        let is_in_state = |job: &Job| state.is_none_or(|state| job.state == state);
        let is_of = |job: &Job| series_id.is_none_or(|series| job.series_id == *series);
        let rows = self.rows.borrow();
        Ok(rows.newest(before, limit, |job| is_in_state(job) && is_of(job)))
    }
}
