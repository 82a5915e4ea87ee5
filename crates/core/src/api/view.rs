//! What answers look like: the gate's data, with times in RFC 3339 and with links.

use super::{
    link::{Signed, Target},
    problem::ApiError,
    waiting::waiting,
};
use crate::{
    domain::{JobId, Timestamp, UserId},
    gate::{
        Job, State,
        command::JobView,
        job::{ArtifactRecord, JobError, StageRecord},
    },
    pool::command::Place,
};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// When to ask again for what is accepted but not done yet, in seconds.
pub const ASK_AGAIN_SECONDS: &str = "5";

/// Percent-encodes one segment of a path (RFC 3986 `unreserved` stays).
pub(super) fn encode(segment: &str) -> String {
    let mut text = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("writing to a string cannot fail");
        }
    }
    text
}

/// Where a user is.
#[must_use]
pub fn user_link(user_id: &UserId) -> String {
    format!("/users/{}", encode(user_id.as_str()))
}

/// Where an artifact is.
fn artifact_link(user_id: &UserId, job_id: &JobId, name: &str) -> String {
    let name: Vec<String> = name.split('/').map(encode).collect();
    format!("{}/artifacts/{}", job_link(user_id, job_id), name.join("/"))
}

/// Where a job is.
#[must_use]
pub fn job_link(user_id: &UserId, job_id: &JobId) -> String {
    format!("{}/jobs/{job_id}", user_link(user_id))
}

fn links(user_id: &UserId, job_id: &JobId) -> Value {
    let job = job_link(user_id, job_id);
    json!({"self": job, "user": user_link(user_id), "artifacts": format!("{job}/artifacts")})
}

pub(super) fn moment(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| at.to_rfc3339().into())
}

/// What is said of a job, with the times that its submission gave, where it gave any.
///
/// # Panics
/// Never: a JSON literal in braces is an object.
fn with_times(said: Value, job: &Job) -> Map<String, Value> {
    let Value::Object(mut object) = said else {
        unreachable!("a JSON literal in braces is an object");
    };
    for (name, at) in [
        ("notBefore", job.window.not_before),
        ("startBy", job.window.start_by),
    ] {
        if at.is_some() {
            object.insert(name.to_owned(), moment(at));
        }
    }
    object
}

/// The answer to a submission.
#[must_use]
pub fn submitted(user_id: &UserId, job: &Job) -> Value {
    let value = json!({
        "jobId": job.job_id,
        "status": job.state,
        "tier": job.tier,
        "priority": job.priority,
        "userId": user_id,
        "seriesId": job.series_id,
        "submittedAt": moment(Some(job.submitted_at)),
        "links": links(user_id, &job.job_id),
    });
    Value::Object(with_times(value, job))
}

/// The answer to one of several submissions: the job, and whether an earlier one had it recorded; or why not.
#[must_use]
pub fn result(answer: &Result<(Value, bool), ApiError>) -> Value {
    match answer {
        Ok((job, replayed)) => json!({"status": 202, "job": job, "replayed": replayed}),
        Err(error) => {
            let problem = error.problem();
            json!({"status": problem.status, "problem": problem})
        }
    }
}

/// A page of jobs, with or without what each made.
#[must_use]
pub fn jobs(user_id: &UserId, jobs: &[Job], more: bool, with_artifacts: bool) -> Value {
    let next = jobs.last().filter(|_| more).map(|job| &job.job_id);
    let shown = |job| {
        Value::Object(if with_artifacts {
            recorded(user_id, job)
        } else {
            fields(user_id, job)
        })
    };
    let jobs: Vec<Value> = jobs.iter().map(shown).collect();
    json!({"jobs": jobs, "nextCursor": next})
}

/// One job, and why it waits.
#[must_use]
pub fn job(user_id: &UserId, view: &JobView, place: Option<&Place>) -> Value {
    let mut object = recorded(user_id, &view.job);
    if let Some(waiting) = waiting(view, place) {
        object.insert("waiting".to_owned(), waiting);
    }
    Value::Object(object)
}

/// What a job made.
#[must_use]
pub fn artifacts(user_id: &UserId, job: &Job) -> Value {
    let artifact = |record: &ArtifactRecord| {
        json!({
            "name": record.name,
            "contentType": record.content_type,
            "bytes": record.bytes,
            "href": artifact_link(user_id, &job.job_id, &record.name),
        })
    };
    job.stages
        .iter()
        .flat_map(|stage| &stage.artifacts)
        .map(artifact)
        .collect()
}

/// A link to an artifact.
#[must_use]
pub fn link(target: &Target<'_>, signed: &Signed) -> Value {
    let path = artifact_link(target.user_id, target.job_id, target.name);
    json!({
        "href": format!("{path}?{}", signed.query),
        "expiresAt": signed.expires_at.to_rfc3339(),
    })
}

/// A job with what it made.
pub(super) fn recorded(user_id: &UserId, job: &Job) -> Map<String, Value> {
    let mut fields = fields(user_id, job);
    fields.insert("artifacts".to_owned(), artifacts(user_id, job));
    fields
}

fn fields(user_id: &UserId, job: &Job) -> Map<String, Value> {
    let stage = |(index, record): (usize, &StageRecord)| {
        let status = match record {
            StageRecord {
                finished_at: Some(_),
                ..
            } => "done",
            _ if index == job.stage && job.state == State::Running => "running",
            _ if index == job.stage && job.state.is_final() => job.state.name(),
            _ => "pending",
        };
        // The current attempt counts; one that never started does not. One that was cut short by the end of its job is
        // counted nowhere else.
        let unfailed = u32::from(record.finished_at.is_some()) + u32::from(status == "running");
        let attempts = record.failures.saturating_add(unfailed);
        json!({
            "name": record.name,
            "status": status,
            "attempts": attempts.max(record.started_at.is_some().into()),
            "startedAt": moment(record.started_at),
            "finishedAt": moment(record.finished_at),
        })
    };
    let value = json!({
        "jobId": job.job_id,
        "userId": user_id,
        "seriesId": job.series_id,
        "kind": job.kind,
        "status": job.state,
        "tier": job.tier,
        "priority": job.priority,
        "submittedAt": moment(Some(job.submitted_at)),
        "grantedAt": moment(job.granted_at),
        "startedAt": moment(job.started_at),
        "finishedAt": moment(job.finished_at),
        "waitMs": job.started_at.map(|started| started.millis_since(job.age_from())),
        "timesParked": job.times_parked,
        "timesReplayed": job.past.replays,
        "cancelRequested": job.cancel_requested,
        "stage": {"name": job.current_stage(), "number": job.stage.saturating_add(1), "of": job.stages.len()},
        "stages": job.stages.iter().enumerate().map(stage).collect::<Vec<_>>(),
        "error": job.error.as_ref().map(error),
        "links": links(user_id, &job.job_id),
    });
    with_times(value, job)
}

pub(super) fn error(error: &JobError) -> Value {
    json!({"code": error.code, "message": error.message, "at": moment(Some(error.at))})
}
