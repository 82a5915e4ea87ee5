//! What is measured, the same for every policy, and by what the world did: a policy only says when a job
//! starts, pauses between two stages, and ends.

use crate::trace::Trace;
use queue_core::{
    config::GateConfig,
    domain::{Rank, Tier, Timestamp},
};
use std::collections::{BTreeMap, BTreeSet};

/// A job that started.
#[derive(Clone, Copy, Debug)]
pub struct Served {
    /// Its user.
    pub user: usize,
    /// Its tier.
    pub tier: Tier,
    /// When it started, in milliseconds.
    pub at: i64,
    /// How long it had waited, in milliseconds.
    pub wait: i64,
}

/// What came out of one or more traces.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Waits from submission to the first start, in milliseconds, by tier.
    pub waits: [Vec<i64>; 4],
    /// The jobs in the order in which they started.
    pub served: Vec<Served>,
    /// Messages that the queue delivered.
    pub deliveries: u64,
    /// Starts of a job while one of a higher tier, its user below the limit, waited.
    pub inversions: u64,
    /// Slot-milliseconds in which a slot did not work although a job waited whose user was below the limit.
    pub idle_ms: i64,
    /// Jobs that were overtaken by one submitted later than the bound allows.
    pub violations: u64,
    /// Turns after which the pool had a free slot and a parked job although a delivery with a place listened.
    pub unassigned: u64,
}

impl Outcome {
    /// Takes another trace's outcome in.
    pub fn absorb(&mut self, other: Self) {
        for (waits, more) in self.waits.iter_mut().zip(other.waits) {
            waits.extend(more);
        }
        self.served.extend(other.served);
        self.deliveries += other.deliveries;
        self.inversions += other.inversions;
        self.idle_ms += other.idle_ms;
        self.violations += other.violations;
        self.unassigned += other.unassigned;
    }

    /// Jobs served.
    #[must_use]
    pub fn jobs(&self) -> usize {
        self.waits.iter().map(Vec::len).sum()
    }

    /// The mean wait of all jobs, in seconds. With service times that do not depend on the tier this is
    /// Σ ρ·W / ρ, which no order of service changes unless it wastes capacity.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        let sum: i64 = self.waits.iter().flatten().sum();
        sum as f64 / 1_000.0 / (self.jobs().max(1) as f64)
    }

    /// The mean wait of one tier, in seconds.
    #[must_use]
    pub fn tier_wait(&self, tier: Tier) -> f64 {
        let waits = &self.waits[tier as usize];
        waits.iter().sum::<i64>() as f64 / 1_000.0 / (waits.len().max(1) as f64)
    }
}

/// The rank of a job of the trace.
#[must_use]
pub fn rank(config: &GateConfig, at: i64, tier: Tier) -> i64 {
    let priority = config.tiers.of(tier).priority;
    Rank::new(Timestamp::from_millis(at), priority, config.priority_boost).as_millis()
}

/// A job that waits although its user's limit has room for it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Open {
    /// Its rank by the time since which there is room.
    rank: i64,
    job: usize,
}

/// What is known of one user.
#[derive(Clone, Default)]
struct User {
    /// Jobs that run, or wait with room for them; at most the limit.
    taken: u32,
    /// Jobs that wait with room for them.
    open: BTreeSet<Open>,
    /// Jobs that there is no room for, by time.
    kept: BTreeSet<usize>,
}

/// Books what happens.
pub struct Ledger<'a> {
    trace: &'a Trace,
    config: GateConfig,
    now: i64,
    working: u32,
    users: Vec<User>,
    open_by_tier: [u32; 4],
    /// Since when there is room for each job.
    since: Vec<i64>,
    /// Open jobs that were not overtaken out of bounds yet.
    unharmed: BTreeSet<Open>,
    /// Since when open jobs are overtaken, if they are: those that start at the same moment are not.
    overtaken: BTreeMap<usize, i64>,
    outcome: Outcome,
}

impl<'a> Ledger<'a> {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(trace: &'a Trace, config: &GateConfig) -> Self {
        Self {
            trace,
            config: config.clone(),
            now: 0,
            working: 0,
            users: vec![User::default(); trace.users.len()],
            open_by_tier: [0; 4],
            since: vec![0; trace.arrivals.len()],
            unharmed: BTreeSet::new(),
            overtaken: BTreeMap::new(),
            outcome: Outcome::default(),
        }
    }

    /// A job is submitted.
    pub fn arrive(&mut self, job: usize, now: i64) {
        self.pass(now);
        let user = self.trace.arrivals[job].user;
        self.users[user].kept.insert(job);
        self.make_room(user);
    }

    /// A job starts.
    pub fn start(&mut self, job: usize, now: i64) {
        self.pass(now);
        let arrival = &self.trace.arrivals[job];
        let (tier, user) = (arrival.tier as usize, arrival.user);
        if self.open_by_tier[tier + 1..].iter().any(|count| *count > 0) {
            self.outcome.inversions += 1;
        }
        self.book_overtaken(job, now);
        let since = self.overtaken.remove(&job);
        self.outcome.violations += u64::from(since.is_some_and(|since| since < now));
        let wait = now - arrival.at;
        self.outcome.waits[tier].push(wait);
        self.outcome.served.push(Served {
            user,
            tier: arrival.tier,
            at: now,
            wait,
        });
        self.working += 1;
        if self.users[user].kept.remove(&job) {
            // It took the place of one that came before it.
            if let Some(last) = self.users[user].open.last().copied() {
                self.shut(user, last);
                self.users[user].kept.insert(last.job);
            }
        } else {
            let place = self.place(job);
            self.shut(user, place);
        }
    }

    /// A running job is between two stages: it keeps its slot, which does not work.
    pub fn pause(&mut self, now: i64) {
        self.pass(now);
        self.working -= 1;
    }

    /// The next stage begins.
    pub fn resume(&mut self, now: i64) {
        self.pass(now);
        self.working += 1;
    }

    /// A job ends.
    pub fn end(&mut self, job: usize, now: i64) {
        self.pass(now);
        let user = self.trace.arrivals[job].user;
        self.working -= 1;
        self.users[user].taken -= 1;
        self.make_room(user);
    }

    /// The queue delivered so many messages.
    pub fn deliver(&mut self, messages: usize) {
        self.outcome.deliveries += messages as u64;
    }

    /// The pool left a slot free although a job was parked and somebody listened.
    pub fn unassigned(&mut self) {
        self.outcome.unassigned += 1;
    }

    /// What came out.
    #[must_use]
    pub fn close(mut self) -> Outcome {
        // Overtaken and never started.
        self.outcome.violations += self.overtaken.len() as u64;
        self.outcome
    }

    /// Books the time since the last event.
    fn pass(&mut self, now: i64) {
        let free = self.trace.slots.saturating_sub(self.working);
        let open: u32 = self.open_by_tier.iter().sum();
        let idle = free.min(open);
        self.outcome.idle_ms += i64::from(idle) * (now - self.now);
        self.now = now;
    }

    /// Books each job that this one overtakes although it was submitted after the bound of the other.
    fn book_overtaken(&mut self, job: usize, now: i64) {
        let arrival = &self.trace.arrivals[job];
        let rank = rank(&self.config, arrival.at, arrival.tier);
        let is_overtaken = |open: &&Open| {
            let came_before = self.trace.arrivals[open.job].at < arrival.at;
            came_before && open.job != job && self.since[open.job] < now
        };
        let harmed = self.unharmed.range(..Open { rank, job: 0 });
        let harmed: Vec<Open> = harmed.filter(is_overtaken).copied().collect();
        for open in harmed {
            self.unharmed.remove(&open);
            self.overtaken.insert(open.job, now);
        }
    }

    fn place(&self, job: usize) -> Open {
        let tier = self.trace.arrivals[job].tier;
        let rank = rank(&self.config, self.since[job], tier);
        Open { rank, job }
    }

    /// Opens those of the user's jobs that there is room for now.
    fn make_room(&mut self, user: usize) {
        let tier = self.trace.users[user];
        let limit = self.config.tiers.of(tier).max_concurrent_jobs;
        while self.users[user].taken < limit
            && let Some(job) = self.users[user].kept.pop_first()
        {
            self.since[job] = self.now;
            let open = self.place(job);
            self.users[user].taken += 1;
            self.users[user].open.insert(open);
            self.unharmed.insert(open);
            self.open_by_tier[tier as usize] += 1;
        }
    }

    fn shut(&mut self, user: usize, open: Open) {
        self.users[user].open.remove(&open);
        self.unharmed.remove(&open);
        self.open_by_tier[self.trace.users[user] as usize] -= 1;
    }
}
