//! What the pool remembers, as small steps of a turn. [`SqlStore`](super::SqlStore) is the form on disk.

use super::{claim::Claim, outages::Outages};
use crate::{
    domain::{JobId, Rank, Stage, Timestamp},
    storage::StorageError,
};

/// What the pool remembers. Every method is one small step of a turn.
///
/// # Errors
/// Every method fails when the storage does, and then has changed nothing.
#[expect(clippy::missing_errors_doc, reason = "said once, for the trait")]
pub trait Store {
    /// What every turn needs first: how many have a slot, and the best of the line at one of these stages. One step, since each costs.
    fn opening(&self, stages: &[Stage]) -> Result<(u32, Option<Claim>), StorageError> {
        Ok((self.held()?, self.best_in_line(stages, 1)?.pop()))
    }
    /// A claim.
    fn find(&self, job_id: &JobId) -> Result<Option<Claim>, StorageError>;
    /// Records a new claim.
    fn insert(&self, claim: &Claim) -> Result<(), StorageError>;
    /// Records a change of a claim.
    fn save(&self, claim: &Claim) -> Result<(), StorageError>;
    /// Forgets a claim.
    fn delete(&self, job_id: &JobId) -> Result<(), StorageError>;
    /// How many have a slot.
    fn held(&self) -> Result<u32, StorageError>;
    /// The claims that were given to that delivery and that it has not confirmed, by id.
    fn given_to(&self, delivery: &str) -> Result<Vec<Claim>, StorageError>;
    /// The claims in line at one of these stages with the smallest (rank, id), the best first, at most `limit`.
    fn best_in_line(&self, stages: &[Stage], limit: u32) -> Result<Vec<Claim>, StorageError>;
    /// The claims in line at one of these stages that come before that place, the best first, at most `limit`.
    fn line_before(
        &self,
        stages: &[Stage],
        place: &(Rank, JobId),
        limit: u32,
    ) -> Result<Vec<Claim>, StorageError>;
    /// The claims that have a slot, at most `limit`.
    fn running(&self, limit: u32) -> Result<Vec<Claim>, StorageError>;
    /// How many claims in line come before that place, counted up to
    /// [`POSITION_MAX`](crate::line::POSITION_MAX).
    fn ahead_of(&self, place: &(Rank, JobId)) -> Result<u32, StorageError>;
    /// How many claims are in line, counted up to `most`.
    fn waiting(&self, most: u32) -> Result<u32, StorageError>;
    /// Claims with a slot that are due, the earliest first, at most `limit`.
    fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Claim>, StorageError>;
    /// What holds stages back.
    fn outages(&self) -> Result<Outages, StorageError>;
    /// Records that.
    fn save_outages(&self, outages: &Outages) -> Result<(), StorageError>;
    /// When the next claim with a slot is due; now, where that is later than [`FAR`](crate::line::pause::FAR).
    fn next_due(&self, now: Timestamp) -> Result<Option<Timestamp>, StorageError>;
}
