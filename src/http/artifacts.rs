//! The routes about what a job made: list it, send it or a part of it, and make a link to it.

use super::{jobs, limiter, service::Service};
use crate::{artifacts, clock};
use queue_core::{
    api::{
        disposition,
        link::{self, Claim, LinkFault, Target},
        problem::ApiError,
        range::Part,
        validator::{self, Version},
        view,
    },
    domain::{JobId, UserId},
    gate::{Command, job::ArtifactRecord},
};
use serde_json::json;
use worker::{Method, Object, ObjectBody, Request, Response, ResponseBody};

/// The names of what was made.
pub(super) async fn list(
    service: &Service<'_>,
    user_id: &UserId,
    job_id: JobId,
) -> Result<Response, ApiError> {
    let view = jobs::job(service, user_id, Command::Job { job_id }).await?;
    let artifacts = view::artifacts(user_id, &view.job);
    service.json(200, &json!({"artifacts": artifacts}))
}

/// One file that was made, or a part of it; 304 if the client has it.
pub(super) async fn shown(
    service: &Service<'_>,
    target: Target<'_>,
    request: &Request,
) -> Result<Response, ApiError> {
    let saved_as = service.query(request, disposition::parse)?;
    let (record, version) = find(service, target).await?;
    let header = |name| service.header(request, name);
    let mut response = if version.is_held(
        header("if-none-match").as_deref(),
        header("if-modified-since").as_deref(),
    ) {
        answer(service, ResponseBody::Empty, 304)?
    } else {
        // Ranges are those of GET; HEAD has none (RFC 9110, 14.2).
        let is_head = request.method() == Method::Head;
        let ranges =
            header("range").filter(|_| !is_head && version.is_same(header("if-range").as_deref()));
        let part = Part::wanted(ranges.as_deref(), record.bytes);
        let mut response = file(service, target, (&record, part), is_head).await?;
        if let Some(name) = saved_as {
            let saved = disposition::attachment(target.name, &name);
            service.set(&mut response, "content-disposition", &saved)?;
        }
        response
    };
    service.set(&mut response, "etag", &version.etag)?;
    if let Some(date) = version.last_modified() {
        service.set(&mut response, "last-modified", &date)?;
    }
    // Asked again each time: a deletion holds at once.
    service.set(&mut response, "cache-control", "private, no-cache")?;
    // Generated content is not trusted: its scripts may run, but without an origin.
    service.set(
        &mut response,
        "content-security-policy",
        "sandbox allow-scripts",
    )?;
    Ok(response)
}

/// What is recorded of an artifact, and which version of it that is.
async fn find(
    service: &Service<'_>,
    target: Target<'_>,
) -> Result<(ArtifactRecord, Version), ApiError> {
    let wanted = Command::Job {
        job_id: target.job_id.clone(),
    };
    let view = jobs::job(service, target.user_id, wanted).await?;
    for stage in view.job.stages {
        let mut records = stage.artifacts.into_iter();
        if let Some(record) = records.find(|record| record.name == target.name) {
            let version = Version {
                etag: validator::etag(&record),
                made_at: stage.finished_at,
            };
            return Ok((record, version));
        }
    }
    Err(ApiError::NoSuchArtifact)
}

/// The file or the part of it, as it comes from the bucket: nothing is held here.
async fn file(
    service: &Service<'_>,
    target: Target<'_>,
    (record, part): (&ArtifactRecord, Part),
    is_head: bool,
) -> Result<Response, ApiError> {
    let (first, length, status) = match part {
        Part::Whole => (0, record.bytes, 200),
        Part::Range { first, length } => (first, length, 206),
        Part::Beyond => return Err(ApiError::RangeNotSatisfiable(record.bytes)),
    };
    let body = body(service, target, record, (first, length), is_head).await;
    let body = body.map_err(|error| service.fault(&error))?;
    let mut response = answer(service, body.ok_or(ApiError::NoSuchArtifact)?, status)?;
    service.set(&mut response, "content-type", &record.content_type)?;
    service.set(&mut response, "content-length", &length.to_string())?;
    service.set(&mut response, "accept-ranges", "bytes")?;
    if let Some(range) = part.content_range(record.bytes) {
        service.set(&mut response, "content-range", &range)?;
    }
    Ok(response)
}

/// `None` if the file is not there.
async fn body(
    service: &Service<'_>,
    target: Target<'_>,
    record: &ArtifactRecord,
    (first, length): (u64, u64),
    is_head: bool,
) -> worker::Result<Option<ResponseBody>> {
    let (env, job) = (service.env, (target.user_id, target.job_id));
    // The bucket has no empty ranges, and nothing of a stage that made only what is empty.
    if length == 0 {
        return Ok(Some(ResponseBody::Empty));
    }
    if is_head {
        let is_stored = artifacts::is_stored(env, job, record).await?;
        return Ok(is_stored.then_some(ResponseBody::Empty));
    }
    let object = artifacts::fetch(env, job, record, (first, length)).await?;
    let body = object.as_ref().and_then(Object::body);
    body.map(ObjectBody::response_body).transpose()
}

fn answer(service: &Service<'_>, body: ResponseBody, status: u16) -> Result<Response, ApiError> {
    let response = Response::from_body(body).map_err(|error| service.fault(&error))?;
    Ok(response.with_status(status))
}

/// Makes a link to an artifact: for everybody who has it, until a time.
pub(super) async fn make_link(
    service: &Service<'_>,
    target: Target<'_>,
    request: &mut Request,
) -> Result<Response, ApiError> {
    let secret = service.access.link_secrets.first();
    let secret = secret.ok_or(ApiError::Link(LinkFault::NoSecret))?;
    let body = service.body(request, link::BODY_MAX_BYTES).await?;
    if !body.is_empty() {
        service.require_json(request)?;
    }
    let seconds = link::parse(&body).map_err(ApiError::Invalid)?;
    find(service, target).await?;
    let signed = link::sign(clock::now(), secret, &target, seconds);
    service.json(200, &view::link(&target, &signed))
}

/// Whether the request comes by a link. One that leads nowhere is refused, whoever asks.
pub(super) async fn comes_by_link(
    service: &Service<'_>,
    target: Target<'_>,
    request: &Request,
) -> Result<bool, ApiError> {
    let Some(claim) = service.query(request, |pairs| Ok(Claim::of(pairs)))? else {
        return Ok(false);
    };
    let secrets = &service.access.link_secrets;
    match claim.check(clock::now(), secrets, &target) {
        Ok(()) => Ok(true),
        Err(fault @ LinkFault::Expired) => {
            service.refuse("a link", None, &fault);
            Err(ApiError::Link(fault))
        }
        Err(fault @ (LinkFault::Invalid | LinkFault::NoSecret)) => {
            let error = ApiError::Link(fault);
            Err(limiter::failed(service, request, "a link", &fault, error).await)
        }
    }
}
