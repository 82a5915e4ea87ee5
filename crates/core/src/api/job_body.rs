//! The body of `POST /jobs`: one job of any kind, or several at once, each of which is read on its own.

use super::{
    draft::{BODY_MAX_BYTES, Draft, Submission},
    form::{Form, present},
    json::{escape, items, members},
    problem::{ApiError, FieldError},
    window,
};
use crate::domain::{JobId, Kinds};

/// Longest body of one job, in bytes: a payload, and what is said beside it.
const JOB_MAX_BYTES: usize = BODY_MAX_BYTES + 4 * 1024;

/// Most jobs of one call.
const JOBS_MAX: usize = 100;

/// What is said of a job.
const KNOWN: [&str; 8] = [
    "kind",
    "userId",
    "seriesId",
    "userTier",
    "payload",
    "idempotencyKey",
    "notBefore",
    "startBy",
];

/// Longest body, in bytes. Jobs are parsed one after the other, so that it takes hardly more memory than itself.
pub const JOBS_MAX_BYTES: usize = 4 * 1024 * 1024;

/// The bodies of the jobs in a body of several; `None` if it is that of one job.
///
/// # Errors
/// All errors around the jobs at once, among them that of a key for all of them.
pub fn several<'b>(body: &'b [u8], key: Option<&str>) -> Result<Option<Vec<&'b [u8]>>, ApiError> {
    let Some(members) = members(body) else {
        return Ok(None);
    };
    let Some(jobs) = members.get("jobs") else {
        return Ok(None);
    };
    let mut form = Form::default();
    if key.is_some() {
        let detail = "Several jobs cannot share a key. Give each its idempotencyKey.";
        form.push(FieldError::header("Idempotency-Key", detail));
    }
    for name in members.keys().filter(|name| *name != "jobs") {
        let detail = "Unknown field. Beside jobs there is none; each job has its own.";
        form.fault(&format!("/{}", escape(name)), detail);
    }
    let jobs = items(jobs).unwrap_or_default();
    if !(1..=JOBS_MAX).contains(&jobs.len()) {
        let detail = format!("Must be a list of 1 to {JOBS_MAX} jobs.");
        form.fault("/jobs", &detail);
    }
    if form.errors.is_empty() {
        let bodies = jobs.into_iter().map(|job| job.get().as_bytes());
        return Ok(Some(bodies.collect()));
    }
    Err(ApiError::Invalid(form.errors))
}

/// Reads one job, and the `Idempotency-Key` header; the key may also be a member.
///
/// # Errors
/// All errors at once.
pub fn parse(
    body: &[u8],
    key: Option<&str>,
    job_id: JobId,
    kinds: &Kinds,
) -> Result<Submission, ApiError> {
    if body.len() > JOB_MAX_BYTES {
        return Err(ApiError::BodyTooLarge(JOB_MAX_BYTES));
    }
    let mut form = Form::default();
    let header = key.map(|key| form.idempotency_key(key));
    let Some(fields) = form.body(body) else {
        return Err(ApiError::Invalid(form.errors));
    };
    form.known("", &fields, &KNOWN);
    let member = form.member_key(fields.get("idempotencyKey"));
    if header.is_some() && member.is_some() {
        form.fault(
            "/idempotencyKey",
            "Send the key once: here, or as the header.",
        );
    }
    let name = form.required_text("/kind", fields.get("kind"), 1..=usize::MAX);
    let kind = name.and_then(|name| form.kind(name, kinds));
    let user_id = form.owner(kind.as_ref().map(|(_, rules)| *rules), fields.get("userId"));
    let series_id = present(fields.get("seriesId"));
    let series_id = series_id.and_then(|value| form.id("/seriesId", Some(value)));
    let stated_tier = form.tier(user_id.as_ref(), fields.get("userTier"));
    let window = window::read(&mut form, &fields);
    let content = form.object("/payload", fields.get("payload"));
    let raw = members(body);
    let payload = raw.and_then(|raw| raw.get("payload").map(|raw| raw.get()));
    let payload = payload.unwrap_or_default();
    if payload.len() > BODY_MAX_BYTES {
        let detail = format!(
            "Has {} bytes; must have at most {BODY_MAX_BYTES}.",
            payload.len()
        );
        form.fault("/payload", &detail);
    }
    match (user_id, kind, content) {
        (Some(user_id), Some((kind, rules)), Some(content)) if form.errors.is_empty() => {
            let draft = Draft {
                user_id,
                kind,
                stages: rules.stages.clone(),
                series_id,
                stated_tier,
                window,
                payload: payload.to_owned(),
                content,
                key: header.or(member),
            };
            Ok(draft.submission(job_id))
        }
        _ => Err(ApiError::InvalidJob(form.errors)),
    }
}
