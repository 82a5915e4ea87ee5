//! `GET /users/{userId}/jobs/{jobId}/attempts`: all that a job went through, in order.

use super::view::{error, job_link, moment};
use crate::{
    domain::UserId,
    gate::{
        Job,
        past::{ENTRIES_MAX, Entry},
    },
};
use serde_json::{Value, json};

/// Every attempt with its error, and every replay; the oldest first.
#[must_use]
pub fn document(user_id: &UserId, job: &Job) -> Value {
    json!({
        "jobId": job.job_id,
        "status": job.state,
        "timesReplayed": job.past.replays,
        "attempts": entries(job),
        "dropped": job.past.dropped,
        "kept": ENTRIES_MAX,
        "links": {"job": job_link(user_id, &job.job_id)},
    })
}

/// The entries alone.
pub(super) fn entries(job: &Job) -> Value {
    job.went_through().iter().map(entry).collect()
}

fn entry(entry: &Entry) -> Value {
    match entry {
        Entry::Failed {
            stage,
            number,
            epoch: _,
            began_at,
            ended_at,
            code,
            message,
            backend,
            times,
        } => json!({
            "outcome": "failed",
            "stage": stage,
            "attempt": number,
            "beganAt": moment(*began_at),
            "endedAt": moment(Some(*ended_at)),
            "error": {"code": code, "message": message},
            "fault": if backend.is_some() { "backend" } else { "job" },
            "backend": backend,
            "times": times,
        }),
        Entry::Made {
            stage,
            number,
            began_at,
            ended_at,
        } => json!({
            "outcome": "succeeded",
            "stage": stage,
            "attempt": number,
            "beganAt": moment(*began_at),
            "endedAt": moment(Some(*ended_at)),
        }),
        Entry::Replayed {
            at,
            stage,
            from,
            error: ended_with,
            run,
        } => json!({
            "outcome": "replayed",
            "stage": stage,
            "at": moment(Some(*at)),
            "from": from,
            "error": ended_with.as_ref().map(error),
            "replayId": run,
        }),
    }
}
