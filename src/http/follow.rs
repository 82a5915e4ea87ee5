//! One job, at once or as soon as it is another.

use super::{jobs, service::Service};
use crate::clients::{PoolClient, watch::Socket};
use futures_util::future::select;
use queue_core::{
    api::{prefer, problem::ApiError, validator, view},
    domain::{JobId, UserId},
    gate::{Command, Job, command::JobView},
    live::{Seen, Watch},
    pool::{self, command::Place},
};
use std::{pin::pin, time::Duration};
use worker::{Delay, Request, Response};

/// One job, with its place in the pool's line; 304 if the client has it. Held back for as long as the client would wait and
/// has the latest.
pub(super) async fn shown(
    service: &Service<'_>,
    user_id: &UserId,
    job_id: JobId,
    request: &Request,
) -> Result<Response, ApiError> {
    let held = service.header(request, "if-none-match");
    let wait = prefer::wait(service.header(request, "prefer").as_deref());
    let ask = || Command::Job {
        job_id: job_id.clone(),
    };
    let mut view = jobs::job(service, user_id, ask()).await?;
    let is_latest = |view: &JobView| {
        let etag = validator::job_etag(&view.job);
        validator::is_held(held.as_deref(), &etag)
    };
    // An ended job changes no more by itself.
    let waits = !view.job.state.is_final() && (held.is_none() || is_latest(&view));
    let mut applied = None;
    if let Some(most) = wait {
        if !waits || changes(service, user_id, &view.job, most).await {
            applied = Some(prefer::applied(most));
        }
        if waits {
            view = jobs::job(service, user_id, ask()).await?;
        }
    }
    let mut response = if is_latest(&view) {
        let response = Response::empty().map_err(|error| service.fault(&error))?;
        response.with_status(304)
    } else {
        answer(service, user_id, &view).await?
    };
    let etag = validator::job_etag(&view.job);
    service.set(&mut response, "etag", &format!("W/{etag}"))?;
    if let Some(applied) = applied {
        service.set(&mut response, "preference-applied", &applied)?;
    }
    Ok(response)
}

/// One job, at once.
pub(super) async fn now(
    service: &Service<'_>,
    user_id: &UserId,
    job_id: JobId,
) -> Result<Response, ApiError> {
    let view = jobs::job(service, user_id, Command::Job { job_id }).await?;
    answer(service, user_id, &view).await
}

async fn answer(
    service: &Service<'_>,
    user_id: &UserId,
    view: &JobView,
) -> Result<Response, ApiError> {
    let place = place(service, view).await;
    service.json(200, &view::job(user_id, view, place.as_ref()))
}

/// Waits until the job changes, but at most so long. False if that cannot be waited for.
async fn changes(service: &Service<'_>, user_id: &UserId, job: &Job, most: Duration) -> bool {
    let seen = Seen {
        job_id: job.job_id.clone(),
        changed_at: job.changed_at,
    };
    let watch = Watch { job: Some(seen) };
    match Socket::open(service.env, user_id, &watch).await {
        Ok(Some(mut socket)) => {
            // A socket that the gate closes is no reason to wait on.
            select(pin!(socket.next()), Delay::from(most)).await;
            true
        }
        Ok(None) => true,
        Err(error) => {
            service.log(&error);
            false
        }
    }
}

/// What the pool knows of a job that waits; `None` if it does not wait, or the pool cannot be asked.
async fn place(service: &Service<'_>, view: &JobView) -> Option<Place> {
    if service.config.pool.capacity == 0 {
        return None;
    }
    let question = view.asks()?;
    match PoolClient::new(service.env).ask(&question).await {
        Ok(pool::Reply::Place { place }) => Some(place),
        Ok(_) => None,
        Err(error) => {
            service.log(&error);
            None
        }
    }
}
