//! The routes for who runs the service: dead letters and health.

use super::service::Service;
use crate::{artifacts, letters};
use queue_core::{
    api::{problem::ApiError, query},
    bindings,
    domain::UserId,
    gate::Command,
};
use serde_json::json;
use worker::{Request, Response};

pub(super) async fn dead_letters(
    service: &Service<'_>,
    request: &Request,
) -> Result<Response, ApiError> {
    let after = service.query(request, query::parse_dead_letters)?;
    let page = letters::list(service.env, after).await;
    let (letters, next) = page.map_err(|error| service.fault(&error))?;
    service.json(200, &json!({"deadLetters": letters, "nextCursor": next}))
}

/// Checks each binding that the service needs; the queue can only be looked up.
pub(super) async fn health(service: &Service<'_>) -> Result<Response, ApiError> {
    service
        .env
        .queue(bindings::STORIES)
        .map_err(|error| service.fault(&error))?;
    artifacts::answers(service.env)
        .await
        .map_err(|error| service.fault(&error))?;
    let nobody = UserId::try_from("healthz".to_owned()).map_err(|error| service.fault(&error))?;
    service.ask(&nobody, Command::Account).await?;
    service.json(200, &json!({"status": "ok"}))
}
