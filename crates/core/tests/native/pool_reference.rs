//! The pool once more, as naively as it can be written: two lists, searched from the front each time.
//! What the real one must agree with.

use queue_core::{
    config::PoolConfig,
    domain::{JobId, Tier, Timestamp},
    line::want::{Holding, Want},
    pool::{
        Hold,
        command::{Exchange, Listen, Offer, Tell},
    },
};
use std::{collections::BTreeSet, time::Duration};

const BACK_WITHIN: Duration = Duration::from_secs(1);
const SILENT_MAX: Duration = Duration::from_mins(20);
const LEFT_MAX: Duration = Duration::from_mins(1);
const START_WITHIN: Duration = Duration::from_secs(15);
const START_LEFT: Duration = Duration::from_secs(13);

#[derive(Clone, Debug)]
pub struct Row {
    pub want: Want,
    pub epoch: u32,
    pub hold: Hold,
    pub by: Option<String>,
    pub due: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub struct Seat {
    pub name: String,
    began: Timestamp,
    seen: Timestamp,
    has_left: bool,
    offer: Offer,
    pub listens: bool,
    back_by: Option<Timestamp>,
    /// What it was given and has not spoken of.
    unsettled: BTreeSet<JobId>,
    /// Of these, what its open calls were answered with.
    answered: Vec<Want>,
    /// Tiers of the jobs for which it has a place kept until its next call.
    reserved: Vec<Tier>,
}

impl Seat {
    pub fn fits(&self, want: &Want) -> bool {
        let room = self.offer.room >= i64::from(want.weight());
        self.offer.places > 0 && (room || self.offer.is_idle)
    }

    fn fill(&mut self, want: &Want) {
        self.offer.places = self.offer.places.saturating_sub(1);
        self.offer.room -= i64::from(want.weight());
        self.offer.is_idle = false;
        self.unsettled.insert(want.job_id().clone());
    }
}

pub struct Reference {
    pub config: PoolConfig,
    pub now: Timestamp,
    pub rows: Vec<Row>,
    pub seats: Vec<Seat>,
    /// Until when a ticket may bring somebody, and how many were sent in vain.
    ticket: Option<(Timestamp, u32)>,
    /// What this turn gave anew, to whom, in order.
    pub given: Vec<(String, Want)>,
    /// Jobs of which this turn heard first.
    fresh: BTreeSet<JobId>,
    /// Tickets that this turn sent.
    pub tickets: usize,
}

impl Reference {
    pub fn new(config: PoolConfig, now: Timestamp) -> Self {
        Self {
            config,
            now,
            rows: Vec::new(),
            seats: Vec::new(),
            ticket: None,
            given: Vec::new(),
            fresh: BTreeSet::new(),
            tickets: 0,
        }
    }

    pub fn row(&mut self, job_id: &JobId) -> Option<&mut Row> {
        self.rows.iter_mut().find(|row| row.want.job_id() == job_id)
    }

    fn seat(&mut self, name: &str) -> Option<&mut Seat> {
        self.seats.iter_mut().find(|seat| seat.name == name)
    }

    fn held(&self) -> usize {
        self.rows.iter().filter(|row| row.hold.has_slot()).count()
    }

    /// The best of the line, if a slot is free for it.
    pub fn best(&self) -> Option<Want> {
        let is_free = self.held() < usize::try_from(self.config.capacity).unwrap();
        let parked = self.rows.iter().filter(|row| row.hold == Hold::Waiting);
        let best = parked.min_by_key(|row| row.want.key())?;
        is_free.then(|| best.want.clone())
    }

    fn begin(&mut self) {
        self.given.clear();
        self.fresh.clear();
        self.tickets = 0;
    }

    pub fn tell(&mut self, tell: Tell) {
        self.begin();
        for Holding { job_id, epoch } in &tell.gone {
            self.rows
                .retain(|row| row.want.job_id() != job_id || row.epoch > *epoch);
        }
        for want in tell.wants {
            self.learn(want);
        }
        if tell.ticketed {
            self.is_under_way();
        }
        self.serve(None);
        self.call();
    }

    /// A ticket is on its way, or has just come.
    fn is_under_way(&mut self) {
        let until = self.now.after(Duration::from_secs(10));
        self.ticket.get_or_insert((until, 0));
    }

    fn learn(&mut self, want: Want) {
        let known = self.row(want.job_id()).map(|row| (row.epoch, row.hold));
        let is_news = known.is_none_or(|(epoch, hold)| {
            epoch < want.epoch() || (epoch == want.epoch() && hold == Hold::Waiting)
        });
        if known.is_none() || self.fresh.contains(want.job_id()) {
            self.fresh.insert(want.job_id().clone());
        }
        if is_news {
            self.rows.retain(|row| row.want.job_id() != want.job_id());
            self.rows.push(Row {
                epoch: want.epoch(),
                want,
                hold: Hold::Waiting,
                by: None,
                due: None,
            });
        }
    }

    /// What a delivery gets again, what it gets anew, and which of its jobs have no slot.
    pub fn exchange(&mut self, exchange: Exchange) -> (Vec<JobId>, Vec<JobId>) {
        self.begin();
        let name = exchange.delivery;
        for Holding { job_id, epoch } in &exchange.freed {
            self.speaks(&name, job_id);
            self.rows.retain(|row| {
                let is_own = row.by.as_ref() == Some(&name) && row.epoch <= *epoch;
                let has_run = row.hold == Hold::Waiting && row.epoch < *epoch;
                row.want.job_id() != job_id || !(is_own || has_run)
            });
        }
        for want in exchange.wants {
            self.learn(want);
        }
        let mut lost = exchange.running;
        lost.retain(|running| !self.renew(&name, running));
        let (is_first, listens) = (exchange.is_first, exchange.listens);
        let again = self.sit(&name, exchange.began, (is_first, listens), exchange.offer);
        self.serve(Some(&name));
        let new: Vec<_> = self.given.iter().filter(|(to, _)| *to == name).collect();
        let is_in_vain = new.is_empty() && self.best().is_some();
        let jobs: Vec<_> = new
            .into_iter()
            .map(|(_, want)| want.job_id().clone())
            .collect();
        if exchange.is_first && is_in_vain {
            self.is_under_way();
        } else if exchange.is_first {
            self.ticket = None;
        }
        let jobs = [again, jobs].concat();
        if jobs.is_empty() && !exchange.stays {
            let seat = self.seat(&name).unwrap();
            (seat.has_left, seat.listens, seat.back_by) = (true, false, None);
            (seat.offer.places, seat.offer.is_spent) = (0, true);
        }
        self.call();
        (jobs, lost.into_iter().map(|lost| lost.job_id).collect())
    }

    /// What a delivery gets; if it is nothing, its call stays open.
    pub fn listen(&mut self, listen: Listen) -> Vec<JobId> {
        self.begin();
        let name = listen.delivery;
        let mut jobs = self.sit(&name, listen.began, (false, false), listen.offer);
        self.serve(Some(&name));
        let new = self.given.iter().filter(|(to, _)| *to == name);
        jobs.extend(new.map(|(_, want)| want.job_id().clone()));
        self.seat(&name).unwrap().listens = jobs.is_empty();
        self.call();
        jobs
    }

    pub fn hang_up(&mut self, name: &str) {
        let back_by = self.now.after(BACK_WITHIN);
        if let Some(seat) = self.seat(name).filter(|seat| seat.listens) {
            seat.listens = false;
            seat.back_by = (seat.offer.places > 0).then_some(back_by);
        }
    }

    pub fn wake(&mut self) {
        self.begin();
        let now = self.now;
        let is_due = |row: &Row| row.due.is_some_and(|due| due <= now);
        self.rows
            .retain(|row| row.hold != Hold::Held || !is_due(row));
        for row in self.rows.iter_mut().filter(|row| is_due(row)) {
            (row.hold, row.by, row.due) = (Hold::Waiting, None, None);
        }
        self.serve(None);
        self.call();
    }

    fn speaks(&mut self, name: &str, job_id: &JobId) {
        if let Some(seat) = self.seat(name) {
            seat.unsettled.remove(job_id);
            seat.answered.retain(|want| want.job_id() != job_id);
        }
    }

    fn renew(&mut self, name: &str, Holding { job_id, epoch }: &Holding) -> bool {
        self.speaks(name, job_id);
        let until = self.now.after(self.config.lease);
        let is_free = self.held() < usize::try_from(self.config.capacity).unwrap();
        let Some(row) = self.row(job_id) else {
            return false;
        };
        let has_slot = row.hold.has_slot();
        let is_own = has_slot && row.by.as_deref() == Some(name) && row.epoch <= *epoch;
        let has_started = row.epoch < *epoch && (has_slot || is_free);
        if is_own || has_started {
            (row.hold, row.by) = (Hold::Held, Some(name.to_owned()));
            (row.epoch, row.due) = (*epoch, Some(until));
        }
        is_own || has_started
    }

    /// It is there; says what it gets again, since it never got it.
    fn sit(
        &mut self,
        name: &str,
        began: Timestamp,
        (is_first, listens): (bool, bool),
        offer: Offer,
    ) -> Vec<JobId> {
        let old = self.seat(name).cloned();
        let mut answered = old.clone().map(|seat| seat.answered).unwrap_or_default();
        answered.retain(|want| listens && !offer.has.contains(want.job_id()));
        let comes = |job_id: &JobId| answered.iter().any(|want| want.job_id() == job_id);
        let misses = match &old {
            Some(seat) => seat
                .unsettled
                .iter()
                .any(|job_id| !offer.has.contains(job_id) && !comes(job_id)),
            None => !is_first,
        };
        let now = self.now;
        self.seats.retain(|seat| {
            let kept = if seat.has_left { LEFT_MAX } else { SILENT_MAX };
            now <= seat.seen.after(kept)
        });
        let old = self.seat(name).cloned();
        let mut seat = Seat {
            seen: now,
            has_left: false,
            name: name.to_owned(),
            began,
            listens: old.as_ref().is_some_and(|seat| seat.listens),
            back_by: None,
            unsettled: old.map(|seat| seat.unsettled).unwrap_or_default(),
            answered: answered.clone(),
            reserved: Vec::new(),
            offer,
        };
        let mut again = Vec::new();
        let until = now.after(START_WITHIN);
        for row in self.rows.iter_mut().filter(|_| misses) {
            let is_own = row.hold == Hold::Given && row.by.as_deref() == Some(name);
            let job_id = row.want.job_id();
            if is_own && !seat.offer.has.contains(job_id) && !comes(job_id) {
                seat.fill(&row.want);
                let is_enough = |due: &Timestamp| *due >= now.after(START_LEFT);
                row.due = row.due.filter(is_enough).or(Some(until));
                again.push(row.want.job_id().clone());
            }
        }
        for want in &answered {
            seat.fill(want);
        }
        self.seats.retain(|seat| seat.name != name);
        self.seats.push(seat);
        again.sort();
        again
    }

    /// A new job has a place kept where somebody is on the way back.
    fn reserve(&mut self, best: &Want, size: usize) -> bool {
        let (now, tier) = (self.now, best.ticket.tier);
        if !self.fresh.contains(best.job_id()) {
            return false;
        }
        let mut able: Vec<_> = self.seats.iter_mut().collect();
        able.retain(|seat| seat.back_by.is_some_and(|back_by| now < back_by));
        able.retain(|seat| seat.fits(best) && !seat.offer.is_spent);
        able.retain(|seat| seat.reserved.iter().filter(|one| **one == tier).count() < size);
        able.sort_by_key(|seat| (seat.began, seat.name.clone()));
        let Some(seat) = able.pop() else { return false };
        seat.fill(best);
        seat.reserved.push(tier);
        let name = seat.name.clone();
        let row = self.row(best.job_id()).unwrap();
        let due = now.after(START_WITHIN);
        (row.hold, row.by, row.due) = (Hold::Given, Some(name), Some(due));
        true
    }

    fn serve(&mut self, caller: Option<&str>) {
        let until = self.now.after(START_WITHIN);
        while let Some(best) = self.best() {
            let tier = best.ticket.tier;
            let size = self.config.batch_sizes[tier as usize] as usize;
            let given = &self.given;
            let taken = |name: &str| {
                let of_tier = given
                    .iter()
                    .filter(|(to, want)| to == name && want.ticket.tier == tier);
                of_tier.count()
            };
            let mut able: Vec<_> = self.seats.iter_mut().collect();
            able.retain(|seat| seat.listens || caller == Some(&seat.name));
            able.retain(|seat| seat.fits(&best) && taken(&seat.name) < size);
            able.sort_by_key(|seat| {
                let is_caller = caller == Some(&seat.name);
                (
                    !seat.offer.is_spent,
                    is_caller,
                    seat.began,
                    seat.name.clone(),
                )
            });
            let Some(seat) = able.pop() else {
                if self.reserve(&best, size) {
                    continue;
                }
                break;
            };
            seat.fill(&best);
            if caller != Some(&seat.name) {
                seat.answered.push(best.clone());
            }
            let name = seat.name.clone();
            let row = self.row(best.job_id()).unwrap();
            (row.hold, row.by, row.due) = (Hold::Given, Some(name.clone()), Some(until));
            self.given.push((name, best));
        }
        let back_by = self.now.after(BACK_WITHIN);
        for seat in &mut self.seats {
            let is_caller = caller == Some(&seat.name);
            let is_answered = self.given.iter().any(|(to, _)| *to == seat.name);
            if is_caller || is_answered {
                seat.back_by = (seat.offer.places > 0).then_some(back_by);
                seat.listens &= is_caller;
            }
        }
        // A caller that takes no more at once shall come back for more: its open call ends.
        if self.best().is_some()
            && let Some(caller) = caller
            && let Some(seat) = self.seat(caller)
            && seat.listens
        {
            seat.listens = false;
            seat.back_by = (seat.offer.places > 0).then_some(back_by);
        }
    }

    /// Sends a ticket if a slot is free beside a line and nobody is there or on the way.
    fn call(&mut self) {
        let Some(best) = self.best() else { return };
        let now = self.now;
        let is_back = |seat: &Seat| seat.back_by.is_some_and(|back_by| now < back_by);
        if self
            .seats
            .iter()
            .any(|seat| seat.fits(&best) && is_back(seat))
        {
            return;
        }
        let times = match self.ticket {
            Some((until, _)) if now < until => return,
            Some((_, times)) => times,
            None => 0,
        };
        let seconds = (10 << times.min(8)).min(60);
        self.ticket = Some((now.after(Duration::from_secs(seconds)), times + 1));
        self.tickets = 1;
    }

    /// The object is evicted: what it had in memory is gone.
    pub fn forget(&mut self) {
        self.seats.clear();
        self.ticket = None;
    }
}
