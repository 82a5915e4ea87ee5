//! The gate once more, as naively as it can be written: a list, searched from the front each time.
//! What the real one must agree with.

use std::time::Duration;
use story_queue::{
    config::GateConfig,
    domain::{JobId, Tier, Timestamp},
    gate::{
        State,
        command::{Outcome, PlanOutcome, SkipReason},
    },
};

#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceJob {
    pub id: JobId,
    pub rank: i64,
    /// The rank that the latest holder was told.
    pub told: i64,
    pub tier: Tier,
    /// What it asked for, below the tier of the plan.
    pub lowered: Option<Tier>,
    pub submitted_at: Timestamp,
    /// When the user's limit first had room for it; until then, when it was submitted.
    pub age_from: Timestamp,
    pub state: State,
    pub stage: usize,
    pub epoch: u32,
    pub failures: [u32; 3],
    pub times_parked: u32,
    pub sends: u32,
    pub due: Option<Timestamp>,
    pub cancel: bool,
    /// Whether `due` is the end of a pause that chance may shorten, not the time itself.
    pub jittered: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    Run {
        epoch: u32,
        attempt: u32,
        active: u32,
        /// Among the jobs of all users.
        rank: i64,
    },
    Park {
        active: u32,
    },
    Skip(SkipReason),
}

pub struct Reference {
    config: GateConfig,
    pub tier: Tier,
    /// The events by which a plan is known: number, and when it came about.
    pub events: Vec<(u8, u8)>,
    pub jobs: Vec<ReferenceJob>,
    /// Whether whoever reports takes what is granted into its own hands.
    goes_on: bool,
    /// What it was handed, under which epochs.
    pub handed: Vec<(JobId, u32)>,
}

impl Reference {
    pub fn new(config: GateConfig) -> Self {
        Self {
            config,
            tier: Tier::default(),
            events: Vec::new(),
            jobs: Vec::new(),
            goes_on: false,
            handed: Vec::new(),
        }
    }

    pub fn limit(&self) -> u32 {
        self.config.tiers.of(self.tier).max_concurrent_jobs
    }

    pub fn held(&self) -> u32 {
        let holds = |job: &&ReferenceJob| {
            matches!(job.state, State::Granted | State::Waiting | State::Running)
        };
        u32::try_from(self.jobs.iter().filter(holds).count()).unwrap()
    }

    fn at(&mut self, id: &JobId) -> &mut ReferenceJob {
        self.jobs.iter_mut().find(|job| job.id == *id).unwrap()
    }

    fn resend(&self, sends: u32) -> Duration {
        let seconds = self.config.ticket_resend.as_secs() << sends.min(20);
        Duration::from_secs(seconds.min(3_600))
    }

    fn grant(&mut self, id: &JobId, now: Timestamp) {
        let (pause, lease, goes_on) = (self.resend(0), self.config.lease, self.goes_on);
        let job = self.at(id);
        if job.epoch == 0 {
            job.age_from = now;
        }
        if goes_on {
            (job.state, job.sends, job.due) = (State::Running, 0, Some(now.after(lease)));
            (job.epoch, job.told) = (job.epoch + 1, job.rank);
            let handed = (id.clone(), job.epoch);
            return self.handed.push(handed);
        }
        (job.state, job.sends, job.due) = (State::Granted, 1, Some(now.after(pause)));
    }

    /// Hands free leases out; returns who got one.
    fn fill(&mut self, now: Timestamp) {
        while self.held() < self.limit() {
            let parked = self.jobs.iter().filter(|job| job.state == State::Parked);
            let Some(best) = parked.min_by_key(|job| (job.rank, job.id.clone())) else {
                return;
            };
            let id = best.id.clone();
            self.grant(&id, now);
        }
    }

    /// Says whether the job is taken.
    pub fn submit(&mut self, now: Timestamp, id: &JobId, stated: Option<Tier>) -> bool {
        let planned = !self.events.is_empty();
        let tier = match (planned, stated) {
            (true, Some(stated)) if stated > self.tier => return false,
            (true, stated) => stated.unwrap_or(self.tier),
            (false, stated) => {
                self.tier = stated.unwrap_or(self.tier);
                stated.unwrap_or_default()
            }
        };
        self.jobs.push(ReferenceJob {
            id: id.clone(),
            rank: self.rank(now, tier),
            told: 0,
            tier,
            lowered: Some(tier).filter(|tier| planned && *tier < self.tier),
            submitted_at: now,
            age_from: now,
            state: State::Queued,
            stage: 0,
            epoch: 0,
            failures: [0; 3],
            times_parked: 0,
            sends: 1,
            due: Some(now.after(self.resend(0))),
            cancel: false,
            jittered: false,
        });
        self.fill(now);
        true
    }

    pub fn admit(&mut self, now: Timestamp, id: &JobId) -> Expected {
        let (held, limit, lease) = (self.held(), self.limit(), self.config.lease);
        let job = self.at(id);
        match job.state {
            State::Queued if held >= limit => {
                (job.state, job.due, job.sends) = (State::Parked, None, 0);
                job.times_parked += 1;
                Expected::Park { active: held }
            }
            State::Queued | State::Granted | State::Waiting => {
                (job.state, job.due) = (State::Running, Some(now.after(lease)));
                job.epoch += 1;
                job.told = job.rank;
                let (epoch, attempt) = (job.epoch, job.failures[job.stage] + 1);
                let late = job.age_from.as_millis() - job.submitted_at.as_millis();
                let rank = job.rank + late;
                Expected::Run {
                    epoch,
                    attempt,
                    active: self.held(),
                    rank,
                }
            }
            State::Running => Expected::Skip(SkipReason::AlreadyRunning),
            State::Parked => Expected::Skip(SkipReason::AlreadyParked),
            State::Retrying => Expected::Skip(SkipReason::Retrying),
            State::Succeeded | State::Failed | State::Cancelled => {
                Expected::Skip(SkipReason::Ended)
            }
        }
    }

    /// What the holder of `epoch` may do; changes nothing.
    fn fence(&mut self, id: &JobId, epoch: u32) -> Outcome {
        let job = self.at(id);
        match (job.epoch == epoch, job.state) {
            (true, State::Running) => Outcome::Accepted,
            (true, _) => Outcome::Repeated,
            (false, _) => Outcome::Stale,
        }
    }

    fn end(&mut self, id: &JobId, state: State) {
        let job = self.at(id);
        (job.state, job.due) = (state, None);
    }

    /// As the others, by a delivery that goes on with what is granted; its holder is that of the job, if any.
    pub fn going_on(
        &mut self,
        (id, epoch): (&JobId, u32),
        report: impl FnOnce(&mut Self) -> Outcome,
    ) -> Outcome {
        self.handed.clear();
        let job = self.at(id);
        let went_on = job.state == State::Running && job.epoch == epoch + 1;
        self.goes_on = true;
        let outcome = report(self);
        self.goes_on = false;
        if went_on { Outcome::Repeated } else { outcome }
    }

    pub fn complete(&mut self, now: Timestamp, id: &JobId, epoch: u32) -> Outcome {
        let outcome = self.fence(id, epoch);
        if outcome == Outcome::Accepted {
            let (stage, cancel) = (self.at(id).stage, self.at(id).cancel);
            match (stage, cancel) {
                (2, _) => self.end(id, State::Succeeded),
                (_, true) => self.end(id, State::Cancelled),
                (_, false) => {
                    self.at(id).stage += 1;
                    self.grant(id, now);
                }
            }
            self.fill(now);
        }
        outcome
    }

    /// With the longest pause.
    pub fn fail(&mut self, now: Timestamp, id: &JobId, epoch: u32, permanent: bool) -> Outcome {
        let outcome = self.fence(id, epoch);
        if outcome == Outcome::Accepted {
            let (most, backoff) = (
                self.config.max_attempts,
                self.config.retry_backoff.as_secs(),
            );
            let job = self.at(id);
            if job.cancel {
                self.end(id, State::Cancelled);
                self.fill(now);
                return outcome;
            }
            job.failures[job.stage] += 1;
            let failures = job.failures[job.stage];
            if permanent || failures >= most {
                self.end(id, State::Failed);
            } else {
                let pause = Duration::from_secs((backoff << (failures - 1)).min(3_600));
                (job.state, job.due) = (State::Retrying, Some(now.after(pause)));
            }
            self.fill(now);
        }
        outcome
    }

    pub fn hand_back(&mut self, now: Timestamp, id: &JobId, epoch: u32) -> Outcome {
        let outcome = self.fence(id, epoch);
        if outcome == Outcome::Accepted {
            if self.at(id).cancel {
                self.end(id, State::Cancelled);
            } else {
                self.grant(id, now);
            }
            self.fill(now);
        }
        outcome
    }

    pub fn wait(&mut self, now: Timestamp, id: &JobId, epoch: u32, in_line: bool) {
        if self.fence(id, epoch) != Outcome::Accepted {
            return;
        }
        if self.at(id).cancel {
            self.end(id, State::Cancelled);
        } else {
            let (sends, is_repriced) = (self.at(id).sends, self.at(id).told != self.at(id).rank);
            let pause = match (is_repriced, in_line) {
                (true, _) => self.resend(sends),
                (false, true) => Duration::from_hours(1),
                (false, false) => self.resend(sends).min(Duration::from_mins(5)),
            };
            let job = self.at(id);
            (job.state, job.due) = (State::Waiting, Some(now.after(pause)));
            job.sends += u32::from(is_repriced);
        }
        self.fill(now);
    }

    pub fn set_tier(&mut self, now: Timestamp, tier: Tier) {
        if self.events.is_empty() {
            self.reprice(now, tier);
        }
    }

    pub fn set_plan(&mut self, now: Timestamp, tier: Tier, event: (u8, u8)) -> PlanOutcome {
        if self.events.iter().any(|(id, _)| *id == event.0) {
            return PlanOutcome::Repeated;
        }
        if self.events.iter().any(|(_, created)| event.1 < *created) {
            return PlanOutcome::Outdated;
        }
        self.events.push(event);
        self.reprice(now, tier);
        PlanOutcome::Applied
    }

    fn reprice(&mut self, now: Timestamp, of_user: Tier) {
        self.tier = of_user;
        let ids: Vec<_> = self.jobs.iter().map(|job| job.id.clone()).collect();
        for id in ids {
            let (old, sends) = (self.at(&id).clone(), self.at(&id).sends);
            let tier = old.lowered.unwrap_or(of_user).min(of_user);
            if old.state.is_final() || old.tier == tier {
                continue;
            }
            let (rank, pause) = (self.rank(old.submitted_at, tier), self.resend(sends));
            let job = self.at(&id);
            (job.tier, job.rank) = (tier, rank);
            if job.state == State::Waiting {
                (job.due, job.sends) = (Some(now.after(pause)), sends + 1);
            }
        }
        self.fill(now);
    }

    fn rank(&self, submitted_at: Timestamp, tier: Tier) -> i64 {
        let boost = i64::try_from(self.config.priority_boost.as_millis()).unwrap();
        submitted_at.as_millis() - i64::from(self.config.tiers.of(tier).priority) * boost
    }

    pub fn renew(&mut self, now: Timestamp, id: &JobId, epoch: u32) -> Outcome {
        let (outcome, lease) = (self.fence(id, epoch), self.config.lease);
        if outcome == Outcome::Accepted {
            self.at(id).due = Some(now.after(lease));
        }
        outcome
    }

    pub fn cancel(&mut self, now: Timestamp, id: &JobId) {
        let job = self.at(id);
        match job.state {
            State::Succeeded | State::Failed | State::Cancelled => {}
            State::Running => job.cancel = true,
            State::Queued | State::Parked | State::Granted | State::Waiting | State::Retrying => {
                job.cancel = true;
                self.end(id, State::Cancelled);
                self.fill(now);
            }
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

    pub fn wake(&mut self, now: Timestamp) {
        let is_due = |job: &ReferenceJob| job.due.is_some_and(|due| due <= now);
        let due: Vec<_> = self
            .jobs
            .iter()
            .filter(|job| is_due(job))
            .map(|job| job.id.clone())
            .collect();
        for id in due {
            let sends = self.at(&id).sends;
            let (pause, most) = (self.resend(sends), self.config.max_attempts);
            let backoff = self.config.retry_backoff.as_secs();
            let job = self.at(&id);
            match job.state {
                State::Queued | State::Granted | State::Waiting => {
                    job.sends += 1;
                    job.due = Some(now.after(pause));
                }
                State::Running => {
                    job.failures[job.stage] += 1;
                    job.epoch += 1;
                    let failures = job.failures[job.stage];
                    let longest = Duration::from_secs((backoff << (failures - 1)).min(3_600));
                    (job.state, job.due) = match (job.cancel, failures >= most) {
                        (true, _) => (State::Cancelled, None),
                        (false, true) => (State::Failed, None),
                        (false, false) => (State::Retrying, Some(now.after(longest))),
                    };
                    job.jittered = true;
                }
                State::Retrying => (job.state, job.due) = (State::Parked, None),
                State::Parked | State::Succeeded | State::Failed | State::Cancelled => {}
            }
        }
        self.fill(now);
    }
}
