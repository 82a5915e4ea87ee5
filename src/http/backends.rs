//! The routes about back ends: what holds them, and an operator's word.

use super::{follow, jobs, service::Service};
use crate::{clients::PoolClient, clock};
use queue_core::{
    api::{backends, problem::ApiError, submit::BODY_MAX_BYTES},
    domain::{Backend, JobId, UserId},
    gate,
    pool::{Command, Reply},
};
use worker::{Request, Response};

/// What holds each.
pub(super) async fn shown(service: &Service<'_>) -> Result<Response, ApiError> {
    let Reply::Backends { outages } = ask(service, &Command::Backends).await? else {
        return Err(service.unexpected());
    };
    service.json(200, &backends::document(&outages, clock::now()))
}

/// Pauses one, until a time or until it is taken back. Said again, the last word counts.
pub(super) async fn pause(
    service: &Service<'_>,
    backend: Backend,
    request: &mut Request,
) -> Result<Response, ApiError> {
    service.require_json(request)?;
    let body = service.body(request, BODY_MAX_BYTES).await?;
    let pause = backends::parse_pause(&body, clock::now()).map_err(ApiError::Invalid)?;
    let pause = Some(pause);
    ask(service, &Command::Pause { backend, pause }).await?;
    shown(service).await
}

/// Has one go on.
pub(super) async fn resume(service: &Service<'_>, backend: Backend) -> Result<Response, ApiError> {
    let pause = None;
    ask(service, &Command::Pause { backend, pause }).await?;
    shown(service).await
}

/// Lets one job through.
pub(super) async fn let_through(
    service: &Service<'_>,
    user_id: &UserId,
    job_id: JobId,
) -> Result<Response, ApiError> {
    let question = gate::Command::Job {
        job_id: job_id.clone(),
    };
    let view = jobs::job(service, user_id, question).await?;
    if !view.job.state.is_final() {
        ask(
            service,
            &Command::Let {
                job_id: job_id.clone(),
            },
        )
        .await?;
    }
    follow::now(service, user_id, job_id).await
}

async fn ask(service: &Service<'_>, command: &Command) -> Result<Reply, ApiError> {
    if service.config.pool.capacity == 0 {
        return Err(ApiError::NoPool);
    }
    let asked = PoolClient::new(service.env).ask(command).await;
    asked.map_err(|error| service.fault(&error))
}
