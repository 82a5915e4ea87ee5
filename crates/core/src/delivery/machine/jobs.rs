//! Which jobs a delivery has, from when it takes them until it has given them up, and what the pool must hear of them.

use super::{running::Running, seen::Seen};
use crate::{
    delivery::{assignment::Assignment, stage::HEARTBEAT_MAX, weight::WEIGHT_MAX},
    domain::{JobId, Timestamp},
    gate::command::Grant,
    line::want::{Holding, Want},
};
use std::{collections::BTreeMap, time::Duration};

/// How long the start of a job may be left unconfirmed to the pool: many end before, and need no word of it. A call that
/// is made anyway takes along what would be confirmed within half of that.
pub const CONFIRM_AFTER: Duration = Duration::from_secs(4);

/// Pause after a call of a gate that failed, or the first one after that of the pool.
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// How long a job whose older work still runs here waits for that to stop: the next heartbeat stops it.
const STOP_WITHIN: Duration = HEARTBEAT_MAX;

/// The jobs of a delivery.
#[derive(Clone, Debug, Default)]
pub(super) struct Jobs {
    /// To take; only where there is no pool.
    pub(super) line: Vec<Want>,
    /// Their gates are to be asked.
    taken: Vec<Want>,
    /// Their gates are asked.
    starting: BTreeMap<JobId, Want>,
    pub(super) running: BTreeMap<JobId, Running>,
    /// Stages to be run.
    pub(super) next: Vec<Assignment>,
    /// Slots to be given back.
    pub(super) freed: Vec<Holding>,
    /// The pool must hear of them.
    pub(super) wants: Vec<Want>,
    /// The same, not before a time.
    pub(super) later: Vec<(Timestamp, Want)>,
    /// What the pool must hear of back ends.
    pub(super) seen: Seen,
}

impl Jobs {
    /// Those that run; of others only the report is under way, and they take neither place nor memory.
    pub(super) fn at_work(&self) -> impl Iterator<Item = &Running> {
        self.running.values().filter(|running| !running.has_stopped)
    }

    /// About what they take, in bytes.
    pub(super) fn weight(&self) -> u32 {
        let running = self.at_work().map(|running| &running.want);
        let jobs = running.chain(self.starting.values()).chain(&self.taken);
        jobs.fold(0, |sum, want| sum.saturating_add(want.weight()))
    }

    /// How many it has.
    pub(super) fn load(&self) -> usize {
        self.at_work().count() + self.starting.len() + self.taken.len()
    }

    /// A job too heavy for any company runs alone. `others` is what other deliveries of the isolate hold, in bytes.
    fn fits(&self, want: &Want, others: u32) -> bool {
        let held = self.weight().saturating_add(others);
        (self.load() == 0 && others == 0) || held.saturating_add(want.weight()) <= WEIGHT_MAX
    }

    /// Whether it has that job, or has given it up, under this lease or a newer one.
    fn knows(&self, want: &Want) -> bool {
        let job_id = want.job_id();
        let is_old = |known: &Want| known.job_id() == job_id && known.epoch() >= want.epoch();
        let is_freed = |freed: &Holding| freed.job_id == *job_id && freed.epoch >= want.epoch();
        self.running.contains_key(job_id)
            || self.starting.get(job_id).is_some_and(is_old)
            || self.taken.iter().any(is_old)
            || self.freed.iter().any(is_freed)
    }

    /// The pool must hear of these; of each, of its newest lease.
    pub(super) fn want(&mut self, wants: impl IntoIterator<Item = Want>) {
        for want in wants {
            let mut known = self.wants.iter_mut();
            match known.find(|known| known.job_id() == want.job_id()) {
                Some(known) if known.epoch() <= want.epoch() => *known = want,
                Some(_) => {}
                None => self.wants.push(want),
            }
        }
    }

    /// Jobs that were given back for a while go into the line again.
    pub(super) fn come_back(&mut self, now: Timestamp) {
        let later = std::mem::take(&mut self.later).into_iter();
        let (due, later): (Vec<_>, _) = later.partition(|(at, _)| *at <= now);
        self.later = later;
        self.want(due.into_iter().map(|(_, want)| want));
    }

    /// Without a pool: the best of its own line, as places allow; if the best is too heavy now, nothing else starts.
    pub(super) fn take_own(&mut self, places: usize, others: u32) {
        self.line.append(&mut self.wants);
        self.line.sort_by_cached_key(Want::key);
        self.line
            .dedup_by(|one, other| one.job_id() == other.job_id() && one.epoch() == other.epoch());
        let mut line = std::mem::take(&mut self.line).into_iter().peekable();
        while let Some(want) = line.peek()
            && self.load() < places
            && self.fits(want, others)
        {
            if let Some(want) = line.next()
                && !self.knows(&want)
            {
                self.taken.push(want);
            }
        }
        self.line = line.collect();
    }

    /// Jobs that the pool gave, each with a slot. What came before is not taken twice; what does not fit any more, since
    /// another delivery of the isolate took something, goes back into the line. So does a job that still runs here under a
    /// lease that its gate has taken back: that work must stop first.
    pub(super) fn take(&mut self, now: Timestamp, others: u32, jobs: Vec<Want>) {
        for want in jobs {
            let running = self.running.get_mut(want.job_id());
            if let Some(older) = running.filter(|running| running.epoch < want.epoch()) {
                older.is_lost = true;
                self.give_back(now.after(STOP_WITHIN), want);
                continue;
            }
            if self.knows(&want) {
                continue;
            }
            self.taken.retain(|older| older.job_id() != want.job_id());
            if self.fits(&want, others) {
                self.taken.push(want);
            } else {
                self.give_back(now.after(PAUSE), want);
            }
        }
    }

    pub(super) fn give_back(&mut self, until: Timestamp, mut want: Want) {
        self.freed.push(want.holding());
        // What the pool knew of it then.
        want.mark = None;
        self.later.push((until, want));
    }

    /// Those whose gates must be asked now.
    pub(super) fn start(&mut self) -> Vec<Want> {
        let taken = std::mem::take(&mut self.taken);
        let asked = taken
            .iter()
            .map(|want| (want.job_id().clone(), want.clone()));
        self.starting.extend(asked);
        taken
    }

    /// Its gate was asked.
    pub(super) fn asked(&mut self, want: &Want) {
        let starting = self.starting.get(want.job_id());
        if starting.is_some_and(|asked| asked.epoch() == want.epoch()) {
            self.starting.remove(want.job_id());
        }
    }

    /// Its gate let it run.
    pub(super) fn run(
        &mut self,
        now: Timestamp,
        confirm_at: Option<Timestamp>,
        want: Want,
        grant: Grant,
    ) {
        let running = Running {
            want: want.clone(),
            epoch: grant.epoch,
            confirm_at,
            is_lost: false,
            has_stopped: false,
            began: now,
        };
        self.running.insert(want.job_id().clone(), running);
        self.next.push(Assignment { want, grant });
    }

    /// Its work has stopped, and nothing follows in its slot.
    pub(super) fn stop(&mut self, job_id: &JobId) {
        let running = self.running.get_mut(job_id);
        if let Some(running) = running.filter(|running| !running.has_stopped) {
            running.has_stopped = true;
            running.confirm_at = None;
            self.freed.push(running.holding());
        }
    }

    /// Its stage was reported: it goes on with the `next` one, or gives the job up; then its slot is free, where `has_slot`.
    pub(super) fn ended(&mut self, mut running: Running, next: Option<Grant>, has_slot: bool) {
        if let Some(grant) = next {
            running.epoch = grant.epoch;
            let want = running.want.clone();
            self.running.insert(want.job_id().clone(), running);
            self.next.push(Assignment { want, grant });
        } else if has_slot && !running.has_stopped {
            self.freed.push(running.holding());
        }
    }

    /// Jobs that the pool gave and that are not known to it to run.
    pub(super) fn unconfirmed(&self) -> Vec<Holding> {
        let started = self.running.values();
        let started = started.filter(|running| running.confirm_at.is_some());
        let started = started.map(|running| &running.want);
        let given = self.taken.iter().chain(self.starting.values());
        given.chain(started).map(Want::holding).collect()
    }

    /// What a call tells of those that run: of all, if slots are to be renewed, or else of starts that are soon due.
    pub(super) fn to_tell(&self, now: Timestamp, is_renewal: bool) -> Vec<Holding> {
        let soon = now.after(CONFIRM_AFTER / 2);
        let is_due = |running: &&Running| running.confirm_at.is_some_and(|at| at <= soon);
        let to_tell = self
            .at_work()
            .filter(|running| is_renewal || is_due(running));
        to_tell.map(Running::holding).collect()
    }

    /// The pool was told of these, and has no slot for some of them any more.
    pub(super) fn confirmed(&mut self, told: Vec<Holding>, lost: &[JobId]) {
        for Holding { job_id, epoch } in told {
            // Not one that was given up and taken again meanwhile; but perhaps at its next stage.
            let running = self.running.get_mut(&job_id);
            let Some(running) = running.filter(|running| running.want.epoch() < epoch) else {
                continue;
            };
            running.is_lost |= lost.contains(&job_id);
            if running.epoch == epoch {
                running.confirm_at = None;
            }
        }
    }
}
