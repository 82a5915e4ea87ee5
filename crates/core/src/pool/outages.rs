//! All that holds stages back: one record, read and written whole.

use super::outage::{Fault, Outage, Pause, Well};
use crate::domain::{Backend, JobId, Stage, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Whether jobs may begin a stage.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Way {
    /// All may.
    Open,
    /// One may, to try.
    Trial,
    /// None may.
    Held,
}

/// Why jobs may not begin a stage, and until when: what users and operators see.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Halt {
    /// What they wait for.
    pub backend: Backend,
    /// Since when.
    pub since: Timestamp,
    /// Until when, as far as that is known.
    pub until: Option<Timestamp>,
    /// Whose word that is.
    pub by: HaltedBy,
    /// The operator's reason, or what the latest fault was called.
    pub reason: String,
}

/// Whose word holds a back end.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum HaltedBy {
    /// The back end named the time.
    Backend,
    /// The breaker chose it.
    Breaker,
    /// An operator's.
    Operator,
}

/// What holds one back end.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Closed {
    /// Its breaker, if that is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage: Option<Outage>,
    /// A pause that an operator ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<Pause>,
}

/// What holds each back end.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outages {
    /// Those that something holds.
    #[serde(default)]
    closed: BTreeMap<Backend, Closed>,
    /// The job that an operator lets through, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    through: Option<(JobId, Timestamp)>,
}

impl Outages {
    /// Whether nothing holds anything, nor lets anything through.
    pub(super) fn is_empty(&self) -> bool {
        self.closed.is_empty() && self.through.is_none()
    }

    /// What holds each back end.
    #[must_use]
    pub const fn closed(&self) -> &BTreeMap<Backend, Closed> {
        &self.closed
    }

    pub(super) fn of(&self, stage: Stage) -> impl Iterator<Item = (Backend, &Closed)> {
        let closed = self
            .closed
            .iter()
            .map(|(backend, closed)| (*backend, closed));
        closed.filter(move |(backend, _)| backend.serves(stage))
    }

    /// Whether jobs may begin that stage now.
    #[must_use]
    pub fn way(&self, stage: Stage, now: Timestamp) -> Way {
        let ways = self.of(stage).map(|(_, closed)| closed.way(stage, now));
        ways.max().unwrap_or(Way::Open)
    }

    /// The stages that jobs may begin in that way.
    #[must_use]
    pub fn stages(&self, way: Way, now: Timestamp) -> Vec<Stage> {
        let mut stages = Stage::ALL.to_vec();
        stages.retain(|stage| self.way(*stage, now) == way);
        stages
    }

    /// Why no job may begin that stage, if none may, or only one that tries.
    pub(super) fn halt(&self, stage: Stage, now: Timestamp) -> Option<Halt> {
        self.of(stage)
            .find_map(|(backend, closed)| closed.halt(backend, stage, now))
    }

    /// The stages whose breaker is open, and since when that counts: not while an operator's pause holds them, and from its
    /// end.
    pub(super) fn out(&self, now: Timestamp) -> BTreeMap<Stage, Timestamp> {
        let mut out = BTreeMap::new();
        for closed in self.closed.values() {
            let paused = closed.pause.as_ref();
            if let Some(outage) = &closed.outage
                && closed.pause(now).is_none()
            {
                let over = paused.and_then(|pause| pause.until);
                let since = over.map_or(outage.since, |over| over.max(outage.since));
                out.extend(outage.stages.iter().map(|stage| (*stage, since)));
            }
        }
        out
    }

    /// When time alone opens a way next.
    #[must_use]
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let closed = self.closed.values();
        closed.filter_map(|closed| closed.next_change(now)).min()
    }

    /// A fault while the breaker is open.
    pub(super) fn again(&mut self, now: Timestamp, fault: &Fault) {
        let closed = self.closed.get_mut(&fault.backend);
        if let Some(outage) = closed.and_then(|closed| closed.outage.as_mut()) {
            outage.again(now, fault);
        }
    }

    /// The breaker opens.
    pub(super) fn open(&mut self, now: Timestamp, stages: BTreeSet<Stage>, latest: &Fault) {
        let closed = self.closed.entry(latest.backend).or_default();
        closed.outage = Some(Outage::of(now, stages, latest));
    }

    /// A stage succeeded: the breakers that this closes, each with when it opened.
    pub(super) fn succeeded(&mut self, well: &Well) -> Vec<(Backend, Timestamp)> {
        let mut over = Vec::new();
        for (backend, closed) in &mut self.closed {
            if backend.serves(well.stage)
                && let Some(outage) = closed.outage.take_if(|outage| outage.is_over(well))
            {
                over.push((*backend, outage.since));
            }
        }
        self.tidy();
        over
    }

    /// The job begins a stage at which it is the one that tries, or is let through.
    pub(super) fn tries(&mut self, now: Timestamp, stage: Stage, job_id: &JobId) {
        for (backend, closed) in &mut self.closed {
            if let Some(outage) = closed.outage.as_mut().filter(|outage| {
                backend.serves(stage) && outage.stages.contains(&stage) && !outage.is_tried(now)
            }) {
                outage.probe = Some(job_id.clone());
                outage.until = now;
            }
        }
    }

    /// The job has no slot any more: if it was to try, another one may.
    pub(super) fn left(&mut self, job_id: &JobId) {
        for closed in self.closed.values_mut() {
            if let Some(outage) = &mut closed.outage {
                outage.probe.take_if(|probe| probe == job_id);
            }
        }
        self.through.take_if(|(through, _)| through == job_id);
    }

    /// Whether a job of that user has tried lately, and failed.
    pub(super) fn has_tried(&self, stage: Stage, user_id: &UserId) -> bool {
        let mut outages = self
            .of(stage)
            .filter_map(|(_, closed)| closed.outage.as_ref());
        outages.any(|outage| outage.tried.contains(user_id))
    }

    /// The job that an operator lets through.
    pub(super) fn through(&self, now: Timestamp) -> Option<&JobId> {
        let through = self.through.as_ref().filter(|(_, until)| now < *until);
        through.map(|(job_id, _)| job_id)
    }

    /// An operator lets that job through.
    pub(super) fn let_through(&mut self, job_id: JobId, until: Timestamp) {
        self.through = Some((job_id, until));
    }

    /// An operator pauses the back end, or, without a pause, has it go on. Its breaker stays open; how long jobs wait for
    /// it counts anew from then.
    pub(super) fn pause(&mut self, now: Timestamp, backend: Backend, pause: Option<Pause>) {
        let closed = self.closed.entry(backend).or_default();
        if pause.is_none()
            && closed.pause.is_some()
            && let Some(outage) = &mut closed.outage
        {
            outage.since = now;
        }
        closed.pause = pause;
        self.tidy();
    }

    fn tidy(&mut self) {
        self.closed
            .retain(|_, closed| closed.outage.is_some() || closed.pause.is_some());
    }
}

impl Closed {
    pub(super) fn pause(&self, now: Timestamp) -> Option<&Pause> {
        self.pause.as_ref().filter(|pause| pause.holds(now))
    }

    pub(super) fn outage(&self, stage: Stage) -> Option<&Outage> {
        let outage = self.outage.as_ref();
        outage.filter(|outage| outage.stages.contains(&stage))
    }

    fn way(&self, stage: Stage, now: Timestamp) -> Way {
        let outage = self.outage(stage);
        if self.pause(now).is_some()
            || outage.is_some_and(|outage| outage.holds(now) || outage.is_tried(now))
        {
            Way::Held
        } else if outage.is_some() {
            Way::Trial
        } else {
            Way::Open
        }
    }

    fn halt(&self, backend: Backend, stage: Stage, now: Timestamp) -> Option<Halt> {
        if let Some(pause) = self.pause(now) {
            return Some(Halt {
                backend,
                since: pause.since,
                until: pause.until,
                by: HaltedBy::Operator,
                reason: pause.reason.clone(),
            });
        }
        let outage = self.outage(stage)?;
        Some(Halt {
            backend,
            since: outage.since,
            until: Some(outage.until).filter(|until| *until > now),
            by: if outage.is_named {
                HaltedBy::Backend
            } else {
                HaltedBy::Breaker
            },
            reason: outage.code.clone(),
        })
    }

    fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let outage = self.outage.as_ref();
        let outage = outage.and_then(|outage| outage.next_try(now));
        let pause = self.pause(now).and_then(|pause| pause.until);
        outage.into_iter().chain(pause).min()
    }
}
