//! The world as it is, and when it ends.

use super::{
    call::Call,
    event::Event,
    work::{Asking, Bucket, Consumer, Progress, Purge, Queue, Task},
};
use crate::{
    dice::Dice,
    marks::Mark,
    object::{Gate, List, Object, Pool},
    oracle::{Oracle, Violation},
    plan::Plan,
    planted::Defect,
    rates::Rates,
    twin::{ListTwin, PoolTwin, Twin},
};
use queue_core::{delivery::weight::Loads, domain::Timestamp, failures::Word, pool::Listeners};
use std::collections::BTreeMap;

/// The world.
pub(crate) struct World {
    /// What the seed set up.
    pub(crate) plan: Plan,
    /// What must hold.
    pub(crate) oracle: Oracle,
    /// What does not, once something does not.
    pub(crate) violation: Option<Violation>,
    /// Events so far.
    pub(crate) events: u64,
    /// A digest of all that happened.
    pub(crate) hash: u64,
    /// What happened, line by line, if asked for.
    pub(crate) trace: Option<Vec<String>>,
    pub(super) rates: Rates,
    pub(super) dice: Dice,
    pub(super) now: i64,
    pub(super) agenda: BTreeMap<(i64, usize), Event>,
    pub(super) scheduled: usize,
    pub(super) gates: Vec<Object<Gate>>,
    pub(super) pool: Object<Pool>,
    pub(super) list: Object<List>,
    /// Words that are being told to the list.
    pub(super) words: Vec<Vec<Word>>,
    /// Gates that are being asked for it.
    pub(super) asking: Vec<Asking>,
    /// What is wrong with consumers, or anything else.
    pub(super) defect: Defect,
    pub(super) queue: Queue,
    pub(super) consumers: BTreeMap<usize, Consumer>,
    pub(super) delivered: usize,
    pub(super) tasks: Vec<Task>,
    pub(super) calls: Vec<Option<Call>>,
    /// Open calls at the pool.
    pub(super) listeners: Listeners<usize>,
    /// How often the pool had lost its memory when that was looked at last.
    pub(super) pool_lives: usize,
    /// What the deliveries of each isolate hold.
    pub(super) loads: Vec<Loads>,
    pub(super) bucket: Bucket,
    pub(super) purges: Vec<Option<Purge>>,
    /// How long slots rest in the world.
    pub(super) progress: Progress,
    pub(super) rings: u64,
    pub(super) renewals: u64,
    /// Exchanges with the pool.
    pub(super) exchanges: u64,
    /// Calls for work.
    pub(super) listen_calls: u64,
    /// Those that waited in vain for as long as they may.
    pub(super) long_listens: u64,
    /// Jobs that were given and could not start, other than those that had ended.
    pub(super) skips: u64,
    pub(super) calm: bool,
    /// Events of this very moment.
    pub(super) crowd: u32,
}

impl World {
    /// The world of a seed.
    pub(crate) fn new(seed: u64, defect: Defect, twins: bool, trace: bool) -> Self {
        let mut dice = Dice::new(seed);
        let rates = Rates::draw(&mut dice);
        let extra = u32::from(defect == Defect::OffByOneLimit);
        let plan = Plan::draw(seed, &mut dice, &rates, extra);
        let twin = || if twins { Twin::new().ok() } else { None };
        let gates = plan
            .users
            .iter()
            .map(|user| Object::of_user(user.clone(), twin(), defect));
        let gates = gates.collect();
        let pool_twin = if twins { PoolTwin::new().ok() } else { None };
        let list_twin = if twins { ListTwin::new().ok() } else { None };
        let mut oracle = Oracle::new(
            &plan.config,
            (plan.limits, plan.kind_limit),
            plan.users.len(),
        );
        // A gate or a pool that shows its own defect is too easily caught.
        oracle.views = defect == Defect::None;
        oracle.pool.books = !defect.is_over_capacity();
        let mut world = Self {
            oracle,
            violation: None,
            events: 0,
            hash: 0xcbf2_9ce4_8422_2325,
            trace: trace.then(Vec::new),
            rates,
            dice,
            now: plan.start,
            agenda: BTreeMap::new(),
            scheduled: 0,
            gates,
            pool: Object::of_all(pool_twin, defect),
            list: Object::of_failures(list_twin, defect),
            words: Vec::new(),
            asking: Vec::new(),
            defect,
            queue: Queue::default(),
            consumers: BTreeMap::new(),
            delivered: 0,
            tasks: Vec::new(),
            calls: Vec::new(),
            listeners: Listeners::default(),
            pool_lives: 0,
            loads: vec![Loads::default(); plan.isolates],
            bucket: Bucket::new(),
            purges: Vec::new(),
            progress: Progress::default(),
            rings: 0,
            renewals: 0,
            exchanges: 0,
            listen_calls: 0,
            long_listens: 0,
            skips: 0,
            calm: false,
            crowd: 0,
            plan,
        };
        world.open();
        world
    }

    fn open(&mut self) {
        if self.plan.hot {
            self.mark(Mark::HotUser);
        }
        for wish in 0..self.plan.wishes.len() {
            self.after(self.plan.wishes[wish].at, Event::Submit(wish, 1));
        }
        for deploy in 0..self.plan.deploys.len() {
            self.after(self.plan.deploys[deploy].at, Event::Deploy(deploy));
        }
        for change in 0..self.plan.stripe.changes.len() {
            let at = self.plan.stripe.changes[change].at;
            self.after(at, Event::SetPlan(change, 1));
        }
        for reading in 0..self.plan.stripe.readings.len() {
            let (at, user) = self.plan.stripe.readings[reading];
            self.after(at, Event::Reconcile(user, 1));
        }
        for erasure in 0..self.plan.erasures.len() {
            let (at, user) = self.plan.erasures[erasure];
            self.after(at, Event::Erase(user, 1));
        }
        self.plan_orders();
        self.plan_replays();
        let places = self.gates.len() + usize::from(self.plan.has_pool());
        for place in 0..places {
            if self.dice.chance(self.rates.clock_step) {
                let at = self.dice.between(0, self.plan.storm_ms);
                let step = self.dice.between(-3_600_000, 3_600_000);
                self.after(at, Event::ClockStep(place, step));
            }
            if self.dice.chance(self.rates.outage) {
                let at = self.dice.between(0, self.plan.storm_ms);
                let millis = self.dice.between(10_000, 600_000);
                self.after(at, Event::Outage(place, millis));
            }
            let at = self.dice.between(0, self.plan.storm_ms);
            self.after(at, Event::Look(place));
        }
        let text = format!(
            "{:?} {:?} {:?} {:?}",
            self.plan.config.gate, self.plan.config.pool, self.plan.limits, self.rates
        );
        self.say(|| text);
    }

    /// The time, in milliseconds after the start.
    pub(crate) const fn elapsed(&self) -> i64 {
        self.now - self.plan.start
    }

    /// When the next event comes, in milliseconds after the start.
    pub(crate) fn next(&self) -> Option<i64> {
        self.agenda
            .first_key_value()
            .map(|((at, _), _)| at - self.plan.start)
    }

    /// The faults end here.
    pub(crate) fn calm(&mut self) {
        self.calm = true;
        self.rates = Rates::default();
        self.say(|| "--- no more faults ---".to_owned());
        self.pool.host.down_until = 0;
        self.list.host.down_until = 0;
        let list = self.list_place();
        if self.list.host.unarmed {
            self.after(1_000, Event::Look(list));
        }
        if self.list.host.dropped {
            self.after(130_000, Event::LookLater(list));
        }
        for gate in 0..self.gates.len() {
            self.gates[gate].host.down_until = 0;
            if self.gates[gate].host.unarmed {
                self.after(1_000, Event::Look(gate));
            }
            if self.gates[gate].host.dropped {
                self.after(130_000, Event::LookLater(gate));
            }
        }
    }

    /// Rows that are left in all gates.
    pub(crate) fn rows(&self) -> usize {
        let rows = self.gates.iter().map(|gate| gate.product.rows.count_jobs());
        rows.sum()
    }

    /// Artifacts of jobs that are forgotten. A clock that was set may end a wait for the last upload too early.
    pub(crate) fn leftovers(&self) -> Option<String> {
        let is_left = |job: usize| {
            let fact = &self.oracle.jobs[job];
            fact.forgotten && !self.oracle.users[fact.user].stepped
        };
        let left = self.bucket.iter().find(|(job, _)| is_left(*job));
        left.map(|(job, epoch)| {
            format!("job {job} is forgotten, and what epoch {epoch} stored is not")
        })
    }

    /// Users whose deletion has not come to its end.
    pub(crate) fn half_erased(&self) -> Option<usize> {
        self.oracle.users.iter().position(|user| user.erasing)
    }

    /// Claims that are left in the pool.
    pub(crate) fn claims(&self) -> usize {
        self.pool.product.rows.len()
    }

    /// Nothing is open any more: somebody calls the pool, where that is what its alarm waits for.
    pub(crate) fn call_the_pool(&mut self) {
        let host = &self.pool.host;
        if host.dropped || host.unarmed {
            let place = self.pool_place();
            self.after(130_000, Event::LookLater(place));
        }
    }

    pub(super) fn after(&mut self, pause: i64, event: Event) {
        self.scheduled += 1;
        self.agenda
            .insert((self.now + pause.max(0), self.scheduled), event);
    }

    pub(super) fn clock(&self, place: usize) -> Timestamp {
        Timestamp::from_millis(self.now + self.host(place).skew)
    }

    pub(super) fn say(&mut self, line: impl FnOnce() -> String) {
        let at = self.elapsed();
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>9}.{:03} {}", at / 1_000, at % 1_000, line()));
        }
    }

    pub(super) fn mark(&mut self, mark: Mark) {
        self.oracle.tally.mark(mark);
    }

    pub(super) fn mix(&mut self, word: u64) {
        self.hash = (self.hash ^ word).wrapping_mul(0x0100_0000_01b3);
    }

    pub(super) fn judge(&mut self, verdict: Result<(), Violation>) {
        if let Err(violation) = verdict {
            self.violation.get_or_insert(violation);
        }
    }

    /// An invariant does not hold.
    pub(crate) fn breaks(&mut self, invariant: &'static str, detail: String) {
        self.judge(Err(Violation { invariant, detail }));
    }
}
