//! What bounds a job: the limit of its user, or that of its kind.

use super::{job::Job, store::Store, turn::Gate};
use crate::storage::StorageError;

/// A limit, and how many jobs hold a lease under it.
pub(super) struct Bound {
    pub(super) active: u32,
    pub(super) limit: u32,
    /// It is that of a kind.
    pub(super) by_kind: bool,
}

/// What the job waits for: the limit of its kind, if that is used up, or else the user's.
pub(super) fn bound<S: Store>(gate: &mut Gate<'_, S>, job: &Job) -> Result<Bound, StorageError> {
    if let Some(limit) = gate.config.kinds.limit(&job.kind) {
        let active = gate.store.held_of(&job.kind)?;
        if active >= limit {
            return Ok(Bound {
                active,
                limit,
                by_kind: true,
            });
        }
    }
    bound_of_user(gate)
}

/// The user's limit.
pub(super) fn bound_of_user<S: Store>(gate: &mut Gate<'_, S>) -> Result<Bound, StorageError> {
    Ok(Bound {
        active: gate.counts()?.held,
        limit: gate.limit(),
        by_kind: false,
    })
}
