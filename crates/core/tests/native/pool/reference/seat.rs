//! A delivery as the reference knows it: where it can take jobs, and what it was given.

use queue_core::{
    domain::{JobId, Tier, Timestamp},
    line::want::Want,
    pool::command::Offer,
};
use std::{collections::BTreeMap, time::Duration};

const BACK_WITHIN: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
pub struct Seat {
    pub name: String,
    pub(super) began: Timestamp,
    pub(super) seen: Timestamp,
    pub(super) has_left: bool,
    pub(super) offer: Offer,
    pub listens: bool,
    pub(super) back_by: Option<Timestamp>,
    /// What it was given and has not spoken of.
    pub(super) unsettled: BTreeMap<JobId, u32>,
    /// Of these, what its open calls were answered with.
    pub(super) answered: Vec<Want>,
    /// Tiers of the jobs for which it has a place kept until its next call.
    pub(super) reserved: Vec<Tier>,
}

impl Seat {
    pub fn fits(&self, want: &Want) -> bool {
        let room = self.offer.room >= i64::from(want.weight());
        self.offer.places > 0 && (room || self.offer.is_idle)
    }

    pub(super) fn fill(&mut self, want: &Want) {
        self.offer.places = self.offer.places.saturating_sub(1);
        self.offer.room -= i64::from(want.weight());
        self.offer.is_idle = false;
        self.unsettled.insert(want.job_id().clone(), want.epoch());
    }

    /// Its call is over; whoever has a free place is expected back.
    pub(super) fn goes(&mut self, now: Timestamp) {
        self.listens = false;
        self.expect(now);
    }

    pub(super) fn expect(&mut self, now: Timestamp) {
        let back_by = now.after(BACK_WITHIN);
        self.back_by = (self.offer.places > 0).then_some(back_by);
    }

    pub(super) fn is_back_at(&self, now: Timestamp) -> bool {
        self.back_by.is_some_and(|back_by| now < back_by)
    }
}
