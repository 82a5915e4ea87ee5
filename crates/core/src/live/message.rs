//! What is said over a socket between a watcher and the gate. The two may be of different builds during a deploy, so these
//! shapes are pinned by golden tests.

use crate::{
    domain::{JobId, Timestamp},
    gate::{Job, Store},
    storage::StorageError,
};
use serde::{Deserialize, Serialize};

/// Jobs that one question is answered with.
const PAGE: u32 = 50;

/// What a socket is opened for.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Watch {
    /// Only this job, until it is another than the one that was seen; otherwise all jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Seen>,
}

impl Watch {
    /// Whether it is over before it begins: the job that it waits for is another by now, or gone.
    #[must_use]
    pub fn is_over(&self, job: Option<&Job>) -> bool {
        let seen = self.job.as_ref();
        seen.is_some_and(|seen| job.is_none_or(|job| job.changed_at != seen.changed_at))
    }
}

/// A job as somebody has seen it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// The job.
    pub job_id: JobId,
    /// When it had changed last.
    pub changed_at: Option<Timestamp>,
}

/// What a watcher asks the gate over its socket.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ask {
    /// Jobs that have changed since; left out, those that have not ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The last job of the answer before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<JobId>,
}

/// What the gate says over a socket.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "is")]
pub enum Said {
    /// A job as it is now.
    Job {
        /// When.
        at: Timestamp,
        /// The job, without what it has gone through.
        job: Box<Job>,
    },
    /// All jobs of one answer were said.
    Page {
        /// When.
        at: Timestamp,
        /// The last of them, if there are more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<JobId>,
    },
}

impl Said {
    /// Reads a message; `None` if a later build means something else by it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// The answer to a question, message by message.
///
/// # Errors
/// When the store fails.
pub fn answer(store: &impl Store, now: Timestamp, ask: &Ask) -> Result<Vec<Said>, StorageError> {
    let mut jobs = store.changed(ask.since, ask.before.as_ref(), PAGE.saturating_add(1))?;
    let more = jobs.len() > PAGE as usize;
    jobs.truncate(PAGE as usize);
    let before = jobs.last().filter(|_| more).map(|job| job.job_id.clone());
    let job = |job: &Job| Said::Job {
        at: now,
        job: Box::new(job.told()),
    };
    let mut said: Vec<Said> = jobs.iter().map(job).collect();
    said.push(Said::Page { at: now, before });
    Ok(said)
}
