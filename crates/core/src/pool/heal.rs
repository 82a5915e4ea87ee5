//! Healing: what the alarm does. Early, late or twice, it only does what is due.

use super::{
    claim::{Claim, Hold},
    command::Reply,
    outages::Way,
    serve::finish,
    store::Store,
    ticketing::TICKET_WITHIN,
    turn::{DUE_MAX, Notice, Pool},
};
use crate::{config::PoolConfig, domain::Timestamp, storage::StorageError};

/// Does all that is due, and has the alarm ring for the next.
pub(super) fn wake<S: Store>(pool: &mut Pool<'_, S>) -> Result<Reply, StorageError> {
    for claim in pool.store.due(pool.now, DUE_MAX)? {
        match claim.hold {
            Hold::Given if pool.bounds_nobody() => {
                pool.delete(&claim)?;
                pool.effects.tickets.push(claim.want.ticket);
            }
            Hold::Given => {
                pool.save(&claim, &Claim::waiting(claim.want.clone()))?;
                pool.effects.notices.push((Notice::StartMissed, claim));
            }
            Hold::Held => {
                pool.delete(&claim)?;
                pool.effects.notices.push((Notice::SlotExpired, claim));
            }
            // Never due: a freed slot wakes it.
            Hold::Waiting => {}
        }
    }
    finish(pool, None)?;
    let next = pool.store.next_due(pool.now)?;
    pool.wake_by(next);
    Ok(Reply::Done)
}

/// When the alarm of a pool must ring next, from its rows alone: a claim is due, or a slot is free beside a line, and
/// perhaps nobody was called.
///
/// # Errors
/// When the store fails.
pub fn next_due(
    store: &impl Store,
    config: &PoolConfig,
    now: Timestamp,
) -> Result<Option<Timestamp>, StorageError> {
    let due = store.next_due(now)?;
    let is_full = config.capacity > 0 && store.held()? >= config.capacity;
    let outages = store.outages()?;
    let mut stages = outages.stages(Way::Open, now);
    stages.extend(outages.stages(Way::Trial, now));
    let may_call = !is_full && !store.best_in_line(&stages, 1)?.is_empty();
    let look = may_call.then(|| now.after(TICKET_WITHIN));
    let way = outages.next_change(now);
    Ok([due, look, way].into_iter().flatten().min())
}
