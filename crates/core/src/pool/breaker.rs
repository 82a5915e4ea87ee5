//! What the pool makes of faults and successes, and who may try while a breaker is open.

use super::{
    claim::{Claim, Hold},
    known::Line,
    outage::{Fault, Pause, Well},
    outages::{Halt, Outages, Way},
    store::Store,
    turn::{Pool, Turned},
};
use crate::{
    domain::{Backend, JobId, Stage, Timestamp},
    line::want::{Mark, Want},
    storage::StorageError,
};
use std::{collections::BTreeMap, time::Duration};

/// Of so many, the best of a user is chosen to try whose job has not tried lately.
const CANDIDATES: u32 = 100;

/// How long an operator's word to let a job through holds: it may be parked, or have ended.
const THROUGH: Duration = Duration::from_hours(1);

impl<S: Store> Pool<'_, S> {
    /// Changes what holds stages back, and records it if it has changed.
    fn turn_outages<T>(
        &mut self,
        change: impl FnOnce(&mut Outages) -> T,
    ) -> Result<T, StorageError> {
        let before = self.outages.clone();
        let changed = change(&mut self.outages);
        if self.outages == before {
            return Ok(changed);
        }
        self.store.save_outages(&self.outages)?;
        self.open = self.outages.stages(Way::Open, self.now);
        self.line = Line::Changed;
        Ok(changed)
    }

    /// A delivery says what it has seen of back ends.
    pub(super) fn sees(&mut self, well: &[Well], faults: &[Fault]) -> Result<(), StorageError> {
        for well in well {
            self.succeeds(well)?;
        }
        for fault in faults {
            self.meets(fault)?;
        }
        Ok(())
    }

    /// A delivery met a fault of a back end.
    fn meets(&mut self, fault: &Fault) -> Result<(), StorageError> {
        let is_open = self.outages.closed().get(&fault.backend);
        if is_open.is_some_and(|closed| closed.outage.is_some()) {
            let now = self.now;
            return self.turn_outages(|outages| outages.again(now, fault));
        }
        if let Some((stages, until)) = self.desk.watch.fault(self.now, fault) {
            self.effects.turned.push(Turned {
                backend: fault.backend,
                since: self.now,
                stages: stages.iter().copied().collect(),
            });
            let now = self.now;
            let latest = Fault {
                until,
                ..fault.clone()
            };
            self.turn_outages(|outages| outages.open(now, stages, &latest))?;
        }
        Ok(())
    }

    /// A stage succeeded.
    fn succeeds(&mut self, well: &Well) -> Result<(), StorageError> {
        self.desk.watch.succeeded(well);
        for (backend, since) in self.turn_outages(|outages| outages.succeeded(well))? {
            self.desk.watch.closed(self.now, backend);
            self.effects.turned.push(Turned {
                backend,
                since,
                stages: Vec::new(),
            });
        }
        Ok(())
    }

    /// A job has no slot any more.
    pub(super) fn left(&mut self, job_id: &JobId) -> Result<(), StorageError> {
        self.turn_outages(|outages| outages.left(job_id))
    }

    /// A job gets a slot: it may be the one that tries.
    pub(super) fn begins(&mut self, claim: &Claim) -> Result<(), StorageError> {
        let is_held = self.outages.way(claim.stage(), self.now) != Way::Open;
        if is_held || self.outages.through(self.now) == Some(claim.job_id()) {
            let (stage, now) = (claim.stage(), self.now);
            self.turn_outages(|outages| outages.tries(now, stage, claim.job_id()))?;
        }
        Ok(())
    }

    /// The job as a delivery gets it.
    pub(super) fn marked(&self, want: &Want) -> Want {
        let stage = want.ticket.stage;
        let mark = if self.outages.way(stage, self.now) == Way::Open {
            let watch = &self.desk.watch;
            let is_own = watch.is_own(want.job_id(), &want.ticket.user_id, stage);
            is_own.then_some(Mark::Own)
        } else {
            Some(Mark::Trial)
        };
        Want {
            mark,
            ..want.clone()
        }
    }

    /// The job that an operator lets through, if it waits.
    pub(super) fn let_through(&self) -> Result<Option<Claim>, StorageError> {
        let Some(job_id) = self.outages.through(self.now) else {
            return Ok(None);
        };
        let mut fresh = self.fresh.values();
        if let Some(claim) = fresh.find(|claim| claim.job_id() == job_id) {
            return Ok(Some(claim.clone()));
        }
        let found = self.store.find(job_id)?;
        Ok(found.filter(|claim| claim.hold == Hold::Waiting))
    }

    /// The best of those of whom one may try; of a user whose job has not tried lately, if one of them is near enough.
    pub(super) fn trial(&self) -> Result<Option<Claim>, StorageError> {
        let stages = self.outages.stages(Way::Trial, self.now);
        if stages.is_empty() {
            return Ok(None);
        }
        let mut line = self.store.best_in_line(&stages, CANDIDATES)?;
        let fresh = self.fresh.values();
        line.extend(
            fresh
                .filter(|claim| stages.contains(&claim.stage()))
                .cloned(),
        );
        line.sort_by_cached_key(Claim::key);
        let is_new = |claim: &&Claim| {
            let user = &claim.want.ticket.user_id;
            !self.outages.has_tried(claim.stage(), user)
        };
        Ok(line.iter().find(is_new).or(line.first()).cloned())
    }

    /// The stages that no job may begin now, or only one that tries.
    pub(super) fn held_stages(&self) -> Vec<Stage> {
        let mut stages = Stage::ALL.to_vec();
        stages.retain(|stage| !self.open.contains(stage));
        stages
    }

    /// Why a job at that stage may not begin now.
    pub(super) fn halt(&self, stage: Stage) -> Option<Halt> {
        self.outages.halt(stage, self.now)
    }

    /// The stages whose breaker is open, and since when that counts.
    pub(super) fn out(&self) -> BTreeMap<Stage, Timestamp> {
        self.outages.out(self.now)
    }

    /// When time alone lets a stage be begun, or tried.
    pub(super) fn next_way(&self) -> Option<Timestamp> {
        self.outages.next_change(self.now)
    }

    /// An operator's order.
    pub(super) fn pause(
        &mut self,
        backend: Backend,
        pause: Option<Pause>,
    ) -> Result<(), StorageError> {
        let now = self.now;
        self.turn_outages(|outages| outages.pause(now, backend, pause))
    }

    /// An operator lets a job through.
    pub(super) fn lets_through(&mut self, job_id: JobId) -> Result<(), StorageError> {
        let until = self.now.after(THROUGH);
        self.turn_outages(|outages| outages.let_through(job_id, until))
    }
}
