//! Jobs as a pool knows them, and room for them.

use queue_core::{
    domain::{JobId, Rank, Tier},
    line::want::{Holding, Want},
    pool::command::Offer,
};

/// More than any job weighs here.
const ROOM: i64 = 1_000_000;

/// Room for so many jobs, where others run already.
pub fn offer(places: u32) -> Offer {
    Offer {
        places,
        room: ROOM,
        is_idle: false,
        is_spent: false,
        has: Vec::new(),
    }
}

/// As many places as anybody needs, and room for jobs of that weight.
pub fn roomy(room: i64) -> Offer {
    Offer { room, ..offer(9) }
}

/// Places of a delivery that is past its budget.
pub fn spent(places: u32) -> Offer {
    Offer {
        is_spent: true,
        ..offer(places)
    }
}

pub fn ids(wants: &[Want]) -> Vec<JobId> {
    wants.iter().map(|want| want.job_id().clone()).collect()
}

/// That one job.
pub fn only(want: &Want) -> Vec<JobId> {
    vec![want.job_id().clone()]
}

/// The job once it has started.
pub fn started(want: &Want) -> Holding {
    Holding {
        epoch: want.epoch() + 1,
        ..want.holding()
    }
}

/// The same job under a later lease.
pub fn next_lease(want: &Want) -> Want {
    let mut next = want.clone();
    next.ticket.epoch = Some(want.epoch() + 2);
    next
}

/// The same job at the rank of another tier.
pub fn repriced(want: &Want, tier: Tier) -> Want {
    let config = testkit::defaults().gate;
    let mut want = want.clone();
    want.ticket.tier = tier;
    want.ticket.priority = config.tiers.of(tier).priority;
    want.rank = Rank::new(
        want.ticket.submitted_at,
        want.ticket.priority,
        config.priority_boost,
    );
    want
}

pub fn weighing(weight: u32, want: Want) -> Want {
    let mut want = want;
    want.ticket.weight = Some(weight);
    want
}
