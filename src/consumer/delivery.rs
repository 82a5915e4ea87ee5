//! What one delivery does with the jobs it holds: claims slots for them, starts them in lanes, goes on with what their
//! ends free, and hands back what its budget has no time for.
//!
//! It never waits and never reads the clock: each result comes in through a method, and [`Delivery::act`] says what
//! is to be done next. A consumer on the platform performs that, and so do the simulators.

use super::{admitted::Admitted, lanes::Lanes, slots::Slots, verdict::Verdict};
use crate::{
    config::Config,
    domain::{JobId, Ticket, Tier, Timestamp},
    gate::{
        self, State,
        command::{Handed, Holding, SkipReason},
    },
    observability::Event,
    pool::{
        self,
        command::{Claimed, Want},
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// Starts after which a delivery goes on with nothing: Workers limits allow an invocation 10,000 calls, and a stage of a
/// dozen scenes makes some 16, of its gate, of the pool and of the bucket.
const STARTS_MAX: usize = 300;

/// Something to be done; each is answered by the method of the delivery that it names.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Run the stage and report how it went: [`Delivery::reported`].
    Start(Admitted),
    /// Tell the gate that it did not start: [`Delivery::handed_back`].
    HandBack(Admitted),
    /// Ask the pool: [`Delivery::exchanged`].
    Exchange(pool::Command),
    /// Tell the gates that these wait for a slot: [`Delivery::told`].
    Wait {
        /// The jobs, of any users.
        jobs: Vec<Admitted>,
        /// Whether they are in the pool's line.
        in_line: bool,
    },
    /// Ask the gates about tickets that came with a slot: [`Delivery::admitted`].
    Admit(Vec<Ticket>),
    /// Put tickets back on the queue, for a delivery that has a place for them: [`Delivery::told`].
    Forward(Vec<Ticket>),
}

/// One delivery.
#[derive(Clone, Debug)]
pub struct Delivery {
    budget_ends: Timestamp,
    lanes: Lanes,
    slots: Slots,
    /// Every job under every epoch that it ever got, so that an answer given twice is taken once.
    known: BTreeSet<(JobId, u32)>,
    /// Without a slot.
    unclaimed: Vec<Admitted>,
    /// Without a slot; the pool is being asked.
    claiming: Vec<Admitted>,
    /// Got no slot; their gates must be told, and whether they are in the pool's line.
    parked: Vec<(Vec<Admitted>, bool)>,
    /// With a slot; wait for a place in their lane.
    waiting: Vec<Admitted>,
    running: BTreeMap<JobId, (Tier, usize)>,
    /// Came with a slot; their gates must be asked.
    tickets: Vec<Ticket>,
    /// Came with a slot; their gates are being asked.
    asked: Vec<Tier>,
    /// Nobody here can run them.
    forward: Vec<Ticket>,
    is_exchanging: bool,
    /// Other things under way.
    errands: usize,
    /// How many stages were started.
    started: usize,
}

impl Delivery {
    /// A delivery that starts now; its jobs together may weigh so much.
    #[must_use]
    pub fn new(now: Timestamp, config: &Config, weight_max: usize) -> Self {
        Self {
            budget_ends: now.after(config.delivery_budget),
            lanes: Lanes::new(&config.gate.tiers, weight_max),
            slots: Slots::new(config.pool.capacity > 0),
            known: BTreeSet::new(),
            unclaimed: Vec::new(),
            claiming: Vec::new(),
            parked: Vec::new(),
            waiting: Vec::new(),
            running: BTreeMap::new(),
            tickets: Vec::new(),
            asked: Vec::new(),
            forward: Vec::new(),
            is_exchanging: false,
            errands: 0,
            started: 0,
        }
    }

    /// When it starts nothing more.
    #[must_use]
    pub const fn budget_ends(&self) -> Timestamp {
        self.budget_ends
    }

    /// The slots that it holds.
    #[must_use]
    pub const fn slots(&self) -> &Slots {
        &self.slots
    }

    /// The pool took these jobs' slots back.
    pub fn lost(&mut self, jobs: Vec<JobId>) {
        self.slots.lose(jobs);
    }

    /// How many jobs wait for a place in their lane, and how many run.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        (self.waiting.len(), self.running.len())
    }

    /// A gate's verdict on a ticket of the delivered batch; what is to be logged.
    pub fn judged(&mut self, ticket: Ticket, verdict: Verdict) -> Option<Event> {
        match verdict {
            Verdict::Run(grant) => {
                self.take_on(Admitted::new(ticket, grant));
                None
            }
            Verdict::Park { active, limit } => {
                let job = (&ticket).into();
                Some(Event::Parked { job, active, limit })
            }
            Verdict::Skip(reason) => {
                self.slots.skip(&ticket, reason);
                let job = (&ticket).into();
                Some(Event::Skipped { job, reason })
            }
            // Logged where they were found out.
            Verdict::Retry | Verdict::Bury => None,
        }
    }

    /// The gates' verdicts on tickets that came with a slot; what is to be logged.
    pub fn admitted(&mut self, verdicts: Vec<(Ticket, Verdict)>) -> Vec<Event> {
        self.errands -= 1;
        let mut events = Vec::new();
        for (ticket, verdict) in verdicts {
            if let Some(place) = self.asked.iter().position(|tier| *tier == ticket.tier) {
                self.asked.swap_remove(place);
            }
            match verdict {
                Verdict::Run(grant) => {
                    let admitted = Admitted::new(ticket, grant);
                    self.slots.hold(admitted.holding());
                    self.put_in_lane(admitted);
                }
                // The pool owes the ticket; a delivery that reaches the gate will do.
                Verdict::Retry => self.forward.push(ticket),
                Verdict::Park { .. } | Verdict::Bury => {
                    self.slots.skip(&ticket, SkipReason::AlreadyParked);
                }
                Verdict::Skip(_) => events.extend(self.judged(ticket, verdict)),
            }
        }
        events
    }

    fn take_on(&mut self, admitted: Admitted) {
        if self.is_news(&admitted) {
            self.unclaimed.push(admitted);
        }
    }

    fn put_in_lane(&mut self, admitted: Admitted) {
        if self.is_news(&admitted) {
            self.waiting.push(admitted);
        }
    }

    fn is_news(&mut self, admitted: &Admitted) -> bool {
        let Holding { job_id, epoch } = admitted.holding();
        self.known.insert((job_id, epoch))
    }

    /// What is to be done now.
    pub fn act(&mut self, now: Timestamp) -> Vec<Action> {
        let is_over = self.budget_ends <= now;
        let mut actions = Vec::new();
        self.place_tickets(&mut actions);
        self.exchange(now, &mut actions);
        for (jobs, in_line) in std::mem::take(&mut self.parked) {
            self.errands += 1;
            actions.push(Action::Wait { jobs, in_line });
        }
        // By the clock: after a stall, the leases of those that wait may have run out.
        if self.started > 0 && is_over {
            self.errands += self.waiting.len();
            actions.extend(self.waiting.drain(..).map(Action::HandBack));
        }
        self.waiting.sort_by_cached_key(Admitted::key);
        for admitted in self.lanes.start(&mut self.waiting, Admitted::place) {
            self.started += 1;
            let job_id = admitted.ticket.job_id.clone();
            self.running.insert(job_id, admitted.place());
            actions.push(Action::Start(admitted));
        }
        actions
    }

    /// Asks about the tickets that there is a place for; the others shall not idle here with their slots.
    fn place_tickets(&mut self, actions: &mut Vec<Action>) {
        let mut asks = Vec::new();
        for ticket in std::mem::take(&mut self.tickets) {
            if self.expected(ticket.tier) < self.lanes.free(ticket.tier) {
                self.asked.push(ticket.tier);
                asks.push(ticket);
            } else {
                self.forward.push(ticket);
            }
        }
        for (tickets, action) in [
            (asks, Action::Admit as fn(Vec<Ticket>) -> Action),
            (std::mem::take(&mut self.forward), Action::Forward),
        ] {
            if !tickets.is_empty() {
                self.errands += 1;
                actions.push(action(tickets));
            }
        }
    }

    /// How many will want a place in that lane.
    fn expected(&self, tier: Tier) -> usize {
        let jobs = [&self.waiting, &self.unclaimed, &self.claiming];
        let jobs = jobs.into_iter().flatten();
        let jobs = jobs.filter(|admitted| admitted.grant.tier == tier);
        jobs.count() + self.asked.iter().filter(|asked| **asked == tier).count()
    }

    /// Claims slots for what has none, and gives back what is free, in one call; one call at a time.
    fn exchange(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        if !self.slots.is_bounded() {
            self.waiting.append(&mut self.unclaimed);
            return;
        }
        if self.is_exchanging || (self.unclaimed.is_empty() && !self.slots.any_free()) {
            return;
        }
        self.is_exchanging = true;
        self.claiming = std::mem::take(&mut self.unclaimed);
        self.claiming.sort_by_cached_key(Admitted::key);
        let want = |admitted: &Admitted| Want::new(&admitted.ticket, &admitted.grant);
        actions.push(Action::Exchange(pool::Command::Claim {
            wants: self.claiming.iter().map(want).collect(),
            freed: self.slots.take_free(),
            takes: self.takes_on(now),
        }));
    }

    /// The pool's answer; what is to be logged. What it could not be told of runs out by itself.
    pub fn exchanged(&mut self, answer: Option<pool::Reply>) -> Vec<Event> {
        self.is_exchanging = false;
        let claiming = std::mem::take(&mut self.claiming);
        let (claimed, active, capacity, tickets) = match answer {
            Some(pool::Reply::Claimed {
                claimed,
                active,
                capacity,
                tickets,
            }) if claimed.len() == claiming.len() => (claimed, active, capacity, tickets),
            _ => {
                self.park(claiming, false);
                return Vec::new();
            }
        };
        self.tickets.extend(tickets);
        let (mut parked, mut events) = (Vec::new(), Vec::new());
        for (admitted, claimed) in claiming.into_iter().zip(claimed) {
            let job = (&admitted).into();
            match claimed {
                Claimed::Slot => {
                    self.slots.hold(admitted.holding());
                    self.waiting.push(admitted);
                }
                Claimed::Parked => {
                    events.push(Event::CapacityReached {
                        job,
                        active,
                        capacity,
                    });
                    parked.push(admitted);
                }
                Claimed::Stale => events.push(Event::Stale { job }),
            }
        }
        self.park(parked, true);
        events
    }

    fn park(&mut self, jobs: Vec<Admitted>, in_line: bool) {
        if !jobs.is_empty() {
            self.parked.push((jobs, in_line));
        }
    }

    /// Whether a report about a job of that tier says that this delivery goes on with what follows: within its
    /// budget, and only where nobody waits for the place.
    #[must_use]
    pub fn goes_on(&self, now: Timestamp, tier: Tier) -> bool {
        self.takes_on(now) && self.expected(tier) == 0
    }

    fn takes_on(&self, now: Timestamp) -> bool {
        now < self.budget_ends && self.started < STARTS_MAX
    }

    /// The job's stage ended, and was reported; `None` where no gate answered.
    pub fn reported(&mut self, job_id: &JobId, reply: Option<gate::Reply>) {
        if let Some(place) = self.running.remove(job_id) {
            self.lanes.end(place);
        }
        let Some(gate::Reply::Reported { state, handed, .. }) = reply else {
            return self.slots.leave(job_id, false);
        };
        let is_own = |handed: &Handed| handed.ticket.job_id == *job_id;
        let keeps_slot = self.slots.has(job_id) && handed.iter().any(is_own);
        // A ticket that travels takes the slot with it.
        self.slots
            .leave(job_id, keeps_slot || state == Some(State::Granted));
        for handed in handed {
            let is_next_stage = keeps_slot && is_own(&handed);
            let admitted = Admitted::new(handed.ticket, handed.grant);
            if is_next_stage {
                self.slots.hold(admitted.holding());
                self.put_in_lane(admitted);
            } else {
                self.take_on(admitted);
            }
        }
    }

    /// The job was handed back; `None` where no gate answered.
    pub fn handed_back(&mut self, job_id: &JobId, reply: Option<&gate::Reply>) {
        self.errands -= 1;
        let is_granted = matches!(
            reply,
            Some(gate::Reply::Reported {
                state: Some(State::Granted),
                ..
            })
        );
        self.slots.leave(job_id, is_granted);
    }

    /// Gates were told, or tickets put back.
    pub fn told(&mut self) {
        self.errands -= 1;
    }

    /// Whether nothing is left to be done or to be waited for.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let jobs = [&self.unclaimed, &self.claiming, &self.waiting];
        jobs.into_iter().all(Vec::is_empty)
            && self.parked.is_empty()
            && self.running.is_empty()
            && self.tickets.is_empty()
            && self.forward.is_empty()
            && self.errands == 0
            && !self.is_exchanging
            && !self.slots.any_free()
    }
}
