//! A job as its gate keeps it.

pub use super::{
    past::MetOutage,
    state::{JobError, State},
};

use super::past::Past;
use crate::domain::{JobId, Kind, Rank, SeriesId, Stage, Tier, Timestamp, Window};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::time::Duration;

/// A file that a stage made, as the job's record lists it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArtifactRecord {
    /// Its name within the job.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// Where it begins in what its stage stored.
    #[serde(default)]
    pub offset: u64,
    /// Its length.
    pub bytes: u64,
    /// The epoch under which it was stored; a late holder of an old one wrote elsewhere.
    pub epoch: u32,
}

/// What is known of one stage.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StageRecord {
    /// Which one.
    pub name: Stage,
    /// Attempts that ended without success: failures reported and leases that ran out.
    pub failures: u32,
    /// When it first began.
    pub started_at: Option<Timestamp>,
    /// When its latest attempt began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began_at: Option<Timestamp>,
    /// When the work that succeeded ended.
    pub finished_at: Option<Timestamp>,
    /// What it made.
    pub artifacts: Vec<ArtifactRecord>,
}

impl StageRecord {
    /// One that has not begun.
    #[must_use]
    pub const fn new(name: Stage) -> Self {
        Self {
            name,
            failures: 0,
            started_at: None,
            began_at: None,
            finished_at: None,
            artifacts: Vec::new(),
        }
    }
}

/// A job, all but its payload. This is also its stored form, so a new field needs a default.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// Its id, unique over all users.
    pub job_id: JobId,
    /// The series it belongs to.
    pub series_id: SeriesId,
    /// What it makes.
    pub kind: Kind,
    /// Its tier.
    pub tier: Tier,
    /// The priority of its tier when it was accepted, or when its user's tier changed last.
    pub priority: u32,
    /// Its place in the user's line; [`Job::pool_rank`] is that among all users.
    pub rank: Rank,
    /// When it was accepted.
    pub submitted_at: Timestamp,
    /// When it may start.
    #[serde(default, skip_serializing_if = "Window::is_open")]
    pub window: Window,
    /// When the user's limit first had room for it, if it had to wait for that in the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_at: Option<Timestamp>,
    /// When it changed last, as its user sees it; of two changes, the later has the later time, also where the clock stands
    /// still or was set back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Timestamp>,
    /// Where it is in its life.
    pub state: State,
    /// Index of the stage that runs next, runs, or ran last.
    pub stage: usize,
    /// Grows each time the job comes to wait for its turn or is put into the hands of a holder, and when its lease runs out.
    pub epoch: u32,
    /// The epoch whose report of a stage was recorded last.
    #[serde(default)]
    pub reported: u32,
    /// When the alarm must look at it: tell again, take the lease back, try again, or whether its time has come. Of a job that has ended: from when
    /// the retention counts.
    pub due: Option<Timestamp>,
    /// How often its artifacts could not be deleted.
    #[serde(default)]
    pub purges: u32,
    /// How often the pool was told of it, or its ticket was sent, since it waits for its turn.
    pub sends: u32,
    /// Who works on it: the delivery that started it last.
    pub holder: Option<String>,
    /// About what it takes while it runs, in bytes.
    #[serde(default)]
    pub weight: u32,
    /// When its present, or latest, lease was granted; a lease is carried through the stages.
    pub granted_at: Option<Timestamp>,
    /// The epoch of that grant.
    pub granted_epoch: u32,
    /// When its first stage began.
    pub started_at: Option<Timestamp>,
    /// When it ended; if it ran, when its work ended.
    pub finished_at: Option<Timestamp>,
    /// How often it was parked because its user was at the limit.
    pub times_parked: u32,
    /// Characters that its text may have, where its user's tier had a quota; 0: any number.
    #[serde(default)]
    pub max_chars: u32,
    /// Its kind has a limit of its own: parked, it waits in the line of its kind.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_kind: bool,
    /// The user wants it to end; it does as soon as its holder reports.
    pub cancel_requested: bool,
    /// The tier that it was to have at most, below that of its user's plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lowered_to: Option<Tier>,
    /// The first moment of the month for whose quota it counts, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_in: Option<Timestamp>,
    /// The key under which it was submitted, if any; forgotten with the job.
    pub idempotency_key: Option<String>,
    /// What it met at its present stage for which a back end is to blame, since it last succeeded or failed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage: Option<MetOutage>,
    /// The latest fault.
    pub error: Option<JobError>,
    /// What it has gone through.
    #[serde(default, skip_serializing_if = "Past::is_empty")]
    pub past: Past,
    /// One record a stage, in order; never empty.
    #[serde(deserialize_with = "not_empty")]
    pub stages: Vec<StageRecord>,
}

/// A list with something in it.
pub(crate) fn not_empty<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let list = Vec::deserialize(deserializer)?;
    if list.is_empty() {
        return Err(Error::invalid_length(0, &"at least one"));
    }
    Ok(list)
}

impl Job {
    /// The stage that runs next, runs, or ran last.
    ///
    /// # Panics
    /// Never: a job has stages.
    #[must_use]
    pub fn current_stage(&self) -> Stage {
        let last = self.stages.len().saturating_sub(1);
        self.stages[self.stage.min(last)].name
    }

    /// Whether the current stage is the last.
    #[must_use]
    pub const fn is_at_last_stage(&self) -> bool {
        self.stage.saturating_add(1) >= self.stages.len()
    }

    /// From when its age counts, and its wait.
    #[must_use]
    pub fn age_from(&self) -> Timestamp {
        let from_submission = self.window.age_from(self.submitted_at);
        self.past.aged_from.unwrap_or(from_submission)
    }

    /// When it expires, unless it starts or ends before.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        let may_expire = self.started_at.is_none() && !self.state.is_final();
        self.window.start_by.filter(|_| may_expire)
    }

    /// Whether it must not start any more.
    #[must_use]
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.expires_at().is_some_and(|at| at <= now)
    }

    /// Its place among the jobs of all users. Its age counts from when the user's limit had room for it (a
    /// start-time tag, as in fair queueing): before, it could not have run on an empty system either. So a user's
    /// backlog, however old, is never ahead of other users with more jobs than the limit.
    #[must_use]
    pub fn pool_rank(&self) -> Rank {
        match self.room_at {
            Some(room_at) => self.rank.delayed(room_at.millis_since(self.age_from())),
            None => self.rank,
        }
    }

    /// Whether it has met a fault of a back end and the pool has not heard of it again since.
    #[must_use]
    pub fn is_between_faults(&self) -> bool {
        self.state == State::Queued && self.sends == 0 && self.outage.is_some()
    }

    /// Whether it has run under its present lease, which it then keeps to its end. Told by epochs: a clock may step.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.epoch > self.granted_epoch
    }

    /// It changes now.
    pub(super) fn changes(&mut self, now: Timestamp) {
        let later = |last: Timestamp| last.after(Duration::from_millis(1));
        self.changed_at = Some(self.changed_at.map_or(now, |last| now.max(later(last))));
    }

    /// The job as it is told: what it has gone through is asked for on its own.
    #[must_use]
    pub fn told(&self) -> Self {
        let mut job = self.clone();
        job.past.entries.clear();
        job
    }

    /// The record of the current stage.
    ///
    /// # Panics
    /// Never: a job has stages.
    pub fn stage_record(&mut self) -> &mut StageRecord {
        let index = self.stage.min(self.stages.len().saturating_sub(1));
        &mut self.stages[index]
    }

    /// An attempt of the current stage ended with that error: how many of it have failed.
    pub(super) fn fail_attempt(&mut self, error: JobError) -> u32 {
        self.note_failure(&error, None);
        self.error = Some(error);
        let record = self.stage_record();
        record.failures = record.failures.saturating_add(1);
        record.failures
    }

    /// Which attempt of the current stage the next, or present, holder makes; the first is 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.stages
            .get(self.stage)
            .map_or(1, |record| record.failures.saturating_add(1))
    }
}
