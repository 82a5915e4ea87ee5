//! A job as the reference knows it, and what is said of it.

use queue_core::{
    domain::{JobId, Tier, Timestamp, Window},
    gate::{State, command::SkipReason},
};

#[expect(
    clippy::struct_excessive_bools,
    reason = "facts, each on its own, and no states of a machine"
)]
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceJob {
    pub id: JobId,
    pub rank: i64,
    pub tier: Tier,
    /// What it asked for, below the tier of the plan.
    pub lowered: Option<Tier>,
    pub submitted_at: Timestamp,
    pub window: Window,
    /// When it ran first, under whatever lease.
    pub(super) started_at: Option<Timestamp>,
    /// When the user's limit first had room for it; until then, from when it was not put off any more.
    pub age_from: Timestamp,
    /// From when its place in its user's line counts.
    pub(super) base: Timestamp,
    /// When it ended.
    pub(super) ended_at: Timestamp,
    pub state: State,
    pub stage: usize,
    pub epoch: u32,
    pub reported: u32,
    pub holder: String,
    pub failures: [u32; 3],
    pub times_parked: u32,
    pub sends: u32,
    /// It has run under its present lease.
    pub(super) has_begun: bool,
    /// The epoch under which that lease was granted.
    pub(super) granted_under: u32,
    pub due: Option<Timestamp>,
    pub cancel: bool,
    /// It was cancelled while its stage was done.
    pub(super) made_in_vain: bool,
    /// Whether `due` is the end of a pause that chance may shorten, not the time itself.
    pub jittered: bool,
}

impl ReferenceJob {
    /// A job without a lease, or a rank.
    pub(super) fn new(id: JobId, tier: Tier, window: Window, now: Timestamp) -> Self {
        Self {
            id,
            rank: 0,
            tier,
            lowered: None,
            submitted_at: now,
            window,
            started_at: None,
            age_from: window.age_from(now),
            base: window.age_from(now),
            ended_at: now,
            state: State::Parked,
            stage: 0,
            epoch: 0,
            reported: 0,
            holder: String::new(),
            failures: [0; 3],
            times_parked: 0,
            sends: 0,
            has_begun: false,
            granted_under: 0,
            due: None,
            cancel: false,
            made_in_vain: false,
            jittered: false,
        }
    }

    /// As the pool knows it: under which epoch, and at which rank among the jobs of all users.
    pub fn want(&self) -> (JobId, u32, i64) {
        let late = self.age_from.as_millis() - self.base.as_millis();
        (self.id.clone(), self.epoch, self.rank + late)
    }

    /// By when it must have started.
    pub fn start_by(&self) -> Option<Timestamp> {
        let may_expire = self.started_at.is_none() && !self.state.is_final();
        self.window.start_by.filter(|_| may_expire)
    }

    pub(super) fn is_late(&self, now: Timestamp) -> bool {
        self.start_by().is_some_and(|at| at <= now)
    }

    pub(super) fn place(&self) -> (i64, JobId) {
        (self.rank, self.id.clone())
    }
}

/// What a holder reports of its stage.
#[derive(Clone, Copy, Debug)]
pub enum What {
    Made,
    /// For good, or for a while; with the longest pause.
    Failed(bool),
    LostSlot,
    NotYet,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    Run {
        epoch: u32,
        attempt: u32,
        active: u32,
    },
    Skip(SkipReason),
}

/// What comes of a turn for others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Jobs that were made known: to the pool, or, where there is none, by their tickets.
    pub told: Vec<(JobId, u32, i64)>,
    /// Jobs that the delivery which reports takes along.
    pub granted: Vec<(JobId, u32, i64)>,
    /// Jobs that wait no more.
    pub gone: Vec<(JobId, u32)>,
    /// The epoch under which that delivery runs the next stage.
    pub next: Option<u32>,
}
