//! What the gate remembers, as small steps of a turn. [`SqlStore`](super::SqlStore) is the form on disk.

use super::{
    account::{Account, Erased},
    job::{Job, State},
};
use crate::{
    domain::{JobId, Kind, SeriesId, Timestamp, UserId},
    failures::Word,
    line::want::Holding,
    storage::StorageError,
};
use serde::{Deserialize, Serialize};

/// A key and what was submitted under it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UsedKey {
    /// The job that it stands for.
    pub job_id: JobId,
    /// The digest of the submission.
    pub fingerprint: String,
}

/// Artifacts of a job that was forgotten soon after it ran: an upload of then may have landed since, and nobody else would
/// delete it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sweep {
    /// The job.
    pub job_id: JobId,
    /// Whose it was; the account may be forgotten, too.
    pub user_id: UserId,
    /// When nothing can land any more.
    pub due: Timestamp,
}

/// How the user's leases and line stand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Counts {
    /// How many jobs hold a lease.
    pub held: u32,
    /// Whether a job is parked in the common line.
    pub has_parked: bool,
    /// Whether one is parked in the line of its kind.
    pub has_parked_by_kind: bool,
}

/// What the gate remembers. Every method is one small step of a turn.
///
/// # Errors
/// Every method fails when the storage does, and then has changed nothing.
#[expect(clippy::missing_errors_doc, reason = "said once, for the trait")]
pub trait Store {
    /// The user, if anything was ever recorded.
    fn account(&self) -> Result<Option<Account>, StorageError>;
    /// What every turn needs first: the user, and how the leases stand. One step, since each costs.
    fn opening(&self) -> Result<(Option<Account>, Counts), StorageError> {
        Ok((self.account()?, self.counts()?))
    }
    /// How the leases stand.
    fn counts(&self) -> Result<Counts, StorageError> {
        Ok(Counts {
            held: self.held()?,
            has_parked: self.best_parked()?.is_some(),
            has_parked_by_kind: !self.best_of_kinds()?.is_empty(),
        })
    }
    /// Whose gate this is, as long as anything is left to do.
    fn owner(&self) -> Result<Option<UserId>, StorageError> {
        let account = self.account()?;
        Ok(match account {
            Some(account) => Some(account.user_id),
            None => self.sweeps(1)?.pop().map(|sweep| sweep.user_id),
        })
    }
    /// Records the user.
    fn save_account(&self, account: &Account) -> Result<(), StorageError>;
    /// Forgets the user, but for what is left of one who was deleted; the jobs must be gone.
    fn forget_account(&self, erased: &Erased) -> Result<(), StorageError>;
    /// What is left of a user who was deleted.
    fn erased(&self) -> Result<Option<Erased>, StorageError>;
    /// A job.
    fn find(&self, job_id: &JobId) -> Result<Option<Job>, StorageError>;
    /// The payload of a job.
    fn payload(&self, job_id: &JobId) -> Result<Option<String>, StorageError>;
    /// A job and its payload.
    fn find_whole(&self, job_id: &JobId) -> Result<Option<(Job, String)>, StorageError> {
        Ok(self.find(job_id)?.zip(self.payload(job_id)?))
    }
    /// Records a new job.
    fn insert(&self, job: &Job, payload: &str) -> Result<(), StorageError>;
    /// Records a change of a job.
    fn save(&self, job: &Job) -> Result<(), StorageError>;
    /// Forgets a job and its key.
    fn delete(&self, job: &Job) -> Result<(), StorageError>;
    /// What a key stands for.
    fn key(&self, key: &str) -> Result<Option<UsedKey>, StorageError>;
    /// Records what a key stands for.
    fn save_key(&self, key: &str, used: &UsedKey) -> Result<(), StorageError>;
    /// How many jobs hold a lease.
    fn held(&self) -> Result<u32, StorageError>;
    /// How many jobs of that kind hold a lease.
    fn held_of(&self, kind: &Kind) -> Result<u32, StorageError>;
    /// How many jobs are in this state.
    fn count(&self, state: State) -> Result<u32, StorageError>;
    /// How many jobs are scheduled, queued, parked or retrying, counted up to `most`.
    fn waits(&self, most: u32) -> Result<u32, StorageError>;
    /// The parked job of the common line with the smallest (rank, id).
    fn best_parked(&self) -> Result<Option<Job>, StorageError>;
    /// Of each kind that has parked jobs in a line of its own, the one with the smallest (rank, id).
    fn best_of_kinds(&self) -> Result<Vec<Job>, StorageError>;
    /// How many jobs of its line come before this parked one.
    fn parked_before(&self, job: &Job) -> Result<u32, StorageError>;
    /// Of the jobs of the common line that come before this one, the kinds of the best, at most `limit`: how many of each.
    fn kinds_before(&self, job: &Job, limit: u32) -> Result<Vec<(Kind, u32)>, StorageError>;
    /// Jobs on their way that are due by `now`, or later than [`FAR`](crate::line::pause::FAR) from it; the earliest
    /// first, at most `limit`.
    fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError>;
    /// Jobs that were to have started by `now` and have not, the earliest first, at most `limit`.
    fn late(&self, now: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError>;
    /// Ended jobs whose retention counts from `by` or before, the earliest first, at most `limit`.
    fn ended(&self, by: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError>;
    /// Ended jobs whose retention counts from later than `after`, at most `limit`.
    fn ended_after(&self, after: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError>;
    /// From when the retention of the first ended job counts, and when the first sweep is due.
    fn first_ended(&self) -> Result<(Option<Timestamp>, Option<Timestamp>), StorageError>;
    /// Records that a job's artifacts must be deleted once more.
    fn save_sweep(&self, sweep: &Sweep) -> Result<(), StorageError>;
    /// What must be deleted once more, the earliest first, at most `limit`.
    fn sweeps(&self, limit: u32) -> Result<Vec<Sweep>, StorageError>;
    /// It was deleted once more.
    fn forget_sweep(&self, job_id: &JobId) -> Result<(), StorageError>;
    /// Records that the pool must hear that the job is gone, at the latest by then.
    fn save_gone(&self, gone: &Holding, due: Timestamp) -> Result<(), StorageError>;
    /// What the pool must hear by then, at most `limit`.
    fn gone(&self, now: Timestamp, limit: u32) -> Result<Vec<Holding>, StorageError>;
    /// The pool has heard it.
    fn forget_gone(&self, gone: &Holding) -> Result<(), StorageError>;
    /// Records what the list of failures must hear of a job, at the latest by then; an earlier word about it counts no more.
    fn save_word(&self, word: &Word, due: Timestamp) -> Result<(), StorageError>;
    /// What it must hear by then, at most `limit`.
    fn words(&self, now: Timestamp, limit: u32) -> Result<Vec<Word>, StorageError>;
    /// It has heard this very word.
    fn forget_word(&self, word: &Word) -> Result<(), StorageError>;
    /// When the next job on its way is due, or one that is gone, or a word; now, where that is later than
    /// [`FAR`](crate::line::pause::FAR). Or when the next job must have started.
    fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StorageError>;
    /// Jobs that have changed since, or, without a time, that have not ended; before `before`, newest first, at most `limit`.
    fn changed(
        &self,
        since: Option<Timestamp>,
        before: Option<&JobId>,
        limit: u32,
    ) -> Result<Vec<Job>, StorageError>;
    /// Jobs before `before`, newest first, at most `limit`.
    fn page(
        &self,
        state: Option<State>,
        series_id: Option<&SeriesId>,
        before: Option<&JobId>,
        limit: u32,
    ) -> Result<Vec<Job>, StorageError>;
}
