//! The pool once more, as naively as it can be written: two lists, searched from the front each time.
//! What the real one must agree with.

mod seat;
mod serve;
mod sit;

use queue_core::{
    config::PoolConfig,
    domain::{JobId, Timestamp},
    line::want::{Holding, Want},
    pool::{
        Hold,
        command::{Exchange, Listen, Tell},
    },
};
use seat::Seat;
use std::{collections::BTreeSet, time::Duration};

const START_WITHIN: Duration = Duration::from_secs(15);

#[derive(Clone, Debug)]
pub struct Row {
    pub want: Want,
    pub epoch: u32,
    pub hold: Hold,
    pub by: Option<String>,
    pub due: Option<Timestamp>,
}

impl Row {
    fn waiting(want: Want) -> Self {
        Self {
            epoch: want.epoch(),
            want,
            hold: Hold::Waiting,
            by: None,
            due: None,
        }
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

    /// Whether a slot is free.
    fn has_room(&self) -> bool {
        let held = self.rows.iter().filter(|row| row.hold.has_slot()).count();
        held < usize::try_from(self.config.capacity).unwrap()
    }

    /// The best of the line, if a slot is free for it.
    pub fn best(&self) -> Option<Want> {
        let parked = self.rows.iter().filter(|row| row.hold == Hold::Waiting);
        let best = parked.min_by_key(|row| row.want.key())?;
        self.has_room().then(|| best.want.clone())
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
            self.hears(want, true);
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

    /// Of a lease that is known, only the gate's word counts, or what came with this very call.
    fn hears(&mut self, want: Want, from_gate: bool) {
        let is_fresh = self.fresh.contains(want.job_id());
        let Some(row) = self.row(want.job_id()) else {
            self.fresh.insert(want.job_id().clone());
            self.rows.push(Row::waiting(want));
            return;
        };
        if row.epoch < want.epoch() {
            *row = Row::waiting(want);
        } else if row.epoch == want.epoch() && (from_gate || is_fresh) {
            row.want = want;
        }
    }

    /// What a delivery gets again, what it gets anew, and which of its jobs have no slot.
    pub fn exchange(&mut self, exchange: Exchange) -> (Vec<JobId>, Vec<JobId>) {
        self.begin();
        let name = exchange.delivery;
        for holding in &exchange.freed {
            self.speaks(&name, holding);
            let Holding { job_id, epoch } = holding;
            let mut wants = exchange.wants.iter();
            if let Some(row) = self.row(job_id)
                && row.by.as_ref() == Some(&name)
                && wants.any(|want| want.job_id() == job_id && want.epoch() == row.epoch)
                && row.epoch <= *epoch
            {
                (row.hold, row.by, row.due) = (Hold::Waiting, None, None);
                continue;
            }
            self.rows.retain(|row| {
                let is_own = row.by.as_ref() == Some(&name) && row.epoch <= *epoch;
                let has_run = row.hold == Hold::Waiting && row.epoch < *epoch;
                row.want.job_id() != job_id || !(is_own || has_run)
            });
        }
        for want in exchange.wants {
            self.hears(want, false);
        }
        let mut lost = exchange.running;
        lost.retain(|running| !self.renew(&name, running));
        let (is_first, listens) = (exchange.is_first, exchange.listens);
        let again = self.sit(&name, exchange.began, (is_first, listens), &exchange.offer);
        self.serve(Some(&name));
        let jobs = self.given_to(&name);
        let is_in_vain = jobs.is_empty() && self.best().is_some();
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
        let mut jobs = self.sit(&name, listen.began, (false, false), &listen.offer);
        self.serve(Some(&name));
        jobs.extend(self.given_to(&name));
        self.seat(&name).unwrap().listens = jobs.is_empty();
        self.call();
        jobs
    }

    fn given_to(&self, name: &str) -> Vec<JobId> {
        let given = self.given.iter().filter(|(to, _)| to == name);
        given.map(|(_, want)| want.job_id().clone()).collect()
    }

    pub fn hang_up(&mut self, name: &str) {
        let now = self.now;
        if let Some(seat) = self.seat(name).filter(|seat| seat.listens) {
            seat.goes(now);
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

    fn speaks(&mut self, name: &str, Holding { job_id, epoch }: &Holding) {
        if let Some(seat) = self.seat(name) {
            seat.unsettled
                .retain(|other, of| other != job_id || *of > *epoch);
            seat.answered
                .retain(|want| want.job_id() != job_id || want.epoch() > *epoch);
        }
    }

    fn renew(&mut self, name: &str, holding: &Holding) -> bool {
        self.speaks(name, holding);
        let Holding { job_id, epoch } = holding;
        let until = self.now.after(self.config.lease);
        let is_free = self.has_room();
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

    /// The object is evicted: what it had in memory is gone.
    pub fn forget(&mut self) {
        self.seats.clear();
        self.ticket = None;
    }
}
