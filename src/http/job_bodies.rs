//! `POST /jobs`: one job of any kind, or several in one call, each with its own answer.

use super::{jobs, limiter, service::Service};
use crate::clock;
use futures_util::stream::{self, StreamExt};
use queue_core::api::{
    auth::Caller,
    job_body::{self, JOBS_MAX_BYTES},
    problem::ApiError,
    submit::Submission,
    view,
};
use serde_json::{Value, json};
use worker::{Request, Response};

/// Jobs of one call that are with their gates at a time: a gate decides about one after the other.
const AT_ONCE: usize = 6;

/// 202 for one job; for several 200, with their answers in the same order.
pub(super) async fn create(
    service: &Service<'_>,
    caller: &Caller,
    request: &mut Request,
) -> Result<Response, ApiError> {
    jobs::admit(service, caller, request).await?;
    service.require_json(request)?;
    let key = service.header(request, "idempotency-key");
    let body = service.body(request, JOBS_MAX_BYTES).await?;
    let Some(several) = job_body::several(&body, key.as_deref())? else {
        let submission = parse(service, &body, key.as_deref())?;
        return jobs::accept(service, caller, submission).await;
    };
    let request = &*request;
    let answers = several
        .into_iter()
        .enumerate()
        .map(|(index, body)| async move {
            // The first was counted with the call.
            if index > 0 {
                limiter::guard(service, caller, request).await?;
            }
            submitted(service, caller, body).await
        });
    let answers = stream::iter(answers).buffered(AT_ONCE);
    let results = answers.map(|answer| view::result(&answer));
    service.json(200, &json!({"results": results.collect::<Vec<_>>().await}))
}

fn parse(service: &Service<'_>, body: &[u8], key: Option<&str>) -> Result<Submission, ApiError> {
    job_body::parse(body, key, clock::job_id(), &service.config.gate.kinds)
}

async fn submitted(
    service: &Service<'_>,
    caller: &Caller,
    body: &[u8],
) -> Result<(Value, bool), ApiError> {
    let submission = parse(service, body, None)?;
    let (user_id, command) = jobs::permitted(service, caller, submission)?;
    let reply = service.ask(&user_id, command).await?;
    let (job, replayed) = jobs::recorded(service, reply)?;
    Ok((view::submitted(&user_id, &job), replayed))
}
