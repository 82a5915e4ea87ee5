//! One seed: first with faults, where nothing wrong may happen; then without, where all must end.

use crate::{marks::Tally, oracle::Violation, planted::Defect, world::World};

/// How a seed is run.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// What is planted.
    pub defect: Defect,
    /// Whether each turn is taken on `SQLite`, too.
    pub twins: bool,
    /// Whether to keep a line of each event.
    pub trace: bool,
}

/// What came of a seed.
#[derive(Debug)]
pub struct Outcome {
    /// What was broken, if anything.
    pub violation: Option<Violation>,
    /// Jobs that were recorded.
    pub jobs: u64,
    /// Jobs that never ended.
    pub lost: u64,
    /// Events.
    pub events: u64,
    /// Simulated time in milliseconds.
    pub elapsed: i64,
    /// How long after the faults the last job ended, in milliseconds.
    pub drained: i64,
    /// What happened.
    pub tally: Tally,
    /// A digest of all that happened.
    pub hash: u64,
    /// What happened, line by line.
    pub trace: Vec<String>,
}

/// All is quiet when nothing was open for so long; late messages still come in.
const QUIET_MS: i64 = 600_000;

/// The same where jobs are forgotten within the seed: at a full hour, by a clock that was perhaps set back.
const FORGET_MS: i64 = 4 * 3_600_000;

/// How long after the last job the pool may know of any: what was not released runs out, and a ticket of a job
/// that has ended is sent again, after a pause of at most an hour, by a clock that was perhaps set back.
const LEAK_MS: i64 = 2 * 3_600_000 + 900_000;

/// Events of one seed, beyond which it is taken to run in a circle.
const EVENTS_MAX: u64 = 5_000_000;

/// Runs a seed.
#[must_use]
pub fn run(seed: u64, settings: Settings) -> Outcome {
    let mut world = World::new(seed, settings.defect, settings.twins, settings.trace);
    let storm = world.plan.storm_ms;
    while world.violation.is_none() && world.next().is_some_and(|at| at <= storm) {
        world.step();
    }
    world.calm();
    let mut drained = 0;
    if world.violation.is_none() {
        drained = drain(&mut world, storm);
    }
    if world.violation.is_none() {
        world.close();
    }
    let is_broken = world.violation.is_some();
    let lost = if is_broken {
        world.oracle.lost().len()
    } else {
        0
    };
    let facts = world.oracle.jobs.iter();
    let jobs = facts.filter(|fact| fact.recorded.is_some()).count();
    Outcome {
        jobs: jobs as u64,
        lost: lost as u64,
        events: world.events,
        elapsed: world.elapsed(),
        drained,
        tally: world.oracle.tally,
        hash: world.hash,
        trace: world.trace.take().unwrap_or_default(),
        violation: world.violation,
    }
}

fn drain(world: &mut World, storm: i64) -> i64 {
    let deadline = storm + world.plan.calm_ms();
    let forgets = world.plan.config.gate.retention.as_secs() < 3_600;
    let deletes = forgets || !world.plan.erasures.is_empty();
    let tail = if deletes { FORGET_MS } else { QUIET_MS };
    let mut quiet_since = storm;
    let mut pool_called = false;
    while world.violation.is_none() {
        let open = world.oracle.open > 0;
        if !open && !pool_called {
            pool_called = true;
            world.call_the_pool();
        }
        let Some(next) = world.next() else { break };
        if open {
            quiet_since = next;
        }
        let leaks = world.claims() > 0 || world.owes_words();
        let tail = if leaks { LEAK_MS } else { tail };
        if next > if open { deadline } else { quiet_since + tail } {
            break;
        }
        if world.events > EVENTS_MAX {
            let detail = format!("{} events", world.events);
            world.breaks("I11 bounded work", detail);
        }
        world.step();
    }
    let drained = quiet_since - storm;
    if world.violation.is_some() {
        return drained;
    }
    let lost = world.oracle.lost();
    if let Some(fact) = lost.first() {
        let detail = format!(
            "{} of {} jobs never ended, first {fact:?}",
            lost.len(),
            world.oracle.jobs.len()
        );
        world.breaks("I4 nothing lost", detail);
    } else if forgets && world.rows() > 0 {
        let detail = format!("{} jobs are kept beyond their time", world.rows());
        world.breaks("P11 forgotten in time", detail);
    } else if let Some(user) = world.half_erased() {
        let detail = format!("user{user} is still being deleted");
        world.breaks("P11 forgotten in time", detail);
    } else if let Some(detail) = world.leftovers() {
        world.breaks("deleted is deleted", detail);
    } else if world.claims() > 0 {
        let detail = format!("{} claims of jobs that have ended", world.claims());
        world.breaks("I14 no slot leaks", detail);
    }
    drained
}
