//! Cleanup jobs: what one deletes, how far one run goes, what it reports, and the job that is put on for it.

use crate::{
    api::draft::Draft,
    domain::{JobId, Kind, Kinds, SeriesId, Stage, UserId, kind::Owner},
    gate::command::NewJob,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Jobs that one run visits: three calls for each are far below the 10,000 that one delivery may make. The rest is
/// another job's.
pub const VISITS_MAX: usize = 1_000;

/// What is to be deleted: the artifacts of a job, or of the ended jobs of a series.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Target {
    /// Whose.
    pub user_id: UserId,
    /// Of this job,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// or of this series,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series_id: Option<SeriesId>,
    /// where jobs that are not older than this one were visited before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<JobId>,
}

impl Target {
    /// The job itself.
    #[must_use]
    pub const fn job(user_id: UserId, job_id: JobId) -> Self {
        Self {
            user_id,
            job_id: Some(job_id),
            series_id: None,
            before: None,
        }
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
            (Some(_), None, None) | (None, Some(_), _) => Ok(target),
            (None, None, _) => Err(wrong("both are missing")),
            (Some(_), _, _) => Err(wrong("a job has nothing beside it")),
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
            payload: serde_json::to_string(self).expect("a target has only names"),
            content: &content,
            key: Some(key),
        };
        Some(draft.submission(job_id).job)
    }
}

/// The key under which the purge of a job is put on: once.
#[must_use]
pub fn purge_key(job_id: &JobId) -> String {
    format!("purge-{job_id}")
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
