//! The replays of many jobs: look first, then begin, watch, pause and stop.

use super::service::Service;
use crate::{clients::FailuresClient, clock};
use queue_core::{
    api::{
        problem::ApiError,
        replay::{self, Fault},
        submit::BODY_MAX_BYTES,
    },
    domain::ReplayId,
    failures::{Command, Reply, Run},
};
use worker::{Request, Response};

/// Says what is meant, or begins.
pub(super) async fn begin(
    service: &Service<'_>,
    request: &mut Request,
) -> Result<Response, ApiError> {
    service.require_json(request)?;
    let key = service.header(request, "idempotency-key");
    let body = service.body(request, BODY_MAX_BYTES).await?;
    let wanted = replay::parse(&body, key.as_deref()).map_err(|fault| match fault {
        Fault::Invalid(errors) => ApiError::Invalid(errors),
        Fault::Empty(errors) => ApiError::TooWide(errors),
    })?;
    if wanted.preview {
        let filter = wanted.filter.clone();
        let Reply::Preview { matched, first } = ask(service, Command::Preview { filter }).await?
        else {
            return Err(service.unexpected());
        };
        return service.json(200, &replay::preview(&wanted, matched, &first));
    }
    let command = Command::Begin {
        id: clock::replay_id(),
        filter: wanted.filter,
        rate: wanted.rate,
        key: wanted.key,
    };
    match ask(service, command).await? {
        Reply::Begun { run, repeated } => {
            let mut response = service.accepted(&replay::link(&run), &replay::run(&run))?;
            if repeated {
                service.set(&mut response, "idempotent-replayed", "true")?;
            }
            Ok(response)
        }
        Reply::KeyReused { id } => Err(ApiError::KeyReused(format!("replay {id}"))),
        Reply::TooMany => Err(ApiError::TooManyReplays),
        Reply::Preview { .. } | Reply::Runs { .. } | Reply::Run { .. } | Reply::Done => {
            Err(service.unexpected())
        }
    }
}

/// The latest.
pub(super) async fn list(service: &Service<'_>) -> Result<Response, ApiError> {
    let Reply::Runs { runs } = ask(service, Command::Runs).await? else {
        return Err(service.unexpected());
    };
    service.json(200, &replay::runs(&runs))
}

/// One.
pub(super) async fn shown(service: &Service<'_>, id: ReplayId) -> Result<Response, ApiError> {
    let (run, _) = one(service, Command::Run { id }).await?;
    service.json(200, &replay::run(&run))
}

/// It waits, or goes on.
pub(super) async fn pause(
    service: &Service<'_>,
    id: ReplayId,
    pauses: bool,
) -> Result<Response, ApiError> {
    let (run, is_over) = one(service, Command::Pause { id, pauses }).await?;
    if is_over {
        return Err(ApiError::ReplayOver);
    }
    service.json(200, &replay::run(&run))
}

/// It ends.
pub(super) async fn stop(service: &Service<'_>, id: ReplayId) -> Result<Response, ApiError> {
    let (run, _) = one(service, Command::Stop { id }).await?;
    service.json(200, &replay::run(&run))
}

async fn one(service: &Service<'_>, command: Command) -> Result<(Box<Run>, bool), ApiError> {
    let Reply::Run { run, is_over } = ask(service, command).await? else {
        return Err(service.unexpected());
    };
    Ok((run.ok_or(ApiError::NoSuchReplay)?, is_over))
}

async fn ask(service: &Service<'_>, command: Command) -> Result<Reply, ApiError> {
    let asked = FailuresClient::new(service.env).ask(&command).await;
    asked.map_err(|error| service.fault(&error))
}
