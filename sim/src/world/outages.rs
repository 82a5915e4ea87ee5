//! Outages, seen at the generator: whose fault is whose.

use super::{World, work::Fate};
use crate::oracle::{Violation, require};
use queue_core::{
    delivery::stage::Ending,
    domain::{Stage, Timestamp},
    gate::Command,
    pool::{Store as _, outages::Way},
};

/// A success and a fault reach the pool in any order within this time.
const CROSSES: i64 = 60_000;

/// How long after an outage slots may rest: the longest pause of a breaker or a gate, a try, and the calls around it.
const AFTERMATH: i64 = 100_000;

impl World {
    /// A stage has ended so.
    pub(super) fn notes_ending(&mut self, number: usize, ending: &Ending) {
        let task = &self.tasks[number];
        let stage = task.assignment.grant.stage as usize;
        if matches!(ending, Ending::Made(_)) {
            self.progress.well.insert(stage, (task.job, self.now));
            self.progress.outs.remove(&task.job);
        }
    }

    /// An attempt is spent by a job at fault alone: an outage counts as its own only if it repeated it while another job
    /// succeeded there.
    pub(super) fn blames(&mut self, number: usize, command: &Command) -> Result<(), Violation> {
        let task = &self.tasks[number];
        let (job, stage) = (task.job, task.assignment.grant.stage as usize);
        let Command::Fail {
            blame, permanent, ..
        } = command
        else {
            return Ok(());
        };
        if !matches!(task.fate, Fate::Out(_)) || *permanent {
            return Ok(());
        }
        let met = self.progress.outs.get(&job).copied();
        let met = met.filter(|(of, ..)| *of == stage);
        let (times, at) = met.map_or((0, 0), |(_, times, at)| (times, at));
        if blame.is_some() {
            let outs = &mut self.progress.outs;
            outs.insert(job, (stage, times + 1, self.now));
            return Ok(());
        }
        let well = self.progress.well.get(&stage);
        let others = well.is_some_and(|(other, when)| *other != job && *when > at - CROSSES);
        require(times >= 2 && others, "P2 attempts", || {
            format!("job {job} spends an attempt on an outage that it met {times} times before")
        })
    }

    /// The stages that jobs may begin now, and those that one may try.
    pub(super) fn ways(&self, now: Timestamp) -> (Vec<Stage>, Vec<Stage>) {
        let outages = self.pool.product.rows.outages().unwrap_or_default();
        (
            outages.stages(Way::Open, now),
            outages.stages(Way::Trial, now),
        )
    }

    /// An outage is on, or has been until just now.
    pub(super) fn is_disturbed(&self) -> bool {
        let at = self.elapsed();
        let mut outages = self.plan.outages.iter();
        outages.any(|outage| outage.from <= at && at < outage.to + AFTERMATH)
    }
}
