//! What the list remembers, as small steps of a turn. [`SqlStore`](super::SqlStore) is the form on disk.

use super::{
    filter::Filter,
    run::Run,
    word::{Failed, Listed},
};
use crate::{
    domain::{JobId, ReplayId, Timestamp},
    storage::StorageError,
};

/// What the list remembers. Every method is one small step of a turn.
///
/// # Errors
/// Every method fails when the storage does, and then has changed nothing.
#[expect(clippy::missing_errors_doc, reason = "said once, for the trait")]
pub trait Store {
    /// A failed job.
    fn find(&self, job_id: &JobId) -> Result<Option<Listed>, StorageError>;
    /// Lists a failed job that is not there, under the next number.
    fn add(&self, failed: &Failed) -> Result<(), StorageError>;
    /// Takes it out.
    fn remove(&self, number: u32) -> Result<(), StorageError>;
    /// The greatest number that was ever given.
    fn last(&self) -> Result<u32, StorageError>;
    /// Up to which epoch it is remembered that a job's failures are gone.
    fn gone(&self, job_id: &JobId) -> Result<Option<u32>, StorageError>;
    /// Remembers it until then.
    fn save_gone(&self, job_id: &JobId, epoch: u32, until: Timestamp) -> Result<(), StorageError>;
    /// Forgets what is remembered until then or less long, at most `limit`.
    fn forget_gone(&self, by: Timestamp, limit: u32) -> Result<(), StorageError>;
    /// How many jobs are meant.
    fn count(&self, filter: &Filter) -> Result<u32, StorageError>;
    /// Those that are meant, after one number and up to another, the first of them, at most `limit`.
    fn page(
        &self,
        filter: &Filter,
        numbers: (u32, u32),
        limit: u32,
    ) -> Result<Vec<Listed>, StorageError>;
    /// A replay of many.
    fn run(&self, id: &ReplayId) -> Result<Option<Run>, StorageError>;
    /// All, newest first.
    fn runs(&self) -> Result<Vec<Run>, StorageError>;
    /// Records a replay of many, or a change of it.
    fn save_run(&self, run: &Run) -> Result<(), StorageError>;
    /// Forgets it.
    fn forget_run(&self, id: &ReplayId) -> Result<(), StorageError>;
    /// When the first of what is remembered as gone may be forgotten.
    fn first_gone(&self) -> Result<Option<Timestamp>, StorageError>;
}
