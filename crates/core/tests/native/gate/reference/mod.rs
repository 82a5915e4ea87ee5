//! The gate once more, as naively as it can be written: a list, searched from the front each time.
//! What the real one must agree with.

pub mod job;
mod leases;

use job::{Expected, ReferenceJob, Said, What};
use queue_core::{
    config::GateConfig,
    domain::{JobId, Tier, Timestamp, Window},
    gate::{
        State,
        command::{Going, Outcome, PlanOutcome, SkipReason},
    },
};
use std::{collections::BTreeMap, time::Duration};

pub struct Reference {
    config: GateConfig,
    pub tier: Tier,
    /// The events by which a plan is known: number, and when it came about.
    pub events: Vec<(u8, u8)>,
    pub jobs: Vec<ReferenceJob>,
    /// What the pool has not confirmed to be gone, and when it is told again.
    pub gone: BTreeMap<(JobId, u32), Timestamp>,
    pub now: Timestamp,
    going: Going,
    said: Said,
}

impl Reference {
    pub fn new(config: GateConfig, now: Timestamp) -> Self {
        Self {
            config,
            tier: Tier::default(),
            events: Vec::new(),
            jobs: Vec::new(),
            gone: BTreeMap::new(),
            now,
            going: Going::default(),
            said: Said::default(),
        }
    }

    pub fn limit(&self) -> usize {
        let limit = self.config.tiers.of(self.tier).max_concurrent_jobs;
        usize::try_from(limit).unwrap()
    }

    pub fn held(&self) -> usize {
        let held = self.jobs.iter().filter(|job| job.state.holds_lease());
        held.count()
    }

    /// What the turn said, once.
    pub fn said(&mut self) -> Said {
        std::mem::take(&mut self.said)
    }

    pub fn say(&mut self, said: Said) {
        self.said = said;
    }

    pub fn at(&mut self, id: &JobId) -> &mut ReferenceJob {
        self.jobs.iter_mut().find(|job| job.id == *id).unwrap()
    }

    pub fn in_state(&self, state: State) -> Vec<ReferenceJob> {
        let mut jobs = self.jobs.clone();
        jobs.retain(|job| job.state == state);
        jobs.sort_by_key(ReferenceJob::place);
        jobs
    }

    /// Says whether the job is taken.
    pub fn submit(&mut self, id: &JobId, stated: Option<Tier>, window: Window) -> bool {
        let planned = !self.events.is_empty();
        let tier = match (planned, stated) {
            (true, Some(stated)) if stated > self.tier => return false,
            (true, stated) => stated.unwrap_or(self.tier),
            (false, stated) => {
                self.tier = stated.unwrap_or(self.tier);
                stated.unwrap_or_default()
            }
        };
        self.level();
        let mut job = ReferenceJob::new(id.clone(), tier, window, self.now);
        job.rank = self.rank(window.age_from(self.now), tier);
        job.lowered = Some(tier).filter(|tier| planned && *tier < self.tier);
        self.jobs.push(job);
        if self.puts_off(id) {
            return true;
        }
        if self.held() < self.limit() {
            self.grant(id);
        } else {
            self.park(id);
        }
        true
    }

    pub fn start(&mut self, id: &JobId, epoch: u32, holder: &str) -> Expected {
        let job = self.at(id).clone();
        if job.is_late(self.now) {
            self.end(id, State::Expired);
            self.level();
            return Expected::Skip(SkipReason::Ended);
        }
        let is_own = job.holder == holder && job.epoch == epoch + 1;
        match job.state {
            State::Queued if job.epoch == epoch => drop(self.run(id, holder)),
            State::Running if is_own => {}
            State::Queued => return Expected::Skip(SkipReason::OtherLease),
            State::Running if epoch < job.granted_under => {
                return Expected::Skip(SkipReason::OtherLease);
            }
            State::Running => return Expected::Skip(SkipReason::AlreadyRunning),
            State::Parked => return Expected::Skip(SkipReason::AlreadyParked),
            State::Retrying => return Expected::Skip(SkipReason::Retrying),
            State::Scheduled => return Expected::Skip(SkipReason::Scheduled),
            State::Succeeded | State::Failed | State::Cancelled | State::Expired => {
                return Expected::Skip(SkipReason::Ended);
            }
        }
        Expected::Run {
            epoch: epoch + 1,
            attempt: job.failures[job.stage] + 1,
            active: u32::try_from(self.held()).unwrap(),
        }
    }

    /// A report of who holds `epoch`; anybody else's changes nothing.
    pub fn report(&mut self, (id, epoch): (&JobId, u32), what: What, going: Going) -> Outcome {
        let job = self.at(id).clone();
        let outcome = if job.epoch == epoch && job.state == State::Running {
            self.at(id).reported = epoch;
            self.going = going;
            self.end_work(&job, what);
            self.level();
            self.going = Going::default();
            Outcome::Accepted
        } else if job.reported == epoch {
            if going.carries {
                let queued = self.in_state(State::Queued);
                self.said.granted = queued.iter().map(ReferenceJob::want).collect();
            }
            Outcome::Repeated
        } else {
            return Outcome::Stale;
        };
        let job = self.at(id);
        let goes_on = going.on && job.state == State::Running && job.epoch == epoch + 1;
        self.said.next = goes_on.then_some(epoch + 1);
        outcome
    }

    fn end_work(&mut self, job: &ReferenceJob, what: What) {
        let id = &job.id;
        match what {
            What::Made if job.stage == 2 => self.end(id, State::Succeeded),
            _ if job.cancel => {
                self.at(id).made_in_vain = matches!(what, What::Made);
                self.end(id, State::Cancelled);
            }
            What::Failed(permanent) => self.spend(id, permanent),
            What::LostSlot => self.queue(id),
            What::NotYet => {
                let due = self.now.after(Duration::from_secs(20));
                let job = self.at(id);
                (job.state, job.due) = (State::Retrying, Some(due));
            }
            What::Made => {
                self.at(id).stage += 1;
                if self.going.on {
                    self.run(id, &job.holder);
                } else {
                    self.queue(id);
                }
            }
        }
    }

    /// One attempt less.
    fn spend(&mut self, id: &JobId, permanent: bool) {
        let (now, most) = (self.now, self.config.max_attempts);
        let backoff = self.config.retry_backoff.as_secs();
        let job = self.at(id);
        job.failures[job.stage] += 1;
        let failures = job.failures[job.stage];
        if permanent || failures >= most {
            self.end(id, State::Failed);
        } else {
            let pause = Duration::from_secs((backoff << (failures - 1)).min(3_600));
            (job.state, job.due) = (State::Retrying, Some(now.after(pause)));
        }
    }

    pub fn renew(&mut self, id: &JobId, epoch: u32) -> Outcome {
        let until = self.now.after(self.config.lease);
        let job = self.at(id);
        if job.epoch != epoch || job.state != State::Running {
            return Outcome::Stale;
        }
        job.due = Some(until);
        Outcome::Accepted
    }

    pub fn set_plan(&mut self, tier: Tier, event: (u8, u8)) -> PlanOutcome {
        if self.events.iter().any(|(id, _)| *id == event.0) {
            return PlanOutcome::Repeated;
        }
        if self.events.iter().any(|(_, created)| event.1 < *created) {
            return PlanOutcome::Outdated;
        }
        self.events.push(event);
        self.reprice(tier);
        PlanOutcome::Applied
    }

    fn reprice(&mut self, of_user: Tier) {
        self.tier = of_user;
        for old in self.jobs.clone() {
            let tier = old.lowered.unwrap_or(of_user).min(of_user);
            if old.state.is_final() || old.tier == tier {
                continue;
            }
            let rank = self.rank(old.base, tier);
            let job = self.at(&old.id);
            (job.tier, job.rank) = (tier, rank);
            if job.state == State::Queued && self.config.has_pool {
                self.at(&old.id).sends = 0;
                self.announce(&old.id);
            }
        }
        self.level();
    }

    pub(super) fn rank(&self, submitted_at: Timestamp, tier: Tier) -> i64 {
        let boost = i64::try_from(self.config.priority_boost.as_millis()).unwrap();
        submitted_at.as_millis() - i64::from(self.config.tiers.of(tier).priority) * boost
    }

    pub fn cancel(&mut self, id: &JobId) {
        let state = self.at(id).state;
        if state.is_final() {
            return;
        }
        self.at(id).cancel = true;
        if state != State::Running {
            self.end(id, State::Cancelled);
            self.level();
        }
    }

    /// Takes what chance made of a pause.
    pub fn settle(&mut self, id: &JobId, due: Option<Timestamp>) {
        let job = self.at(id);
        if std::mem::take(&mut job.jittered) && job.state == State::Retrying {
            assert!(due <= job.due, "{due:?} is after the longest pause");
            job.due = due;
        }
    }

    pub fn wake(&mut self) {
        let now = self.now;
        let mut late = self.jobs.clone();
        late.retain(|job| job.is_late(now));
        for job in late {
            self.end(&job.id, State::Expired);
        }
        self.shed();
        let mut come = Vec::new();
        let mut due: Vec<_> = self.jobs.clone();
        due.retain(|job| job.due.is_some_and(|due| due <= now));
        due.sort_by_key(|job| (job.due, job.id.clone()));
        for ReferenceJob {
            id, state, cancel, ..
        } in due
        {
            match state {
                State::Queued => self.announce(&id),
                State::Running => {
                    self.at(&id).epoch += 1;
                    self.spend(&id, false);
                    self.at(&id).jittered = true;
                    if cancel {
                        self.end(&id, State::Cancelled);
                    }
                }
                State::Retrying => {
                    let job = self.at(&id);
                    (job.state, job.due) = (State::Parked, None);
                }
                State::Scheduled if self.puts_off(&id) => {}
                State::Scheduled => {
                    let job = self.at(&id);
                    (job.state, job.due) = (State::Parked, None);
                    come.push(id);
                }
                State::Parked
                | State::Succeeded
                | State::Failed
                | State::Cancelled
                | State::Expired => {}
            }
        }
        self.level();
        for id in come {
            if self.at(&id).state == State::Parked {
                self.park(&id);
            }
        }
        let again = now.after(self.resend(0));
        for (gone, due) in &mut self.gone {
            if *due <= now {
                *due = again;
                self.said.gone.push(gone.clone());
            }
        }
    }

    pub fn told(&mut self, gone: &[(JobId, u32)]) {
        self.gone.retain(|one, _| !gone.contains(one));
    }
}
