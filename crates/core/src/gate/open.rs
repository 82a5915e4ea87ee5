//! The jobs of a user that have not ended.

use super::{
    job::{Job, State},
    store::Store,
    turn::Gate,
};
use crate::storage::StorageError;

/// Jobs read at a time: a gate may hold tens of thousands, and an object has 128 MB.
const PAGE: u32 = 500;

const STATES: [State; 4] = [
    State::Queued,
    State::Parked,
    State::Running,
    State::Retrying,
];

/// Visits each of them, state by state, newest first. A visit may save or end its job.
pub(super) fn each<S: Store>(
    gate: &mut Gate<'_, S>,
    mut visit: impl FnMut(&mut Gate<'_, S>, Job) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    for state in STATES {
        let mut before = None;
        loop {
            let page = gate.store.page(Some(state), None, before.as_ref(), PAGE)?;
            let Some(last) = page.last() else { break };
            before = Some(last.job_id.clone());
            for job in page {
                visit(gate, job)?;
            }
        }
    }
    Ok(())
}
