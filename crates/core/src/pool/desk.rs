//! Who is there to take work: the deliveries under way, and what each has room for.
//!
//! All of it is in memory, together with what saves reading the rows. It speaks of open calls and of what travels, and it
//! is never needed for a promise: after an eviction the deliveries call again, and a ticket is sent too many at the most.

use super::claim::Claim;
use crate::{
    domain::{JobId, Tier, Timestamp},
    line::want::Want,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// How long a delivery may take to come back after an answer that leaves it a free place.
const BACK_WITHIN: Duration = Duration::from_secs(1);

/// A delivery that was silent for so long is gone: no invocation lasts longer (Queues limits: 15 minutes).
const SILENT_MAX: Duration = Duration::from_mins(20);

/// How long a delivery that left is remembered: a call of its own may arrive later.
const LEFT_MAX: Duration = Duration::from_mins(1);

/// How long a ticket may take to bring a delivery before another is sent; doubles up to [`TICKET_MAX`].
pub(super) const TICKET_WITHIN: Duration = Duration::from_secs(10);

/// Longest pause between two tickets while nobody comes.
const TICKET_MAX: Duration = Duration::from_mins(1);

/// How long a delivery that yielded in vain keeps others from it: then the queue may have learnt better.
const YIELD_PAUSE: Duration = Duration::from_mins(10);

/// What a delivery can take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Room {
    /// Free places.
    pub(super) places: u32,
    /// What the jobs for them may weigh together.
    pub(super) weight: i64,
    /// It takes one job of any weight.
    pub(super) is_idle: bool,
    /// It takes only what no other has a place for.
    pub(super) is_spent: bool,
}

impl Room {
    const NONE: Self = Self {
        places: 0,
        weight: 0,
        is_idle: false,
        is_spent: true,
    };

    const fn fits(self, weight: i64) -> bool {
        self.places > 0 && (self.weight >= weight || self.is_idle)
    }

    /// What is left after a job.
    const fn less(self, weight: i64) -> Self {
        Self {
            places: self.places.saturating_sub(1),
            weight: self.weight.saturating_sub(weight),
            is_idle: false,
            ..self
        }
    }
}

/// A delivery as the pool knows it.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Seat {
    began: Timestamp,
    seen: Timestamp,
    /// Its latest call.
    call: u32,
    /// It is gone.
    has_left: bool,
    room: Room,
    /// Its call is open.
    listens: bool,
    /// It was answered, has a free place, and is expected back until then.
    back_by: Option<Timestamp>,
    /// What it was given and has not spoken of since.
    unsettled: BTreeSet<JobId>,
    /// Of these, what its open calls were answered with, and the weights.
    answered: BTreeMap<JobId, u32>,
    /// Jobs of each tier that this turn gave it, or that have a place kept since its latest call.
    taken: [u32; Tier::ALL.len()],
    /// What this turn gave it.
    given: Vec<Want>,
}

/// A ticket that is to bring a delivery.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Ticketed {
    until: Timestamp,
    times: u32,
}

/// What is known of the line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Line {
    /// Its best.
    Best(Option<Claim>),
    /// It has changed since that was known.
    Changed,
}

/// The deliveries under way.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Desk {
    seats: BTreeMap<String, Seat>,
    ticketed: Option<Ticketed>,
    /// How many deliveries there were when one yielded last, and when.
    yielded: Option<(usize, Timestamp)>,
    /// How the rows stood after the latest turn, to save reading them.
    pub(super) rows: Option<(u32, Line)>,
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
        seats.any(|seat| seat.listens && seat.room.fits(i64::from(weight)))
    }

    /// Whether that delivery may have been given jobs that it does not have: not if all that it was given is known
    /// here, and it has it or has spoken of it since.
    pub(super) fn may_miss(
        &self,
        delivery: &str,
        is_first: bool,
        has: &[JobId],
        on_the_way: &BTreeMap<JobId, u32>,
    ) -> bool {
        match self.seats.get(delivery) {
            Some(seat) => seat
                .unsettled
                .iter()
                .any(|job_id| !has.contains(job_id) && !on_the_way.contains_key(job_id)),
            None => !is_first,
        }
    }

    /// What an open call of that delivery was answered with, and it has not got yet, if it `listens` still.
    pub(super) fn on_the_way(
        &mut self,
        delivery: &str,
        listens: bool,
        has: &[JobId],
    ) -> BTreeMap<JobId, u32> {
        let Some(seat) = self.seats.get_mut(delivery) else {
            return BTreeMap::new();
        };
        seat.answered
            .retain(|job_id, _| listens && !has.contains(job_id));
        seat.answered.clone()
    }

    /// A delivery says of a job that it was given that it runs, or gives it up.
    pub(super) fn speaks(&mut self, delivery: &str, job_id: &JobId) {
        if let Some(seat) = self.seats.get_mut(delivery) {
            seat.unsettled.remove(job_id);
            seat.answered.remove(job_id);
        }
    }

    /// Whether a later call of that delivery came before this one.
    pub(super) fn is_late(&self, delivery: &str, call: u32) -> bool {
        self.seats
            .get(delivery)
            .is_some_and(|seat| call < seat.call)
    }

    /// A delivery calls, and can take so much, together with what it is given `again`.
    pub(super) fn sit(
        &mut self,
        now: Timestamp,
        (delivery, began, call): (&str, Timestamp, u32),
        can_take: Room,
        again: &[Want],
    ) {
        let room = again
            .iter()
            .fold(can_take, |room, want| room.less(i64::from(want.weight())));
        self.seats.retain(|_, seat| {
            let kept = if seat.has_left { LEFT_MAX } else { SILENT_MAX };
            now <= seat.seen.after(kept)
        });
        let seat = self
            .seats
            .entry(delivery.to_owned())
            .or_insert_with(|| Seat {
                began,
                seen: now,
                call,
                has_left: false,
                room,
                listens: false,
                back_by: None,
                unsettled: BTreeSet::new(),
                answered: BTreeMap::new(),
                taken: [0; Tier::ALL.len()],
                given: Vec::new(),
            });
        seat.seen = now;
        seat.call = call;
        seat.has_left = false;
        seat.room = room;
        seat.taken = [0; Tier::ALL.len()];
        seat.back_by = None;
        // This answer may be lost, too.
        let again = again.iter().map(|want| want.job_id().clone());
        seat.unsettled.extend(again);
    }

    /// What is on the way to it takes places, too.
    pub(super) fn keeps_room(&mut self, delivery: &str, on_the_way: &BTreeMap<JobId, u32>) {
        if let Some(seat) = self.seats.get_mut(delivery) {
            let weights = on_the_way.values();
            seat.room = weights.fold(seat.room, |room, weight| room.less(i64::from(*weight)));
        }
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
        batch_sizes: [u32; Tier::ALL.len()],
    ) -> Option<String> {
        let tier = want.ticket.tier as usize;
        let weight = i64::from(want.weight());
        let is_caller = |name: &str| caller == Some(name);
        let free = |(name, seat): &(&String, &mut Seat)| {
            (seat.listens || is_caller(name))
                && seat.taken[tier] < batch_sizes[tier]
                && seat.room.fits(weight)
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
        seat.room = seat.room.less(weight);
        seat.taken[tier] += 1;
        seat.unsettled.insert(want.job_id().clone());
        if !is_caller(name) {
            seat.answered.insert(want.job_id().clone(), want.weight());
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
        batch_sizes: [u32; Tier::ALL.len()],
    ) -> Option<String> {
        let tier = want.ticket.tier as usize;
        let weight = i64::from(want.weight());
        let comes = |(_, seat): &(&String, &mut Seat)| {
            seat.back_by.is_some_and(|back_by| now < back_by)
                && !seat.room.is_spent
                && seat.taken[tier] < batch_sizes[tier]
                && seat.room.fits(weight)
        };
        let youngest = |(name, seat): &(&String, &mut Seat)| (seat.began, (*name).clone());
        let (name, seat) = self.seats.iter_mut().filter(comes).max_by_key(youngest)?;
        seat.room = seat.room.less(weight);
        seat.taken[tier] += 1;
        seat.unsettled.insert(want.job_id().clone());
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
            seat.taken = [0; Tier::ALL.len()];
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
        let fitting = self
            .seats
            .values()
            .filter(|seat| seat.room.fits(i64::from(weight)));
        let back_by = fitting.filter_map(|seat| seat.back_by);
        back_by.filter(|back_by| now < *back_by).max()
    }

    /// A ticket of somebody else's is on its way.
    pub(super) fn ticketed(&mut self, now: Timestamp) {
        self.ticketed.get_or_insert(Ticketed {
            until: now.after(TICKET_WITHIN),
            times: 0,
        });
    }

    /// A delivery began.
    pub(super) fn begins(&mut self) {
        self.ticketed = None;
    }

    /// A slot is free beside a line, and nobody is there: whether a ticket must be sent now, and when to look again.
    pub(super) fn calls(&mut self, now: Timestamp) -> (bool, Timestamp) {
        let times = match self.ticketed {
            Some(Ticketed { until, .. }) if now < until => return (false, until),
            Some(Ticketed { times, .. }) => times,
            None => 0,
        };
        let pause = (TICKET_WITHIN * 2_u32.saturating_pow(times.min(8))).min(TICKET_MAX);
        let until = now.after(pause);
        let times = times.saturating_add(1);
        self.ticketed = Some(Ticketed { until, times });
        (true, until)
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
