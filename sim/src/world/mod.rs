//! The world around the product's decisions: a clock that jumps to the next event, clients, a queue,
//! consumers, a generator, and the objects of the gates and of the pool. One list of events, one source of chance.

mod calls;
mod clients;
mod close;
mod consumer;
mod gates;
mod hosts;
mod pool_calls;
mod progress;
mod queue;
mod tasks;
mod trace;

use crate::{
    dice::Dice,
    marks::{Mark, Tally},
    object::{Gate, Object, Pool},
    oracle::{Oracle, Violation},
    plan::{Plan, START},
    planted::Defect,
    rates::Rates,
    twin::{PoolTwin, Twin},
};
use calls::Call;
use consumer::Consumer;
use progress::Progress;
use queue::Queue;
use queue_core::{delivery::weight::Loads, domain::Timestamp, pool::Listeners};
use std::collections::BTreeMap;
use tasks::Task;

/// Events at one moment, beyond which the world is taken to run in a circle.
const CROWD_MAX: u32 = 20_000;

/// Something that happens at a time.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A client submits what it wishes; the second number counts its tries.
    Submit(usize, u32),
    /// A client cancels a job.
    Cancel(usize, u32),
    /// A message reaches the queue.
    Message(usize),
    /// The queue delivers what it has.
    Batch,
    /// A message of the dead-letter queue is delivered.
    DeadLetter(usize),
    /// A call is made once more.
    CallDialled(usize),
    /// A call reaches its object.
    CallArrives(usize),
    /// Its answer, or its failure, comes back.
    CallAnswered(usize),
    /// The generator has ended.
    WorkEnds(usize),
    /// The holder renews its lease.
    Heartbeat(usize),
    /// A report is made once more.
    ReportAgain(usize),
    /// A delivery looks again by itself.
    Tick(usize),
    /// The platform ends a delivery that runs too long.
    Wall(usize),
    /// The alarm of an object, in that version, rings.
    Alarm(usize, usize),
    /// It rings after the platform failed to ring.
    AlarmRetry(usize, usize),
    /// The platform gives it up.
    AlarmGone(usize, usize),
    /// It rings once more.
    AlarmAgain(usize),
    /// The clock of an object is set by so many milliseconds.
    ClockStep(usize, i64),
    /// An object is not to be reached for so many milliseconds.
    Outage(usize, i64),
    /// Another build takes over, with other limits or another capacity.
    Deploy(usize),
    /// A user gets another tier.
    SetPlan(usize, u32),
    /// An open call at the pool has waited long enough.
    ListenEnds(usize),
    /// A gate tells the pool again, unless it lost its memory meanwhile.
    TellAgain(usize, usize),
    /// Somebody looks at an account, or at a place in the pool's line.
    Look(usize),
    /// The same, after the object was evicted for want of requests.
    LookLater(usize),
}

/// The world.
pub struct World {
    /// What the seed set up.
    pub plan: Plan,
    /// What went wrong and what was done.
    pub tally: Tally,
    /// What must hold.
    pub oracle: Oracle,
    /// What does not, once something does not.
    pub violation: Option<Violation>,
    /// Events so far.
    pub events: u64,
    /// A digest of all that happened.
    pub hash: u64,
    /// What happened, line by line, if asked for.
    pub trace: Option<Vec<String>>,
    rates: Rates,
    dice: Dice,
    now: i64,
    agenda: BTreeMap<(i64, usize), Event>,
    scheduled: usize,
    gates: Vec<Object<Gate>>,
    pool: Object<Pool>,
    /// What is wrong with consumers, or anything else.
    defect: Defect,
    queue: Queue,
    consumers: BTreeMap<usize, Consumer>,
    delivered: usize,
    tasks: Vec<Task>,
    calls: Vec<Option<Call>>,
    /// Open calls at the pool.
    listeners: Listeners<usize>,
    /// How often the pool had lost its memory when that was looked at last.
    pool_lives: usize,
    /// What the deliveries of each isolate hold.
    loads: Vec<Loads>,
    /// How long slots rest in the world.
    progress: Progress,
    rings: u64,
    renewals: u64,
    /// Exchanges with the pool.
    exchanges: u64,
    /// Calls for work.
    listen_calls: u64,
    /// Those that waited in vain for as long as they may.
    long_listens: u64,
    /// Jobs that were given and could not start, other than those that had ended.
    skips: u64,
    calm: bool,
    /// Events of this very moment.
    crowd: u32,
}

impl World {
    /// The world of a seed.
    #[must_use]
    pub fn new(seed: u64, defect: Defect, twins: bool, trace: bool) -> Self {
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
        let mut oracle = Oracle::new(&plan.config, plan.limits, plan.users.len());
        // A gate or a pool that shows its own defect is too easily caught.
        oracle.views = defect == Defect::None;
        oracle.pool.books = !defect.is_over_capacity();
        let mut world = Self {
            tally: Tally::default(),
            oracle,
            violation: None,
            events: 0,
            hash: 0xcbf2_9ce4_8422_2325,
            trace: trace.then(Vec::new),
            rates,
            dice,
            now: START,
            agenda: BTreeMap::new(),
            scheduled: 0,
            gates,
            pool: Object::of_all(pool_twin, defect),
            defect,
            queue: Queue::default(),
            consumers: BTreeMap::new(),
            delivered: 0,
            tasks: Vec::new(),
            calls: Vec::new(),
            listeners: Listeners::default(),
            pool_lives: 0,
            loads: vec![Loads::default(); plan.isolates],
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
            self.tally.mark(Mark::HotUser);
        }
        for wish in 0..self.plan.wishes.len() {
            self.after(self.plan.wishes[wish].at, Event::Submit(wish, 1));
        }
        for deploy in 0..self.plan.deploys.len() {
            self.after(self.plan.deploys[deploy].at, Event::Deploy(deploy));
        }
        for change in 0..self.plan.tier_changes.len() {
            self.after(self.plan.tier_changes[change].at, Event::SetPlan(change, 1));
        }
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
    #[must_use]
    pub const fn elapsed(&self) -> i64 {
        self.now - START
    }

    /// When the next event comes, in milliseconds after the start.
    #[must_use]
    pub fn next(&self) -> Option<i64> {
        self.agenda.first_key_value().map(|((at, _), _)| at - START)
    }

    /// The faults end here.
    pub fn calm(&mut self) {
        self.calm = true;
        self.rates = Rates::default();
        self.say(|| "--- no more faults ---".to_owned());
        self.pool.host.down_until = 0;
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
    #[must_use]
    pub fn rows(&self) -> usize {
        let rows = self.gates.iter().map(|gate| gate.product.rows.len());
        rows.sum()
    }

    /// Claims that are left in the pool.
    #[must_use]
    pub fn claims(&self) -> usize {
        self.pool.product.rows.len()
    }

    /// Nothing is open any more: somebody calls the pool, where that is what its alarm waits for.
    pub fn call_the_pool(&mut self) {
        let host = &self.pool.host;
        if host.dropped || host.unarmed {
            let place = self.pool_place();
            self.after(130_000, Event::LookLater(place));
        }
    }

    fn after(&mut self, pause: i64, event: Event) {
        self.scheduled += 1;
        self.agenda
            .insert((self.now + pause.max(0), self.scheduled), event);
    }

    fn clock(&self, place: usize) -> Timestamp {
        Timestamp::from_millis(self.now + self.host(place).skew)
    }

    fn say(&mut self, line: impl FnOnce() -> String) {
        let at = self.elapsed();
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>9}.{:03} {}", at / 1_000, at % 1_000, line()));
        }
    }

    fn mix(&mut self, word: u64) {
        self.hash = (self.hash ^ word).wrapping_mul(0x0100_0000_01b3);
    }

    fn judge(&mut self, verdict: Result<(), Violation>) {
        if let Err(violation) = verdict
            && self.violation.is_none()
        {
            self.violation = Some(violation);
        }
    }

    /// Takes the next event.
    pub fn step(&mut self) {
        let Some(((at, number), event)) = self.agenda.pop_first() else {
            return;
        };
        self.crowd = if at == self.now { self.crowd + 1 } else { 0 };
        if self.crowd > CROWD_MAX {
            let detail = format!("{CROWD_MAX} events and no time passes, the last {event:?}");
            self.judge(Err(Violation {
                invariant: "I11 bounded work",
                detail,
            }));
        }
        self.now = at;
        self.events += 1;
        self.mix(at.unsigned_abs());
        self.mix(u64::try_from(number).unwrap_or(0));
        match event {
            Event::Submit(wish, tries) => self.submit(wish, tries),
            Event::Cancel(job, tries) => self.cancel(job, tries),
            Event::Message(message) => self.arrives(message),
            Event::Batch => self.batch_is_due(),
            Event::DeadLetter(message) => self.bury(message),
            Event::CallDialled(call) => self.dial(call),
            Event::CallArrives(call) => self.call_arrives(call),
            Event::CallAnswered(call) => self.call_answered(call),
            Event::WorkEnds(task) => self.work_ends(task),
            Event::Heartbeat(task) => self.heartbeat(task),
            Event::ReportAgain(task) => self.report(task),
            Event::Tick(delivery) => self.tick(delivery),
            Event::Wall(delivery) => self.wall(delivery),
            Event::Alarm(gate, version) => self.alarm(gate, version),
            Event::AlarmRetry(gate, version) => self.alarm_retry(gate, version),
            Event::AlarmGone(gate, version) => self.alarm_gone(gate, version),
            Event::AlarmAgain(gate) => self.ring(gate),
            Event::ClockStep(gate, step) => self.clock_step(gate, step),
            Event::Outage(place, millis) => {
                let is_pool = place == self.pool_place();
                let mark = if is_pool {
                    Mark::PoolDown
                } else {
                    Mark::GateDown
                };
                self.tally.mark(mark);
                self.say(|| format!("object {place} is down for {millis} ms"));
                self.host_mut(place).down_until = at + millis;
            }
            Event::Deploy(number) => self.deploy(number),
            Event::SetPlan(change, tries) => self.set_plan(change, tries),
            Event::ListenEnds(call) => self.listen_ends(call),
            Event::TellAgain(gate, life) => self.tell_again(gate, life),
            Event::Look(place) => self.look(place),
            Event::LookLater(place) => {
                self.evict(place);
                self.look(place);
            }
        }
        if self.dice.chance(self.rates.eviction) {
            let place = self.dice.below(self.gates.len() + 1);
            self.evict(place);
            let is_pool = place == self.pool_place();
            self.tally.mark(if is_pool {
                Mark::PoolEvicted
            } else {
                Mark::Eviction
            });
        }
        self.watch_progress();
    }
}
