//! What can happen to a pool, in any order.

use super::jobs::offer;
use crate::arbitrary::tier;
use proptest::{prelude::*, sample::Index};
use queue_core::{domain::Tier, pool::command::Offer};

/// Deliveries at the same time.
pub const DELIVERIES: usize = 3;

#[derive(Clone, Debug)]
pub enum Step {
    /// A new job.
    Tell(Tier, u32, bool),
    /// A known one: as before, at another rank, or under its next lease.
    Again(Index, Tier, bool),
    /// A known one is gone, under its present lease or an older one.
    Gone(Index, bool),
    Exchange(usize, Talk),
    Listen(usize, Talk),
    /// The call of a delivery was open for too long.
    HangUp(usize),
    /// Another delivery comes in its place.
    Die(usize),
    Evict,
    Capacity(u32),
    Wake,
    Pass(u64),
}

#[derive(Clone, Debug)]
pub struct Talk {
    pub offer: Offer,
    /// What becomes of each of its jobs.
    pub jobs: u64,
    /// A job that it brings.
    pub brings: Option<Tier>,
    /// It says that its open call may have been answered.
    pub listens: bool,
    pub stays: bool,
    /// The answers of the turn do not arrive.
    pub is_lost: bool,
}

fn talk() -> impl Strategy<Value = Talk> {
    let lists = (0..5_u32, prop::sample::select(vec![0_i64, 2, 100]));
    let flags = any::<(bool, bool, bool, bool)>();
    let brings = prop::option::weighted(0.2, tier());
    let is_lost = prop::bool::weighted(0.15);
    (lists, flags, any::<u64>(), brings, is_lost).prop_map(
        |((places, room), (is_idle, is_spent, listens, stays), jobs, brings, is_lost)| Talk {
            offer: Offer {
                room,
                is_idle,
                is_spent,
                ..offer(places)
            },
            jobs,
            brings,
            listens,
            stays,
            is_lost,
        },
    )
}

pub fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    let delivery = || 0..DELIVERIES;
    prop_oneof![
        12 => (tier(), 0..4_u32, any::<bool>()).prop_map(|(tier, weight, ticketed)| Step::Tell(tier, weight, ticketed)),
        2 => (index(), tier(), any::<bool>()).prop_map(|(index, tier, next)| Step::Again(index, tier, next)),
        1 => (index(), any::<bool>()).prop_map(|(index, old)| Step::Gone(index, old)),
        12 => (delivery(), talk()).prop_map(|(delivery, talk)| Step::Exchange(delivery, talk)),
        8 => (delivery(), talk()).prop_map(|(delivery, talk)| Step::Listen(delivery, talk)),
        1 => delivery().prop_map(Step::HangUp),
        1 => delivery().prop_map(Step::Die),
        1 => Just(Step::Evict),
        1 => (1..6_u32).prop_map(Step::Capacity),
        2 => Just(Step::Wake),
        3 => prop_oneof![0..3_u64, 0..40_u64, 0..400_u64].prop_map(Step::Pass),
    ]
}
