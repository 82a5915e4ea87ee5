//! Who is there to take work: the deliveries under way, and what each has room for.
//!
//! All of it is in memory, together with what saves reading the rows. It speaks of open calls and of what travels, and it
//! is never needed for a promise: after an eviction the deliveries call again, and a ticket is sent too many at the most.

use super::{
    command::{Listen, Offer},
    history::History,
    known::Known,
    seat::{OfTier, Room, Seat},
    ticketing::Ticketing,
    watch::Watch,
};
use crate::{
    domain::{JobId, Timestamp},
    line::want::{Holding, Want},
};
use std::{collections::BTreeMap, time::Duration};

/// How long a delivery may take to come back after an answer that leaves it a free place.
const BACK_WITHIN: Duration = Duration::from_secs(1);

/// A delivery that was silent for so long is gone: no invocation lasts longer (Queues limits: 15 minutes).
const SILENT_MAX: Duration = Duration::from_mins(20);

/// How long a delivery that left is remembered: a call of its own may arrive later.
const LEFT_MAX: Duration = Duration::from_mins(1);

/// How long a delivery that yielded in vain keeps others from it: then the queue may have learnt better.
const YIELD_PAUSE: Duration = Duration::from_mins(10);

/// The deliveries under way.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Desk {
    seats: BTreeMap<String, Seat>,
    pub(super) ticketing: Ticketing,
    /// How many deliveries there were when one yielded last, and when.
    yielded: Option<(usize, Timestamp)>,
    /// How the rows stood after the latest turn, to save reading them.
    pub(super) rows: Option<Known>,
    /// Faults and successes.
    pub(super) watch: Watch,
    /// What came and ended lately, for estimates.
    pub(super) history: History,
}

impl Desk {
    /// The latest turn was not kept: what is known of the rows does not hold.
    pub fn forget_rows(&mut self) {
        self.rows = None;
    }

    /// The open call of that delivery ends without work; whether there is one.
    pub fn hang_up(&mut self, delivery: &str, now: Timestamp) -> bool {
        let Some(seat) = self.seats.get_mut(delivery).filter(|seat| seat.listens) else {
            return false;
        };
        seat.listens = false;
        seat.back_by = (seat.room.places > 0).then(|| now.after(BACK_WITHIN));
        true
    }

    /// Whether a call of that delivery is open.
    #[must_use]
    pub fn listens(&self, delivery: &str) -> bool {
        self.seats.get(delivery).is_some_and(|seat| seat.listens)
    }

    /// Whether an open call could be answered with such a job.
    #[must_use]
    pub fn has_place(&self, weight: u32) -> bool {
        let mut seats = self.seats.values();
        seats.any(|seat| seat.listens && seat.room.fits(weight))
    }

    /// Whether that delivery may have been given jobs that it does not have: not if all that it was given is known
    /// here, and it has it or has spoken of it since.
    pub(super) fn may_miss(&self, delivery: &str, is_first: bool, offer: &Offer) -> bool {
        let Some(seat) = self.seats.get(delivery) else {
            return !is_first;
        };
        let mut unsettled = seat.unsettled.iter();
        unsettled.any(|(job_id, epoch)| {
            let comes = seat.answered.get(job_id);
            let comes = comes.is_some_and(|coming| coming.epoch() >= *epoch);
            !comes && !offer.has(job_id, *epoch)
        })
    }

    /// What an open call of that delivery was answered with, and it has not got yet, if it `listens` still.
    pub(super) fn on_the_way(
        &mut self,
        delivery: &str,
        listens: bool,
        offer: &Offer,
    ) -> BTreeMap<JobId, Want> {
        let Some(seat) = self.seats.get_mut(delivery) else {
            return BTreeMap::new();
        };
        seat.answered
            .retain(|job_id, want| listens && !offer.has(job_id, want.epoch()));
        seat.answered.clone()
    }

    /// A delivery says of a job that it was given that it runs, or gives it up; of a newer lease, that says nothing.
    pub(super) fn speaks(&mut self, delivery: &str, Holding { job_id, epoch }: &Holding) {
        let Some(seat) = self.seats.get_mut(delivery) else {
            return;
        };
        if seat.unsettled.get(job_id).is_some_and(|of| of <= epoch) {
            seat.unsettled.remove(job_id);
        }
        if seat
            .answered
            .get(job_id)
            .is_some_and(|of| of.epoch() <= *epoch)
        {
            seat.answered.remove(job_id);
        }
    }

    /// Whether a later call of that delivery came before this one.
    pub(super) fn is_late(&self, call: &Listen) -> bool {
        let seat = self.seats.get(&call.delivery);
        seat.is_some_and(|seat| call.call < seat.call)
    }

    /// A delivery calls. What it is given `again`, and what is `on_the_way` to it, take places.
    pub(super) fn sit(
        &mut self,
        now: Timestamp,
        call: &Listen,
        again: &[Want],
        on_the_way: &BTreeMap<JobId, Want>,
    ) {
        self.seats.retain(|_, seat| {
            let kept = if seat.has_left { LEFT_MAX } else { SILENT_MAX };
            now <= seat.seen.after(kept)
        });
        let seat = self.seats.entry(call.delivery.clone());
        let seat = seat.or_insert_with(|| Seat::new(call.began));
        seat.seen = now;
        seat.call = call.call;
        seat.has_left = false;
        seat.room = Room::of(&call.offer);
        seat.taken = OfTier::default();
        seat.back_by = None;
        for want in again.iter().chain(on_the_way.values()) {
            seat.room = seat.room.less(want.weight());
            // These answers may be lost, too.
            seat.unsettled.insert(want.job_id().clone(), want.epoch());
        }
        seat.answered.clone_from(on_the_way);
    }

    /// It called to wait for work: the call stays open, or not. One that was open before was cut off.
    pub(super) fn listen(&mut self, delivery: &str, stays_open: bool) {
        if let Some(seat) = self.seats.get_mut(delivery) {
            seat.listens = stays_open;
        }
    }

    /// It is gone.
    pub(super) fn leave(&mut self, delivery: &str) {
        if let Some(seat) = self.seats.get_mut(delivery) {
            seat.has_left = true;
            seat.listens = false;
            seat.room = Room::NONE;
            seat.back_by = None;
        }
    }

    /// Has the best of the line taken by who has a place for it: those within their budget first, then who calls just
    /// now, then the youngest. `None` where nobody can.
    pub(super) fn place(
        &mut self,
        want: &Want,
        caller: Option<&str>,
        batch_sizes: OfTier,
    ) -> Option<String> {
        let is_caller = |name: &str| caller == Some(name);
        let free = |(name, seat): &(&String, &mut Seat)| {
            (seat.listens || is_caller(name)) && seat.has_place(want, batch_sizes)
        };
        let order = |(name, seat): &(&String, &mut Seat)| {
            (
                !seat.room.is_spent,
                is_caller(name),
                seat.began,
                (*name).clone(),
            )
        };
        let (name, seat) = self.seats.iter_mut().filter(free).max_by_key(order)?;
        seat.take(want);
        if !is_caller(name) {
            seat.answered.insert(want.job_id().clone(), want.clone());
        }
        seat.given.push(want.clone());
        Some(name.clone())
    }

    /// Keeps a place for a job that has just come, where a delivery within its budget is on its way back: it gets the job
    /// with its next call. So the job needs no row in the line. `None` where nobody is.
    pub(super) fn reserve(
        &mut self,
        now: Timestamp,
        want: &Want,
        batch_sizes: OfTier,
    ) -> Option<String> {
        let comes = |(_, seat): &(&String, &mut Seat)| {
            seat.back_by.is_some_and(|back_by| now < back_by)
                && !seat.room.is_spent
                && seat.has_place(want, batch_sizes)
        };
        let youngest = |(name, seat): &(&String, &mut Seat)| (seat.began, (*name).clone());
        let (name, seat) = self.seats.iter_mut().filter(comes).max_by_key(youngest)?;
        seat.take(want);
        Some(name.clone())
    }

    /// What this turn gave to each; their calls are answered, and who has a place left will be back.
    pub(super) fn answers(
        &mut self,
        now: Timestamp,
        caller: Option<&str>,
    ) -> Vec<(String, Vec<Want>)> {
        let mut answers = Vec::new();
        for (name, seat) in &mut self.seats {
            let is_caller = caller == Some(name.as_str());
            if !is_caller && seat.given.is_empty() {
                continue;
            }
            seat.taken = OfTier::default();
            if seat.room.places > 0 {
                seat.back_by = Some(now.after(BACK_WITHIN));
            }
            if !is_caller {
                seat.listens = false;
                answers.push((name.clone(), std::mem::take(&mut seat.given)));
            }
        }
        answers
    }

    /// What this turn gave to who called.
    pub(super) fn given(&mut self, delivery: &str) -> Vec<Want> {
        let seat = self.seats.get_mut(delivery);
        seat.map(|seat| std::mem::take(&mut seat.given))
            .unwrap_or_default()
    }

    /// By when somebody with a free place for such a job is expected back, if anybody is.
    pub(super) fn expected(&self, now: Timestamp, weight: u32) -> Option<Timestamp> {
        let fitting = self.seats.values().filter(|seat| seat.room.fits(weight));
        let back_by = fitting.filter_map(|seat| seat.back_by);
        back_by.filter(|back_by| now < *back_by).max()
    }

    /// Slots are free, jobs wait, and nobody has a place: whether that delivery, which has none left, shall end soon,
    /// so that the queue adds a consumer. It does so only after a delivery has ended (Queues, "Consumer concurrency").
    pub(super) fn yields(&mut self, now: Timestamp, delivery: &str) -> bool {
        const YOUNG: Duration = Duration::from_secs(1);
        let is_old = self.seats.get(delivery).is_some_and(|seat| {
            seat.room.places == 0 && !seat.room.is_spent && now > seat.began.after(YOUNG)
        });
        let there = self.seats.values().filter(|seat| !seat.has_left).count();
        let is_in_vain = self
            .yielded
            .is_some_and(|(before, at)| there <= before && now < at.after(YIELD_PAUSE));
        if !is_old || is_in_vain {
            return false;
        }
        self.yielded = Some((there, now));
        true
    }
}
