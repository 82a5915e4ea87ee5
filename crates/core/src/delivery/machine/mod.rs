//! What one delivery does: it takes jobs for its free places, best first, has their gates start them, runs them, and
//! goes on with what their ends free.
//!
//! It never waits and never reads the clock: each result comes in through a method, [`Delivery::act`] says what is to be
//! done next, and [`Delivery::next_due`] when to ask again at the latest. A consumer on the platform performs that, and
//! so do the simulators.

mod answers;

use super::{assignment::Assignment, stage::HEARTBEAT_MAX, weight::WEIGHT_MAX};
use crate::{
    config::Config,
    domain::{JobId, Ticket, Timestamp},
    gate::command::Going,
    line::want::{Holding, Want},
    pool::command::{Exchange, Listen, Offer},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Starts after which a delivery counts as spent: Workers limits allow an invocation 10,000 calls, and a stage of a
/// dozen scenes makes some 16, of its gate, of the pool and of the bucket.
const STARTS_SPENT: usize = 300;

/// Starts after which it takes nothing, whoever else is there.
const STARTS_MAX: usize = 500;

/// How long it may go on taking jobs: its last ones end within the 15 minutes of an invocation (Queues limits).
const AGE_MAX: Duration = Duration::from_mins(10);

/// How long the start of a job may be left unconfirmed to the pool: many end before, and need no word of it. A call that
/// is made anyway takes along what would be confirmed within half of that.
pub const CONFIRM_AFTER: Duration = Duration::from_secs(4);

/// First pause after a call of the pool, or of a gate, that failed; doubles up to [`PAUSE_MAX`].
const PAUSE: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// How long a job whose older work still runs here waits for that to stop: the next heartbeat stops it.
const STOP_WITHIN: Duration = HEARTBEAT_MAX;

/// Calls of the pool in a row that may fail before a delivery that runs nothing gives up.
const TRIES: u32 = 4;

/// Something to be done; each is answered by the method of the delivery that it names.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Ask the gates of these jobs, each once: [`Delivery::started`].
    Start(Vec<Want>),
    /// Run the stage and report how it went: [`Delivery::reported`].
    Run(Assignment),
    /// Tell and ask the pool: [`Delivery::exchanged`].
    Exchange(Exchange),
    /// Wait at the pool for work: [`Delivery::listened`].
    Listen(Listen),
}

/// A job that runs.
#[derive(Clone, Debug)]
struct Running {
    want: Want,
    epoch: u32,
    /// When the pool must hear of its start; `None` when it has.
    confirm_at: Option<Timestamp>,
    /// Its slot is another's by now.
    is_lost: bool,
}

/// One delivery.
#[derive(Clone, Debug)]
pub struct Delivery {
    name: String,
    began: Timestamp,
    budget_ends: Timestamp,
    has_pool: bool,
    places: usize,
    boost: Duration,
    lease: Duration,
    /// Jobs to take; only where there is no pool.
    line: Vec<Want>,
    /// Jobs whose gates are to be asked.
    taken: Vec<Want>,
    /// Jobs whose gates are asked.
    starting: BTreeMap<JobId, Want>,
    running: BTreeMap<JobId, Running>,
    /// Stages to be run.
    next: Vec<Assignment>,
    /// Slots to be given back.
    freed: Vec<Holding>,
    /// Jobs that the pool must hear of.
    wants: Vec<Want>,
    /// The same, not before a time.
    later: Vec<(Timestamp, Want)>,
    /// Jobs of the batch whose gates could not be reached; only where there is no pool.
    unreached: BTreeSet<JobId>,
    /// Calls of the pool so far.
    calls: u32,
    /// The call under way, to be made again if it fails.
    exchange: Option<Exchange>,
    exchanges: u32,
    is_listening: bool,
    /// Calls that failed in a row.
    failures: u32,
    /// No exchange before then.
    pause_until: Option<Timestamp>,
    /// It does not listen before then.
    listen_at: Timestamp,
    renew_at: Timestamp,
    started: usize,
    yields: bool,
}

impl Delivery {
    /// A delivery of that name that starts now.
    #[must_use]
    pub fn new(name: String, now: Timestamp, config: &Config) -> Self {
        Self {
            name,
            began: now,
            budget_ends: now.after(config.delivery_budget),
            has_pool: config.gate.has_pool,
            places: config.places,
            boost: config.gate.priority_boost,
            lease: config.pool.lease,
            line: Vec::new(),
            taken: Vec::new(),
            starting: BTreeMap::new(),
            running: BTreeMap::new(),
            next: Vec::new(),
            freed: Vec::new(),
            wants: Vec::new(),
            later: Vec::new(),
            unreached: BTreeSet::new(),
            calls: 0,
            exchange: None,
            exchanges: 0,
            is_listening: false,
            failures: 0,
            pause_until: None,
            listen_at: now,
            renew_at: now.after(config.pool.lease / 4),
            started: 0,
            yields: false,
        }
    }

    /// How it names itself to gates and pool.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the batch brought, in any order. With a pool, the line knows better.
    pub fn brought(&mut self, tickets: impl IntoIterator<Item = Ticket>) {
        if !self.has_pool {
            let boost = self.boost;
            self.line
                .extend(tickets.into_iter().map(|ticket| Want::of(ticket, boost)));
        }
    }

    /// Whether the queue shall deliver the ticket of that job again: nobody could be asked about it.
    #[must_use]
    pub fn is_unreached(&self, job_id: &JobId) -> bool {
        (self.has_pool && self.exchanges == 0) || self.unreached.contains(job_id)
    }

    /// About what its jobs take, in bytes.
    #[must_use]
    pub fn weight(&self) -> u32 {
        let running = self.running.values().map(|running| &running.want);
        let jobs = running.chain(self.starting.values()).chain(&self.taken);
        jobs.fold(0, |sum, want| sum.saturating_add(want.weight()))
    }

    /// How many jobs it has.
    #[must_use]
    pub fn load(&self) -> usize {
        self.running.len() + self.starting.len() + self.taken.len()
    }

    /// Whether it would take one more job.
    #[must_use]
    pub fn has_place(&self, now: Timestamp) -> bool {
        self.takes(now) && self.load() < self.places
    }

    /// What is to be done now. `others` is what other deliveries of the isolate hold, in bytes.
    pub fn act(&mut self, now: Timestamp, others: u32) -> Vec<Action> {
        let mut actions = Vec::new();
        self.come_back(now);
        if !self.has_pool {
            self.take_own(others);
        }
        if !self.taken.is_empty() {
            let taken = std::mem::take(&mut self.taken);
            self.starting.extend(
                taken
                    .iter()
                    .map(|want| (want.job_id().clone(), want.clone())),
            );
            actions.push(Action::Start(taken));
        }
        for assignment in std::mem::take(&mut self.next) {
            self.started += 1;
            actions.push(Action::Run(assignment));
        }
        if self.has_pool {
            self.call_pool(now, others, &mut actions);
        }
        actions
    }

    fn call_pool(&mut self, now: Timestamp, others: u32, actions: &mut Vec<Action>) {
        self.pause_until = self.pause_until.filter(|until| now < *until);
        if self.exchange.is_some() || self.pause_until.is_some() {
            return;
        }
        if self.has_news(now) {
            actions.push(Action::Exchange(self.begin_exchange(now, others)));
        } else if self.listens(now) {
            self.is_listening = true;
            self.calls = self.calls.saturating_add(1);
            actions.push(Action::Listen(Listen {
                delivery: self.name.clone(),
                began: self.began,
                call: self.calls,
                offer: self.offer(now, others),
            }));
        }
    }

    /// When to ask again what is to be done, whatever happens meanwhile.
    #[must_use]
    pub fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let later = self.later.iter().map(|(at, _)| *at);
        let confirms = self
            .running
            .values()
            .filter_map(|running| running.confirm_at);
        let renews = (!self.running.is_empty()).then_some(self.renew_at);
        let listens =
            (!self.is_listening && self.stays() && self.has_place(now)).then_some(self.listen_at);
        let calls = confirms
            .chain(renews)
            .chain(listens)
            .chain(self.pause_until);
        let calls = calls.filter(|_| self.has_pool && self.exchange.is_none());
        // While calls pause, nothing of them is due before.
        let calls = calls.map(|at| self.pause_until.map_or(at, |until| at.max(until)));
        later.chain(calls).min()
    }

    /// Jobs that were given back for a while go into the line again.
    fn come_back(&mut self, now: Timestamp) {
        let (due, later) = std::mem::take(&mut self.later)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        self.later = later;
        let due: Vec<(Timestamp, Want)> = due;
        self.want(due.into_iter().map(|(_, want)| want));
    }

    /// The pool must hear of these jobs; of each, of its newest lease.
    fn want(&mut self, wants: impl IntoIterator<Item = Want>) {
        for want in wants {
            let mut known = self.wants.iter_mut();
            match known.find(|known| known.job_id() == want.job_id()) {
                Some(known) if known.epoch() <= want.epoch() => *known = want,
                Some(_) => {}
                None => self.wants.push(want),
            }
        }
    }

    /// Without a pool: the best of its own line, as places allow; if the best is too heavy now, nothing else starts.
    fn take_own(&mut self, others: u32) {
        self.line.append(&mut self.wants);
        self.line.sort_by_cached_key(Want::key);
        self.line.dedup_by(|one, other| {
            one.ticket.job_id == other.ticket.job_id && one.epoch() == other.epoch()
        });
        let mut line = std::mem::take(&mut self.line).into_iter().peekable();
        while let Some(want) = line.peek()
            && self.load() < self.places
            && self.fits(want, others)
        {
            if let Some(want) = line.next()
                && !self.knows(&want)
            {
                self.taken.push(want);
            }
        }
        self.line = line.collect();
    }

    /// Whether it has that job, or has given it up, under this lease or a newer one.
    fn knows(&self, want: &Want) -> bool {
        let job_id = want.job_id();
        let is_old = |known: &Want| known.job_id() == job_id && known.epoch() >= want.epoch();
        let is_freed = |freed: &Holding| freed.job_id == *job_id && freed.epoch >= want.epoch();
        self.running.contains_key(job_id)
            || self.starting.get(job_id).is_some_and(is_old)
            || self.taken.iter().any(is_old)
            || self.freed.iter().any(is_freed)
    }

    /// A job too heavy for any company runs alone.
    fn fits(&self, want: &Want, others: u32) -> bool {
        let held = self.weight().saturating_add(others);
        (self.load() == 0 && others == 0) || held.saturating_add(want.weight()) <= WEIGHT_MAX
    }

    fn offer(&self, now: Timestamp, others: u32) -> Offer {
        let places = if self.takes(now) {
            self.places.saturating_sub(self.load())
        } else {
            0
        };
        let held = self.weight().saturating_add(others);
        let taken = self
            .taken
            .iter()
            .map(Want::job_id)
            .chain(self.starting.keys());
        let unconfirmed = self
            .running
            .iter()
            .filter(|(_, running)| running.confirm_at.is_some());
        Offer {
            places: u32::try_from(places).unwrap_or(u32::MAX),
            room: i64::from(WEIGHT_MAX) - i64::from(held),
            is_idle: self.load() == 0 && others == 0,
            is_spent: self.is_spent(now),
            has: taken
                .chain(unconfirmed.map(|(job_id, _)| job_id))
                .cloned()
                .collect(),
        }
    }

    /// Whether it takes anything.
    fn takes(&self, now: Timestamp) -> bool {
        !self.yields && now < self.began.after(AGE_MAX) && self.started < STARTS_MAX
    }

    /// Whether it leaves new jobs to younger deliveries, if there are any.
    fn is_spent(&self, now: Timestamp) -> bool {
        self.budget_ends <= now || self.started >= STARTS_SPENT
    }

    /// Whether the pool must be called: what it must hear, or, at the beginning, that the delivery is there.
    fn has_news(&self, now: Timestamp) -> bool {
        let confirms = self
            .running
            .values()
            .any(|running| running.confirm_at.is_some_and(|at| at <= now));
        let renews = !self.running.is_empty() && self.renew_at <= now;
        self.exchanges == 0
            || !self.freed.is_empty()
            || !self.wants.is_empty()
            || confirms
            || renews
    }

    fn begin_exchange(&mut self, now: Timestamp, others: u32) -> Exchange {
        let is_renewal = self.renew_at <= now;
        let soon = now.after(CONFIRM_AFTER / 2);
        let to_tell = self
            .running
            .values()
            .filter(|running| is_renewal || running.confirm_at.is_some_and(|at| at <= soon));
        let running = to_tell.map(|running| Holding {
            job_id: running.want.job_id().clone(),
            epoch: running.epoch,
        });
        let running = running.collect();
        if is_renewal {
            self.renew_at = now.after(self.lease / 4);
        }
        self.calls = self.calls.saturating_add(1);
        let exchange = Exchange {
            delivery: self.name.clone(),
            began: self.began,
            call: self.calls,
            is_first: self.exchanges == 0,
            freed: std::mem::take(&mut self.freed),
            wants: std::mem::take(&mut self.wants),
            running,
            offer: self.offer(now, others),
            listens: self.is_listening,
            stays: self.stays(),
        };
        self.exchange = Some(exchange.clone());
        exchange
    }

    /// Whether it goes on if it gets nothing.
    fn stays(&self) -> bool {
        self.load() > 0 || !self.later.is_empty()
    }

    fn listens(&self, now: Timestamp) -> bool {
        self.stays() && self.has_place(now) && !self.is_listening && self.listen_at <= now
    }

    /// Whether the job's slot is another's by now, so that its work must stop.
    #[must_use]
    pub fn has_lost(&self, job_id: &JobId) -> bool {
        self.running
            .get(job_id)
            .is_some_and(|running| running.is_lost)
    }

    /// The job's work has stopped, and is about to be reported: what the delivery would do next.
    #[must_use]
    pub fn going(&self, now: Timestamp, job_id: &JobId) -> Going {
        let takes = self.takes(now);
        if self.has_pool {
            // Whatever its age, its next call takes along what the report frees.
            return Going {
                on: takes && !self.has_lost(job_id),
                carries: true,
            };
        }
        let is_fresh = takes && !self.is_spent(now);
        Going {
            on: is_fresh,
            carries: is_fresh,
        }
    }

    /// Whether nothing is left to be done or to be waited for. While its call is open, the answer may be on the way: the
    /// pool ends it once the delivery has said that it leaves.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let has_given_up = self.failures >= TRIES;
        self.load() == 0
            && self.next.is_empty()
            && self.line.is_empty()
            && self.exchange.is_none()
            && (has_given_up
                || (!self.is_listening
                    && self.freed.is_empty()
                    && self.wants.is_empty()
                    && self.later.is_empty()
                    && (!self.has_pool || self.exchanges > 0)))
    }
}
