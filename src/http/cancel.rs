//! Cancels a job and, if that is wished, has what it made deleted as soon as it has ended.

use super::{jobs, limiter, service::Service};
use crate::clock;
use queue_core::{
    api::{auth::Caller, fault::FieldError, problem::ApiError, query, view},
    cleanup::{Target, purge_key},
    domain::{JobId, UserId},
    gate::{Command, State, command::NewJob},
};
use worker::{Request, Response};

/// 200 if the job has ended, 202 if it will end when its holder next reports.
pub(super) async fn cancel(
    service: &Service<'_>,
    caller: &Caller,
    (user_id, job_id): (&UserId, JobId),
    request: &Request,
) -> Result<Response, ApiError> {
    let purges = service.query(request, query::parse_cancel)?;
    if purges {
        limiter::guard(service, caller, request).await?;
        cleanup(service, user_id, (&job_id, 0), None)?;
    }
    let view = jobs::job(service, user_id, Command::Cancel { job_id }).await?;
    let mut shown = view::job(user_id, &view, None);
    if purges {
        let job = (&view.job.job_id, view.job.past.replays);
        let cleanup = put_on(service, user_id, job).await?;
        shown["links"]["purge"] = view::job_link(&UserId::nobody(), &cleanup).into();
    }
    if view.job.state.is_final() {
        return service.json(200, &shown);
    }
    service.accepted(&view::job_link(user_id, &view.job.job_id), &shown)
}

/// The job that deletes what the job made: one after each replay, however often it is asked for, unless it was in vain.
async fn put_on(
    service: &Service<'_>,
    user_id: &UserId,
    job: (&JobId, u32),
) -> Result<JobId, ApiError> {
    let mut in_vain = None;
    loop {
        let cleanup = cleanup(service, user_id, job, in_vain.as_ref())?;
        let reply = service
            .ask(&UserId::nobody(), Command::Submit(cleanup))
            .await?;
        let (cleanup, _) = jobs::recorded(service, reply)?;
        if !cleanup.state.is_final() || cleanup.state == State::Succeeded {
            return Ok(cleanup.job_id);
        }
        in_vain = Some(cleanup.job_id);
    }
}

fn cleanup(
    service: &Service<'_>,
    user_id: &UserId,
    (job_id, replays): (&JobId, u32),
    in_vain: Option<&JobId>,
) -> Result<NewJob, ApiError> {
    let target = Target::job(user_id.clone(), job_id.clone(), replays);
    let kinds = &service.config.gate.kinds;
    let cleanup = target.cleanup(purge_key(job_id, replays, in_vain), clock::job_id(), kinds);
    cleanup.ok_or_else(|| {
        let detail = "There is no kind cleanup of nobody, with the stage sweep, in KINDS.";
        ApiError::Invalid(vec![FieldError::parameter("purge", detail)])
    })
}
