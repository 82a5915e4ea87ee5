//! Work on all jobs of a user, in slices: one a turn, since there may be tens of thousands, and a turn keeps every other
//! call waiting. The account remembers how far it has come, so a walk survives whatever happens in between.
//!
//! Until it is done, no parked job is granted a lease: the best one may be among those that were not visited yet.

use super::{
    account::Walk,
    job::{Job, State},
    lease,
    store::Store,
    turn::Gate,
};
use crate::storage::StorageError;

/// Jobs visited in one turn. Natively, with 10,000 jobs of 256 KiB, the longest turn of a new tier took 11 ms, and the
/// longest of a deletion 23 ms (2026-11-27, two cores of which one was busy, the ignored test `measure_slices`, release
/// build); on workerd it was not measured.
pub(super) const SLICE: u32 = 200;

/// What is done with each job.
pub(super) type Visit<S> = fn(&mut Gate<'_, S>, Job) -> Result<(), StorageError>;

/// Which jobs are visited, state by state. A job that waits for its time or its next attempt may become a parked one meanwhile,
/// and no other way leads back, so none is missed.
pub(super) type Route = &'static [Option<State>];

/// Begins anew: visits all jobs that hold a lease now, and the first slice of the others.
pub(super) fn begin<S: Store>(
    gate: &mut Gate<'_, S>,
    route: Route,
    visit: Visit<S>,
) -> Result<(), StorageError> {
    for state in [State::Queued, State::Running] {
        for job in gate.store.page(Some(state), None, None, lease::HELD_MAX)? {
            visit(gate, job)?;
        }
    }
    gate.account.walk = route.first().map(|state| Walk {
        state: *state,
        before: None,
    });
    go_on(gate, route, visit)
}

/// Visits the next slice, if a walk is under way. The last one hands over the leases that are free.
pub(super) fn go_on<S: Store>(
    gate: &mut Gate<'_, S>,
    route: Route,
    visit: Visit<S>,
) -> Result<(), StorageError> {
    if gate.account.walk.is_none() {
        return lease::level(gate);
    }
    let mut left = SLICE;
    while let Some(mut walk) = gate.account.walk.take() {
        let before = walk.before.as_ref();
        let page = gate.store.page(walk.state, None, before, left)?;
        left -= u32::try_from(page.len()).unwrap_or(left).min(left);
        for job in page {
            walk.before = Some(job.job_id.clone());
            visit(gate, job)?;
        }
        if left == 0 {
            gate.account.walk = Some(walk);
            gate.wake_by(Some(gate.now));
            gate.save_account()?;
            // A lowered limit holds at once.
            return lease::shed(gate);
        }
        let mut rest = route.iter().skip_while(|state| **state != walk.state);
        gate.account.walk = rest.nth(1).map(|state| Walk {
            state: *state,
            before: None,
        });
    }
    gate.save_account()?;
    lease::level(gate)
}
