//! The product: its gates, its pool and its consumer decide here, each by its own code, with the queue between
//! them as Cloudflare describes it. Nothing fails; `sim` is about that.
//!
//! Its deliveries decide, too; what imitates a host is `delivery`, where calls take no time. There is always a
//! consumer for a batch.

mod delivery;
mod looking;
mod looks;
mod objects;
mod world;

use super::{agenda::Agenda, window::Window};
use crate::{
    ledger::{Ledger, Outcome},
    trace::Trace,
};
use looks::Watch;
pub use looks::{Look, Told};
use queue_core::{
    config::Config,
    domain::{JobId, Kind, SeriesId, Stage},
    gate::{Command, command::NewJob},
};
use std::{collections::BTreeMap, time::Duration};
use world::{Event, Gate, Pool, World, clock};

/// The longest that may be set, and longer than any job takes: jobs renew their leases in time, which is not what is
/// measured.
const LEASE: Duration = Duration::from_hours(24);

/// How tickets travel.
#[derive(Clone, Copy, Debug)]
pub struct Transport {
    /// How long the first ticket of a batch travels, in milliseconds; others may join it.
    pub travel: i64,
    /// `max_batch_size`.
    pub batch_size: usize,
}

impl Transport {
    /// As `wrangler.toml` has it: no ticket waits for others. How long one travels is an assumption: at Cloudflare,
    /// sending alone takes some 60 ms in the median (its blog, "How we built Cloudflare Queues").
    pub const QUEUE: Self = Self {
        travel: 100,
        batch_size: 100,
    };
    /// With a `max_batch_timeout` of 5, Cloudflare's default.
    pub const BATCHED: Self = Self {
        travel: 5_100,
        ..Self::QUEUE
    };
    /// In no time: what remains are the decisions.
    pub const INSTANT: Self = Self {
        travel: 0,
        ..Self::QUEUE
    };
}

/// Serves the trace.
#[must_use]
pub fn serve(trace: &Trace, config: &Config, transport: Transport) -> Outcome {
    serve_watched(trace, config, transport, None).0
}

/// Serves the trace, and looks every so many milliseconds at jobs that wait.
#[must_use]
pub fn watched(trace: &Trace, config: &Config, every: i64) -> Vec<Look> {
    serve_watched(trace, config, Transport::QUEUE, Some(every)).1
}

fn serve_watched(
    trace: &Trace,
    config: &Config,
    transport: Transport,
    every: Option<i64>,
) -> (Outcome, Vec<Look>) {
    let mut config = config.clone();
    config.pool.capacity = trace.slots;
    (config.pool.lease, config.gate.lease) = (LEASE, LEASE);
    let ledger = Ledger::new(trace, &config.gate);
    let mut world = World {
        trace,
        config,
        agenda: Agenda::new(),
        window: Window::new(transport.travel, transport.batch_size),
        gates: (0..trace.users.len()).map(Gate::new).collect(),
        pool: Pool::default(),
        consumers: BTreeMap::new(),
        next_delivery: 0,
        jobs: BTreeMap::new(),
        started: vec![false; trace.arrivals.len()],
        ended: 0,
        ledger,
        watch: every.map(|every| Watch::new(every, trace.arrivals.len())),
    };
    if let Some(every) = every {
        world.agenda.at(every, Event::Look);
    }
    for (job, arrival) in trace.arrivals.iter().enumerate() {
        world.agenda.at(arrival.at, Event::Arrive(job));
    }
    while world.ended < trace.arrivals.len()
        && let Some((now, event)) = world.agenda.pop()
    {
        world.step(now, event);
    }
    let watch = world.watch.take();
    let looks = watch.map(|watch| watch.close(&trace.arrivals));
    (world.ledger.close(), looks.unwrap_or_default())
}

impl World<'_> {
    /// The stages of each job.
    fn stages(&self) -> &[Stage] {
        let story = self.config.gate.kinds.get(&Kind::story());
        story.map_or(&[], |rules| &rules.stages)
    }

    fn step(&mut self, now: i64, event: Event) {
        match event {
            Event::Arrive(job) => self.submit(now, job),
            Event::Deliver(batch) => {
                let bodies = self.window.take(batch);
                if !bodies.is_empty() {
                    self.deliver(now, &bodies);
                }
            }
            Event::StageEnd(delivery, job) => self.stage_end(now, delivery, job),
            Event::Run(delivery) => self.run(now, delivery),
            Event::Due(delivery) => self.due(now, delivery),
            Event::HangUp(delivery, call) => self.hang_up(now, delivery, call),
            Event::GateAlarm(user) => {
                if self.gates[user].alarm.rings(now) {
                    self.gate(now, user, Command::Wake { entropy: 0 });
                }
            }
            Event::Look => self.look(now),
            Event::LookAgain(number) => self.look_again(now, number),
            Event::PoolAlarm => {
                if self.pool.alarm.rings(now) {
                    self.pool(now, queue_core::pool::Command::Wake);
                }
            }
        }
    }

    fn submit(&mut self, now: i64, job: usize) {
        let arrival = self.trace.arrivals[job];
        self.ledger.arrive(job, now);
        if let Some(watch) = &mut self.watch {
            watch.waiting.insert(job);
        }
        let mut random = [0; 10];
        random[..8].copy_from_slice(&(job as u64).to_be_bytes());
        let job_id = JobId::new(clock(now), &random);
        self.jobs.insert(job_id.clone(), job);
        let Ok(series_id) = SeriesId::try_from("series".to_owned()) else {
            unreachable!("it is a valid id");
        };
        let new = NewJob {
            job_id,
            kind: Kind::story(),
            stages: self.stages().to_vec(),
            series_id,
            stated_tier: Some(arrival.tier),
            tier_ceiling: None,
            claimed_tier: None,
            chars: 0,
            weight: 0,
            window: queue_core::domain::Window::default(),
            payload: "{}".to_owned(),
            idempotency: None,
        };
        self.gate(now, arrival.user, Command::Submit(new));
    }
}
