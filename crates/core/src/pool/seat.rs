//! A delivery as the pool knows it: what it has room for, and what it was given.

use super::command::Offer;
use crate::{
    domain::{JobId, Tier, Timestamp},
    line::want::Want,
};
use std::collections::BTreeMap;

/// For each tier, how many jobs.
pub(super) type OfTier = [u32; Tier::ALL.len()];

/// What a delivery can take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Room {
    /// Free places.
    pub(super) places: u32,
    /// What the jobs for them may weigh together.
    weight: i64,
    /// It takes one job of any weight.
    is_idle: bool,
    /// It takes only what no other has a place for.
    pub(super) is_spent: bool,
}

impl Room {
    pub(super) const NONE: Self = Self {
        places: 0,
        weight: 0,
        is_idle: false,
        is_spent: true,
    };

    pub(super) const fn of(offer: &Offer) -> Self {
        Self {
            places: offer.places,
            weight: offer.room,
            is_idle: offer.is_idle,
            is_spent: offer.is_spent,
        }
    }

    pub(super) fn fits(self, weight: u32) -> bool {
        self.places > 0 && (self.weight >= i64::from(weight) || self.is_idle)
    }

    /// What is left after a job.
    pub(super) fn less(self, weight: u32) -> Self {
        Self {
            places: self.places.saturating_sub(1),
            weight: self.weight.saturating_sub(i64::from(weight)),
            is_idle: false,
            ..self
        }
    }
}

/// A delivery that called.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Seat {
    pub(super) began: Timestamp,
    pub(super) seen: Timestamp,
    /// Its latest call.
    pub(super) call: u32,
    /// It is gone.
    pub(super) has_left: bool,
    pub(super) room: Room,
    /// Its call is open.
    pub(super) listens: bool,
    /// It was answered, has a free place, and is expected back until then.
    pub(super) back_by: Option<Timestamp>,
    /// What it was given and has not spoken of since, and under which leases.
    pub(super) unsettled: BTreeMap<JobId, u32>,
    /// Of these, what its open calls were answered with.
    pub(super) answered: BTreeMap<JobId, Want>,
    /// Jobs of each tier that this turn gave it, or that have a place kept since its latest call.
    pub(super) taken: OfTier,
    /// What this turn gave it.
    pub(super) given: Vec<Want>,
}

impl Seat {
    pub(super) const fn new(began: Timestamp) -> Self {
        Self {
            began,
            seen: began,
            call: 0,
            has_left: false,
            room: Room::NONE,
            listens: false,
            back_by: None,
            unsettled: BTreeMap::new(),
            answered: BTreeMap::new(),
            taken: [0; Tier::ALL.len()],
            given: Vec::new(),
        }
    }

    /// Whether it has a place for the job, within the batch size of the job's tier.
    pub(super) fn has_place(&self, want: &Want, batch_sizes: OfTier) -> bool {
        let tier = want.ticket.tier as usize;
        self.taken[tier] < batch_sizes[tier] && self.room.fits(want.weight())
    }

    /// The job takes a place.
    pub(super) fn take(&mut self, want: &Want) {
        self.room = self.room.less(want.weight());
        self.taken[want.ticket.tier as usize] += 1;
        self.unsettled.insert(want.job_id().clone(), want.epoch());
    }
}
