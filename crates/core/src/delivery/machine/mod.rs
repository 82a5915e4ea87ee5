//! What one delivery does: it takes jobs for its free places, best first, has their gates start them, runs them, and
//! goes on with what their ends free.
//!
//! It never waits and never reads the clock: each result comes in through a method, [`Delivery::act`] says what is to be
//! done next, and [`Delivery::next_due`] when to ask again at the latest. A consumer on the platform performs that, and
//! so do the simulators.

mod answers;
mod calls;
mod jobs;
mod running;
mod seen;

pub use jobs::CONFIRM_AFTER;

use super::{assignment::Assignment, weight::WEIGHT_MAX};
use crate::{
    config::Config,
    domain::{JobId, Stage, Ticket, Timestamp},
    gate::command::Going,
    line::want::Want,
    pool::command::{Exchange, Listen, Offer},
};
use calls::{Calls, Due};
use jobs::Jobs;
use std::{collections::BTreeSet, time::Duration};

/// Starts after which a delivery counts as spent: Workers limits allow an invocation 10,000 calls. A stage makes four,
/// whatever its story (start, upload, report, word to the pool), and one more with each heartbeat: at most 6,000 in 15
/// minutes for 100 places.
const STARTS_SPENT: usize = 300;

/// Starts after which it takes nothing, whoever else is there.
const STARTS_MAX: usize = 500;

/// How long it may go on taking jobs: its last ones end within the 15 minutes of an invocation (Queues limits).
const AGE_MAX: Duration = Duration::from_mins(10);

/// Something to be done; each is answered by the method of the delivery that it names.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Ask the gates of these jobs, each once: [`Delivery::started`].
    Start(Vec<Want>),
    /// Run the stage: [`Delivery::stopped`].
    Run(Assignment),
    /// Tell and ask the pool: [`Delivery::exchanged`].
    Exchange(Exchange),
    /// Wait at the pool for work: [`Delivery::listened`].
    Listen(Listen),
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
    jobs: Jobs,
    calls: Calls,
    /// Jobs of the batch whose gates could not be reached; only where there is no pool.
    unreached: BTreeSet<JobId>,
    /// Stages that it began.
    started: usize,
    /// The pool has told it to take nothing more.
    yields: bool,
    /// Stages that the pool holds back, as it said last.
    held: Vec<Stage>,
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
            jobs: Jobs::default(),
            calls: Calls::new(now, config.pool.lease),
            unreached: BTreeSet::new(),
            started: 0,
            yields: false,
            held: Vec::new(),
        }
    }

    /// How it names itself to gates and pool.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the batch brought, in any order. With a pool it only says that there is work, and is dropped.
    pub fn brought(&mut self, tickets: impl IntoIterator<Item = Ticket>) {
        if !self.has_pool {
            let boost = self.boost;
            let wants = tickets.into_iter().map(|ticket| Want::of(ticket, boost));
            self.jobs.line.extend(wants);
        }
    }

    /// Whether the queue shall deliver the ticket of that job again: nobody could be asked about it.
    #[must_use]
    pub fn is_unreached(&self, job_id: &JobId) -> bool {
        (self.has_pool && self.calls.answered == 0) || self.unreached.contains(job_id)
    }

    /// About what its jobs take, in bytes.
    #[must_use]
    pub fn weight(&self) -> u32 {
        self.jobs.weight()
    }

    /// How many jobs it has, without those of which only the report is under way.
    #[must_use]
    pub fn load(&self) -> usize {
        self.jobs.load()
    }

    /// Whether it would take one more job.
    #[must_use]
    pub fn has_place(&self, now: Timestamp) -> bool {
        self.takes(now) && self.load() < self.places
    }

    /// What is to be done now. `others` is what other deliveries of the isolate hold, in bytes.
    pub fn act(&mut self, now: Timestamp, others: u32) -> Vec<Action> {
        let mut actions = Vec::new();
        self.jobs.come_back(now);
        if !self.has_pool {
            self.jobs.take_own(self.places, others);
        }
        let taken = self.jobs.start();
        if !taken.is_empty() {
            actions.push(Action::Start(taken));
        }
        for assignment in std::mem::take(&mut self.jobs.next) {
            self.started += 1;
            actions.push(Action::Run(assignment));
        }
        if self.has_pool {
            actions.extend(self.call_pool(now, others));
        }
        actions
    }

    fn call_pool(&mut self, now: Timestamp, others: u32) -> Option<Action> {
        let listens = self.listens(now);
        Some(match self.calls.due(now, &self.jobs, listens)? {
            Due::Exchange => Action::Exchange(self.begin_exchange(now, others)),
            Due::Listen => {
                self.calls.is_listening = true;
                Action::Listen(Listen {
                    delivery: self.name.clone(),
                    began: self.began,
                    call: self.calls.next(),
                    offer: self.offer(now, others),
                })
            }
        })
    }

    /// When to ask again what is to be done, whatever happens meanwhile.
    #[must_use]
    pub fn next_due(&self, now: Timestamp) -> Option<Timestamp> {
        let later = self.jobs.later.iter().map(|(at, _)| *at);
        let calls = self.calls.next_due(&self.jobs, self.listens(now));
        later.chain(calls.filter(|_| self.has_pool)).min()
    }

    fn offer(&self, now: Timestamp, others: u32) -> Offer {
        let places = if self.takes(now) {
            self.places.saturating_sub(self.load())
        } else {
            0
        };
        let held = self.weight().saturating_add(others);
        Offer {
            places: u32::try_from(places).unwrap_or(u32::MAX),
            room: i64::from(WEIGHT_MAX) - i64::from(held),
            is_idle: self.load() == 0 && others == 0,
            is_spent: self.is_spent(now),
            has: self.jobs.unconfirmed(),
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

    fn begin_exchange(&mut self, now: Timestamp, others: u32) -> Exchange {
        let is_renewal = self.calls.renews(now);
        let (well, faults) = self.jobs.seen.take();
        let exchange = Exchange {
            well,
            faults,
            delivery: self.name.clone(),
            began: self.began,
            call: self.calls.next(),
            is_first: self.calls.answered == 0,
            freed: std::mem::take(&mut self.jobs.freed),
            wants: std::mem::take(&mut self.jobs.wants),
            running: self.jobs.to_tell(now, is_renewal),
            offer: self.offer(now, others),
            listens: self.calls.is_listening,
            stays: self.stays(),
        };
        self.calls.exchange = Some(exchange.clone());
        exchange
    }

    /// Whether it goes on if it gets nothing. If all that is left are reports, it does not: what they may free brings it
    /// back to the pool.
    fn stays(&self) -> bool {
        self.load() > 0 || !self.jobs.later.is_empty()
    }

    /// Whether it would wait at the pool for more.
    fn listens(&self, now: Timestamp) -> bool {
        self.stays() && self.has_place(now)
    }

    /// Whether the job's slot is another's by now, so that its work must stop.
    #[must_use]
    pub fn has_lost(&self, job_id: &JobId) -> bool {
        let running = self.jobs.running.get(job_id);
        running.is_some_and(|running| running.is_lost)
    }

    /// What the delivery would do next, where `has_next` says whether the job has another stage to run.
    fn going(&self, now: Timestamp, job_id: &JobId, has_next: bool) -> Going {
        let takes = self.takes(now);
        if self.has_pool {
            // Whatever its age, its next call takes along what the report frees.
            return Going {
                on: takes && has_next && !self.has_lost(job_id),
                carries: true,
            };
        }
        let is_fresh = takes && !self.is_spent(now);
        Going {
            on: is_fresh && has_next,
            carries: is_fresh,
        }
    }

    /// Whether nothing is left to be done or to be waited for. While its call is open, the answer may be on the way: the
    /// pool ends it once the delivery has said that it leaves.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let is_told = self.jobs.freed.is_empty() && self.jobs.wants.is_empty();
        let has_told = is_told && !(self.has_pool && self.jobs.seen.is_news());
        let may_leave = has_told
            && self.jobs.later.is_empty()
            && !self.calls.is_listening
            && (!self.has_pool || self.calls.answered > 0);
        self.load() == 0
            && self.jobs.running.is_empty()
            && self.jobs.next.is_empty()
            && self.jobs.line.is_empty()
            && self.calls.exchange.is_none()
            && (self.calls.has_given_up() || may_leave)
    }
}
