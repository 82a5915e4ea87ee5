//! Another tier: what waits gets its limit, priority and rank in one turn; what runs goes on.

use super::{command::Reply, job::State, store::Store, turn::Gate};
use crate::{
    domain::{Rank, Tier},
    storage::StorageError,
};

/// Jobs read at a time: a gate may hold tens of thousands, and an object has 128 MB.
const PAGE: u32 = 500;

/// The states of a job that goes on.
pub(super) const OPEN: [State; 4] = [
    State::Queued,
    State::Parked,
    State::Running,
    State::Retrying,
];

/// Gives the user another tier, unless a plan does. A lowered limit lets the running finish and admits none above it; the pool
/// is told of each new rank.
pub(super) fn set_tier<S: Store>(
    gate: &mut Gate<'_, S>,
    tier: Tier,
) -> Result<Reply, StorageError> {
    // A plan's word is above everybody's.
    if gate.account.plan.is_some() || gate.account.erasing.is_some() {
        return Ok(Reply::Repriced { jobs: 0 });
    }
    gate.account.tier = tier;
    gate.account.stated = true;
    gate.save_account()?;
    let jobs = all(gate)?;
    Ok(Reply::Repriced { jobs })
}

/// Gives all jobs that have not ended the account's tier, and uses a limit that was raised, or gives way to one that was lowered.
pub(super) fn all<S: Store>(gate: &mut Gate<'_, S>) -> Result<u32, StorageError> {
    let mut repriced = 0_u32;
    for state in OPEN {
        repriced = repriced.saturating_add(reprice(gate, state)?);
    }
    gate.level()?;
    Ok(repriced)
}

fn reprice<S: Store>(gate: &mut Gate<'_, S>, state: State) -> Result<u32, StorageError> {
    let of_user = gate.account.tier;
    let (mut before, mut repriced) = (None, 0_u32);
    loop {
        let page = gate.store.page(Some(state), None, before.as_ref(), PAGE)?;
        let Some(last) = page.last() else {
            return Ok(repriced);
        };
        before = Some(last.job_id.clone());
        for mut job in page {
            let tier = job.lowered_to.map_or(of_user, |asked| asked.min(of_user));
            let priority = gate.config.tiers.of(tier).priority;
            if (job.tier, job.priority) != (tier, priority) {
                job.tier = tier;
                job.priority = priority;
                job.rank = Rank::new(job.submitted_at, priority, gate.config.priority_boost);
                if state == State::Queued && gate.config.has_pool {
                    job.sends = 0;
                    gate.announce(&mut job);
                }
                gate.save(&job)?;
                repriced = repriced.saturating_add(1);
            }
        }
    }
}
