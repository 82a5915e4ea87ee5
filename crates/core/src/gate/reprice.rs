//! Another tier: what waits gets its limit, priority and rank; what runs goes on.

use super::{
    announce::{announce, ticket},
    job::{Job, State},
    store::Store,
    turn::Gate,
    walk,
};
use crate::{
    domain::{Rank, Tier},
    storage::StorageError,
};

const ROUTE: walk::Route = &[
    Some(State::Scheduled),
    Some(State::Retrying),
    Some(State::Parked),
];

/// Gives all jobs that have not ended the account's tier, and uses a limit that was raised, or gives way to one that was
/// lowered.
pub(super) fn all<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    walk::begin(gate, ROUTE, reprice)
}

/// The next slice.
pub(super) fn go_on<S: Store>(gate: &mut Gate<'_, S>) -> Result<(), StorageError> {
    walk::go_on(gate, ROUTE, reprice)
}

fn reprice<S: Store>(gate: &mut Gate<'_, S>, mut job: Job) -> Result<(), StorageError> {
    if !price(gate, &mut job) {
        return Ok(());
    }
    if job.state == State::Queued {
        if gate.config.has_pool && job.sends > 0 {
            job.sends = 0;
            announce(gate, &mut job);
        } else if !gate.config.has_pool {
            renew_ticket(gate, &job);
        }
    }
    gate.save(&mut job)
}

/// Gives the job the account's tier, or what it asked for below that. Says whether that is another.
fn price<S>(gate: &Gate<'_, S>, job: &mut Job) -> bool {
    let of_user = gate.account.tier;
    let tier = job.lowered_to.map_or(of_user, |asked| asked.min(of_user));
    put(gate, job, tier)
}

fn put<S>(gate: &Gate<'_, S>, job: &mut Job, tier: Tier) -> bool {
    let priority = gate.config.tiers.of(tier).priority;
    if (job.tier, job.priority) == (tier, priority) {
        return false;
    }
    job.tier = tier;
    job.priority = priority;
    job.rank = rank(gate, job);
    true
}

fn rank<S>(gate: &Gate<'_, S>, job: &Job) -> Rank {
    Rank::new(job.age_from(), job.priority, gate.config.priority_boost)
}

/// A job that had ended, and whose user's plan was perhaps another then, has its place again. Where no plan is known, who has
/// it replayed may state no tier above `ceiling`.
pub(super) fn age<S>(gate: &Gate<'_, S>, job: &mut Job, ceiling: Option<Tier>) {
    let is_priced = if gate.account.plan.is_some() {
        price(gate, job)
    } else {
        let tier = ceiling.map_or(job.tier, |ceiling| job.tier.min(ceiling));
        tier != job.tier && put(gate, job, tier)
    };
    if !is_priced && job.past.aged_from.is_some() {
        job.rank = rank(gate, job);
    }
}

/// A ticket that this very turn sends says what the job is now.
fn renew_ticket<S: Store>(gate: &mut Gate<'_, S>, job: &Job) {
    let renewed = ticket(gate, job);
    let mut tickets = gate.effects.tickets.iter_mut();
    if let Some(sent) = tickets.find(|sent| sent.job_id == job.job_id) {
        *sent = renewed;
    }
}
