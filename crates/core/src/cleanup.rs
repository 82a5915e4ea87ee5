//! Cleanup jobs: what one deletes, how far one run goes, what it reports, and the job that is put on for it.

use crate::{
    api::draft::Draft,
    domain::{JobId, Kind, Kinds, SeriesId, Stage, Timestamp, UserId, Window, kind::Owner},
    gate::command::NewJob,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::time::Duration;

/// Jobs that one run visits: three calls for each are far below the 10,000 that one delivery may make. The rest is
/// another job's.
pub const VISITS_MAX: usize = 1_000;

/// Pauses between two looks for the end of a job. A job that is cancelled ends within a quarter of a minute.
const LOOK_MIN: Duration = Duration::from_secs(10);
const LOOK_MAX: Duration = Duration::from_mins(10);

/// Longest wait for the end of a job, from when the cleanup was submitted: it outlasts a lease, also of a day, whose holder
/// died.
const WAITS_MAX: Duration = Duration::from_hours(25);

/// What is to be deleted: the artifacts of a job, or of the ended jobs of a series.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Target {
    /// Whose artifacts.
    pub user_id: UserId,
    /// The job; there is either this or a series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// How often that job had been replayed when this was asked for: what a later replay makes is kept. Left out, whatever there
    /// is goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replays: Option<u32>,
    /// The series, of which the ended jobs count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series_id: Option<SeriesId>,
    /// The last job of the series that an earlier run visited; this one goes on with those that are older.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<JobId>,
}

impl Target {
    /// The job itself, as it is after so many replays.
    #[must_use]
    pub const fn job(user_id: UserId, job_id: JobId, replays: u32) -> Self {
        Self {
            user_id,
            job_id: Some(job_id),
            replays: Some(replays),
            series_id: None,
            before: None,
        }
    }

    /// Whether the job was replayed since this was asked for.
    #[must_use]
    pub fn is_outdated(&self, replays: u32) -> bool {
        self.replays.is_some_and(|asked| replays > asked)
    }

    /// Reads the payload of a cleanup job.
    ///
    /// # Errors
    /// A sentence that says what is missing.
    pub fn parse(payload: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!("The payload must be {{userId, jobId}} or {{userId, seriesId}}: {why}.")
        };
        let target: Self =
            serde_json::from_str(payload).map_err(|error| wrong(&error.to_string()))?;
        match (&target.job_id, &target.series_id, &target.before) {
            (None, Some(_), _) if target.replays.is_some() => {
                Err(wrong("replays are those of a job"))
            }
            (Some(_), None, None) | (None, Some(_), _) => Ok(target),
            (None, None, _) => Err(wrong("both are missing")),
            (Some(_), _, _) => Err(wrong("a job has no series and no before beside it")),
        }
    }

    /// The job of nobody that deletes it, under that key; `None` if no kind of nobody's is named `cleanup` and sweeps.
    ///
    /// # Panics
    /// Never: a target is written as JSON.
    #[must_use]
    pub fn cleanup(&self, key: String, job_id: JobId, kinds: &Kinds) -> Option<NewJob> {
        let kind = Kind::try_from("cleanup".to_owned()).ok()?;
        let rules = kinds.get(&kind)?;
        if rules.owner != Owner::Nobody || !rules.stages.contains(&Stage::Sweep) {
            return None;
        }
        let content: Map<String, Value> = match serde_json::to_value(self) {
            Ok(Value::Object(content)) => content,
            other => unreachable!("a target is an object, not {other:?}"),
        };
        let draft = Draft {
            user_id: UserId::nobody(),
            kind,
            stages: rules.stages.clone(),
            series_id: None,
            stated_tier: None,
            window: Window::default(),
            payload: serde_json::to_string(self).expect("a target has only names"),
            content: &content,
            key: Some(key),
        };
        Some(draft.submission(job_id).job)
    }
}

/// The key under which the purge of a job is put on: once after each replay, and once more after each cleanup job that did not
/// do it.
#[must_use]
pub fn purge_key(job_id: &JobId, replays: u32, in_vain: Option<&JobId>) -> String {
    let again = in_vain.map_or_else(String::new, |cleanup| format!("-{cleanup}"));
    if replays == 0 {
        format!("purge-{job_id}{again}")
    } else {
        format!("purge-{job_id}-replay{replays}{again}")
    }
}

/// When a cleanup job looks again for the end of the job that it is to sweep: after as long as it has waited, so that few
/// looks are spent on a long one. `None`: it has waited too long.
#[must_use]
pub fn look_again(now: Timestamp, cleanup: &JobId) -> Option<Duration> {
    let waited = now.millis_since(cleanup.made_at());
    let waited = Duration::from_millis(u64::try_from(waited).unwrap_or(0));
    (waited < WAITS_MAX).then(|| waited.clamp(LOOK_MIN, LOOK_MAX))
}

/// What a run did.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Ended jobs whose artifacts are gone.
    pub jobs: usize,
    /// Objects of the bucket that this run deleted.
    pub objects: usize,
    /// Jobs that have not ended, and keep theirs.
    pub left: Vec<JobId>,
    /// The job that goes on where this one stopped.
    pub continued_by: Option<JobId>,
}
