//! Back ends that are out, or that an operator has paused: which stages no job may begin, until when, and which single job
//! tries again.
//!
//! # A breaker
//! ```text
//!  closed ── three faults of two users within ten seconds ─▶ open ── its time is over ─▶ one job tries ── it succeeds ─▶ closed
//!                                                             ▲                              │
//!                                                             └───────── it fails ───────────┘
//! ```
//! Open, it holds the stages that failed; others of the same back end go on. It holds for as long as the back end asked, or
//! else for pauses that grow. The faults that opened it are cleared then, and those that are still on their way only add
//! their stage. The state is one row: neither a deploy nor an eviction opens or closes anything.

use crate::{
    domain::{
        Backend, JobId, Stage, Timestamp, UserId,
        backend::{NAMED_MAX, named},
    },
    line::pause::doubled,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, time::Duration};

/// The first pause of a breaker that the back end did not name one for; each is twice the one before.
pub const HOLD_FIRST: Duration = Duration::from_secs(2);

/// Its longest pause. One job every five seconds troubles no back end, and work goes on within ten seconds after an outage:
/// this pause, and then the stage of the job that tries.
pub const HOLD_MAX: Duration = Duration::from_secs(5);

/// How long a job may try before another one may, too.
const TRY_MAX: Duration = Duration::from_secs(30);

/// Users that are remembered to have tried.
const TRIED_MAX: usize = 8;

/// A back end's fault, as a delivery tells it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// The job that met it.
    pub job_id: JobId,
    /// Its holder's epoch: a call may be repeated.
    pub epoch: u32,
    /// Whose job it is.
    pub user_id: UserId,
    /// At which stage.
    pub stage: Stage,
    /// When that began: before the breaker closed, it says nothing of what is now.
    pub began: Timestamp,
    /// Whose fault it is.
    pub backend: Backend,
    /// Until when the back end wants to be left alone, if it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// A stable word.
    pub code: String,
}

/// A stage that succeeded.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Well {
    /// Of that job.
    pub job_id: JobId,
    /// Whose job it is.
    pub user_id: UserId,
    /// Which one.
    pub stage: Stage,
    /// When it began.
    pub began: Timestamp,
}

/// An open breaker.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outage {
    /// The stages that failed.
    pub stages: BTreeSet<Stage>,
    /// When it opened.
    pub since: Timestamp,
    /// No job tries before; while one tries, since when it does.
    pub until: Timestamp,
    /// Whether the back end itself named that time.
    pub is_named: bool,
    /// Pauses so far.
    pub pauses: u32,
    /// What the latest fault was called.
    pub code: String,
    /// The job that tries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<JobId>,
    /// Whose jobs tried lately and failed: others go first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<UserId>,
}

impl Outage {
    /// One that begins now, with faults at these stages.
    pub(super) fn of(now: Timestamp, stages: BTreeSet<Stage>, latest: &Fault) -> Self {
        let mut outage = Self {
            stages,
            since: now,
            until: now,
            is_named: false,
            pauses: 0,
            code: latest.code.clone(),
            probe: None,
            tried: Vec::new(),
        };
        outage.hold(now, latest.until);
        outage
    }

    /// A fault while it is open: of the job that tries, it goes on; any other was on its way.
    pub(super) fn again(&mut self, now: Timestamp, fault: &Fault) {
        self.stages.insert(fault.stage);
        if self.probe.as_ref() == Some(&fault.job_id) {
            self.code.clone_from(&fault.code);
            self.tried.retain(|user_id| *user_id != fault.user_id);
            self.tried.push(fault.user_id.clone());
            if self.tried.len() > TRIED_MAX {
                self.tried.remove(0);
            }
            self.hold(now, fault.until);
        }
    }

    /// Whether a job tries now. One that takes long does not keep others from it.
    pub(super) fn is_tried(&self, now: Timestamp) -> bool {
        self.probe.is_some() && self.until <= now && now < self.until.after(TRY_MAX)
    }

    /// When time alone lets a job try, where none may now.
    pub(super) fn next_try(&self, now: Timestamp) -> Option<Timestamp> {
        if self.holds(now) {
            return Some(self.until);
        }
        self.is_tried(now).then(|| self.until.after(TRY_MAX))
    }

    /// Whether that success shows that the back end is there again.
    pub(super) fn is_over(&self, well: &Well) -> bool {
        let tried = self.probe.as_ref() == Some(&well.job_id);
        self.stages.contains(&well.stage) && (tried || well.began > self.since)
    }

    /// Holds on after a fault.
    fn hold(&mut self, now: Timestamp, until: Option<Timestamp>) {
        let own = now.after(doubled(HOLD_FIRST, self.pauses).min(HOLD_MAX));
        self.until = named(until, now, own);
        self.is_named = self.until > own;
        self.pauses = self.pauses.saturating_add(1);
        self.probe = None;
    }

    /// No later than any pause can last: the clock may have been set back since.
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        now < self.until && self.until <= now.after(NAMED_MAX)
    }
}

/// What an operator ordered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pause {
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None`: until it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why, for users.
    pub reason: String,
}

impl Pause {
    pub(super) fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}
