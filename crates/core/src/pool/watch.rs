//! What the pool remembers of faults and successes, in memory: enough to open a breaker, and to see when a fault is a job's
//! own. After an eviction it begins anew, to no job's harm.

use super::{
    outage::{Fault, Well},
    suspects::Suspects,
};
use crate::domain::{Backend, JobId, Stage, Timestamp, UserId};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Faults within this time open a breaker together.
const WINDOW: Duration = Duration::from_secs(10);

/// So many faults, of so many users.
const FAULTS: usize = 3;
const USERS: usize = 2;

/// So many faults of one job, while others succeed at the same stage, and the next is its own.
const OWN: u32 = 2;

/// Jobs with faults that are remembered.
const REMEMBERED: usize = 1_000;

/// A fault of the latest seconds.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Recent {
    at: Timestamp,
    fault: Fault,
}

/// A job that met faults, none of which opened a breaker.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Faulted {
    stage: Stage,
    epoch: u32,
    times: u32,
    /// The numbers of the first and of the latest.
    first: u64,
    number: u64,
}

/// What was seen lately.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Watch {
    recent: Vec<Recent>,
    faulted: BTreeMap<JobId, Faulted>,
    /// The latest success at each stage: whose it was, and its number.
    well: BTreeMap<Stage, (JobId, u64)>,
    /// The latest fault at each stage and, before it, that of another user, none of them a suspect; with their numbers.
    met: BTreeMap<Stage, Vec<(UserId, u64)>>,
    /// Users whose faults say nothing about a back end.
    suspects: Suspects,
    /// When each breaker closed last.
    closed: BTreeMap<Backend, Timestamp>,
    /// How many faults and successes there were. What came later has a larger number, whatever the clock does.
    count: u64,
}

impl Watch {
    /// A fault while the breaker is closed: the stages that it holds from now on, and until when at least, if this opens it.
    /// What began before it closed last is late news.
    pub(super) fn fault(
        &mut self,
        now: Timestamp,
        fault: &Fault,
    ) -> Option<(BTreeSet<Stage>, Option<Timestamp>)> {
        let closed = self.closed.get(&fault.backend);
        if closed.is_some_and(|closed| fault.began < *closed && *closed <= now) {
            return None;
        }
        self.recent
            .retain(|recent| recent.at <= now && now < recent.at.after(WINDOW));
        if self.recent.iter().any(|recent| recent.fault == *fault) {
            return None;
        }
        let is_suspect = self.suspects.has(fault.stage, &fault.user_id);
        self.remember(fault, is_suspect);
        self.suspects.met(fault);
        if is_suspect {
            return None;
        }
        self.recent.push(Recent {
            at: now,
            fault: fault.clone(),
        });
        let faults = || self.of(fault.backend);
        let users: BTreeSet<&UserId> = faults().map(|fault| &fault.user_id).collect();
        if faults().count() < FAULTS || users.len() < USERS {
            return None;
        }
        let stages = faults().map(|fault| fault.stage).collect();
        let until = faults().filter_map(|fault| fault.until).max();
        self.recent
            .retain(|recent| recent.fault.backend != fault.backend);
        self.faulted.clear();
        Some((stages, until))
    }

    /// A breaker closes.
    pub(super) fn closed(&mut self, now: Timestamp, backend: Backend) {
        self.closed.insert(backend, now);
    }

    fn of(&self, backend: Backend) -> impl Iterator<Item = &Fault> {
        let faults = self.recent.iter().map(|recent| &recent.fault);
        faults.filter(move |fault| fault.backend == backend)
    }

    fn remember(&mut self, fault: &Fault, is_suspect: bool) {
        self.count += 1;
        let known = self.faulted.get(&fault.job_id);
        if known.is_some_and(|known| known.epoch >= fault.epoch) {
            return;
        }
        let before = known.filter(|known| known.stage == fault.stage);
        let faulted = Faulted {
            stage: fault.stage,
            epoch: fault.epoch,
            times: before.map_or(0, |before| before.times) + 1,
            first: before.map_or(self.count, |before| before.first),
            number: self.count,
        };
        self.faulted.insert(fault.job_id.clone(), faulted);
        if !is_suspect {
            let met = self.met.entry(fault.stage).or_default();
            met.retain(|(user_id, _)| *user_id != fault.user_id);
            met.insert(0, (fault.user_id.clone(), self.count));
            met.truncate(2);
        }
        if self.faulted.len() > REMEMBERED {
            let oldest = self
                .faulted
                .iter()
                .min_by_key(|(_, faulted)| faulted.number);
            if let Some(job_id) = oldest.map(|(job_id, _)| job_id.clone()) {
                self.faulted.remove(&job_id);
            }
        }
    }

    /// A stage succeeded.
    pub(super) fn succeeded(&mut self, well: &Well) {
        self.count += 1;
        self.faulted.remove(&well.job_id);
        self.suspects.succeeded(well);
        let latest = (well.job_id.clone(), self.count);
        self.well.insert(well.stage, latest);
    }

    /// Whether the next fault of that job is its own: it has repeated one while another job succeeded there, and no other
    /// user met one.
    pub(super) fn is_own(&self, job_id: &JobId, user_id: &UserId, stage: Stage) -> bool {
        let Some(faulted) = self
            .faulted
            .get(job_id)
            .filter(|known| known.stage == stage)
        else {
            return false;
        };
        let well = self.well.get(&stage);
        let succeed =
            well.is_some_and(|(other, number)| other != job_id && *number > faulted.number);
        let mut met = self.met.get(&stage).into_iter().flatten();
        let fail = met.any(|(other, number)| other != user_id && *number > faulted.first);
        faulted.times >= OWN && succeed && !fail
    }
}
