//! Has an ended job begin anew, and shows what it went through.

use super::{jobs, service::Service};
use crate::clock;
use queue_core::{
    api::{attempts, auth::Caller, problem::ApiError, quota::QuotaProblem, replay, view},
    domain::{JobId, UserId},
    gate::{
        Command, Reply,
        command::{JobView, Replay, ReplayOutcome},
    },
};
use worker::{Request, Response};

/// 202 if the job is on its way, now or before; 200 if it has ended again since the same word.
pub(super) async fn replay(
    service: &Service<'_>,
    caller: &Caller,
    (user_id, job_id): (&UserId, JobId),
    request: &Request,
) -> Result<Response, ApiError> {
    let key = service.header(request, "idempotency-key");
    let key = replay::key(key.as_deref()).map_err(ApiError::Invalid)?;
    jobs::admit(service, caller, request).await?;
    // Without a key of the client's, one for this request: its call may be made again, and arrive late.
    let key = key.unwrap_or_else(|| service.request_id.to_owned());
    let command = Command::Replay(Replay {
        job_id,
        key: Some(key),
        run: None,
        tier_ceiling: caller.tier_ceiling(),
    });
    let (view, is_repeated) = begun(service, service.ask(user_id, command).await?)?;
    let shown = view::job(user_id, &view, None);
    let link = view::job_link(user_id, &view.job.job_id);
    let mut response = if view.job.state.is_final() {
        service.json(200, &shown)?
    } else {
        service.accepted(&link, &shown)?
    };
    if is_repeated {
        service.set(&mut response, "idempotent-replayed", "true")?;
    }
    Ok(response)
}

/// The job, and whether nothing had to be done.
fn begun(service: &Service<'_>, reply: Reply) -> Result<(Box<JobView>, bool), ApiError> {
    if reply == Reply::Erasing {
        return Err(ApiError::UserBeingDeleted);
    }
    if let Reply::QuotaExceeded { exceeded } = reply {
        let at = clock::now();
        return Err(ApiError::QuotaExceeded(QuotaProblem { exceeded, at }));
    }
    let Reply::Replayed { outcome, view } = reply else {
        return Err(service.unexpected());
    };
    match outcome {
        ReplayOutcome::Begun => Ok((view.ok_or(ApiError::NoSuchJob)?, false)),
        ReplayOutcome::Repeated => Ok((view.ok_or(ApiError::NoSuchJob)?, true)),
        ReplayOutcome::Succeeded => Err(ApiError::JobSucceeded),
        ReplayOutcome::Sweeping => Err(ApiError::BeingSwept),
        ReplayOutcome::Unknown => Err(ApiError::NoSuchJob),
        ReplayOutcome::Changed => Err(service.unexpected()),
    }
}

/// All attempts, and all replays.
pub(super) async fn attempts(
    service: &Service<'_>,
    user_id: &UserId,
    job_id: JobId,
) -> Result<Response, ApiError> {
    let view = jobs::job(service, user_id, Command::Job { job_id }).await?;
    service.json(200, &attempts::document(user_id, &view.job))
}
