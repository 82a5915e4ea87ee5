//! Another tier: what waits gets its limit, priority and rank in one turn; what runs goes on.

use super::{
    announce::announce,
    job::{Job, State},
    lease, open,
    store::Store,
    turn::Gate,
};
use crate::{domain::Rank, storage::StorageError};

/// Gives all jobs that have not ended the account's tier, and uses a limit that was raised, or gives way to one that was lowered.
pub(super) fn all<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    open::each(gate, reprice)?;
    lease::level(gate)
}

fn reprice<S: Store>(gate: &mut Gate<'_, S>, mut job: Job) -> Result<(), StorageError> {
    let of_user = gate.account.tier;
    let tier = job.lowered_to.map_or(of_user, |asked| asked.min(of_user));
    let priority = gate.config.tiers.of(tier).priority;
    if (job.tier, job.priority) == (tier, priority) {
        return Ok(());
    }
    job.tier = tier;
    job.priority = priority;
    job.rank = Rank::new(job.submitted_at, priority, gate.config.priority_boost);
    if job.state == State::Queued && gate.config.has_pool {
        job.sends = 0;
        announce(gate, &mut job);
    }
    gate.save(&job)
}
