//! The pool learns of jobs: those that came, and those that are gone.

use super::{
    claim::Claim,
    command::{Reply, Tell},
    serve::finish,
    store::Store,
    turn::Pool,
};
use crate::{
    line::want::{Holding, Want},
    storage::StorageError,
};

pub(super) fn tell<S: Store>(pool: &mut Pool<'_, S>, tell: Tell) -> Result<Reply, StorageError> {
    for Holding { job_id, epoch } in &tell.gone {
        if let Some(claim) = pool.store.find(job_id)?
            && claim.epoch <= *epoch
        {
            pool.delete(&claim)?;
        }
    }
    for want in tell.wants {
        learn(pool, want, By::Gate)?;
    }
    if tell.ticketed {
        pool.desk.ticketing.follows(pool.now);
    }
    finish(pool, None)?;
    let out = pool.out();
    Ok(if out.is_empty() {
        Reply::Done
    } else {
        Reply::Told { out }
    })
}

/// Who tells of a job.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum By {
    /// Its gate, whose calls keep their order: its last word counts.
    Gate,
    /// A delivery that heard of it at the gate earlier. The gate may have told of another rank since.
    Delivery,
}

/// A job came, or came again, perhaps at another rank. A newer lease ends what the job had before.
pub(super) fn learn<S: Store>(
    pool: &mut Pool<'_, S>,
    want: Want,
    by: By,
) -> Result<(), StorageError> {
    if pool.bounds_nobody() {
        // A gate of the build before still tells, or a call comes late. In the line, the job would wait for nobody.
        if let Some(claim) = pool.store.find(want.job_id())? {
            pool.delete(&claim)?;
        }
        pool.effects.tickets.push(want.ticket);
        return Ok(());
    }
    if let Some(claim) = pool.store.find(want.job_id())? {
        let is_other_rank = claim.epoch == want.epoch() && claim.want != want;
        if claim.epoch < want.epoch() {
            pool.save(&claim, &Claim::waiting(want))?;
        } else if by == By::Gate && is_other_rank {
            // It keeps a slot that it has; given back, it has this rank.
            let moved = Claim {
                want,
                ..claim.clone()
            };
            pool.save(&claim, &moved)?;
        }
        return Ok(());
    }
    let is_newer = |claim: &Claim| claim.job_id() == want.job_id() && claim.epoch > want.epoch();
    if !pool.fresh.values().any(is_newer) {
        pool.fresh
            .retain(|_, claim| claim.job_id() != want.job_id());
        let (desk, config) = (&mut pool.desk, pool.config);
        desk.history.came(&want, config.priority_boost, pool.now);
        pool.fresh.insert(want.key(), Claim::waiting(want));
    }
    Ok(())
}
