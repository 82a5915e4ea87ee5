//! The routes about a user: the account, the plan, and the deletion.

use super::service::Service;
use crate::{clock, customers::Customers};
use queue_core::{
    api::{account as document, plan, problem::ApiError, submit::BODY_MAX_BYTES, view},
    domain::UserId,
    gate::{Command, Reply, command::AccountView},
};
use serde_json::json;
use worker::{Request, Response};

pub(super) async fn shown(service: &Service<'_>, user_id: &UserId) -> Result<Response, ApiError> {
    let account = account(service, user_id).await?;
    answer(service, user_id, &account)
}

pub(super) async fn account(
    service: &Service<'_>,
    user_id: &UserId,
) -> Result<AccountView, ApiError> {
    let reply = service.ask(user_id, Command::Account).await?;
    let Reply::Account { account } = reply else {
        return Err(service.unexpected());
    };
    Ok(account)
}

pub(super) async fn set_plan(
    service: &Service<'_>,
    user_id: &UserId,
    request: &mut Request,
) -> Result<Response, ApiError> {
    service.require_json(request)?;
    let body = service.body(request, BODY_MAX_BYTES).await?;
    let change = plan::parse(&body, clock::now()).map_err(ApiError::Invalid)?;
    let reply = service.ask(user_id, Command::SetPlan(change)).await?;
    if let Reply::PlanSet { account, .. } = reply {
        answer(service, user_id, &account)
    } else if reply == Reply::Erasing {
        Err(ApiError::UserBeingDeleted)
    } else {
        Err(service.unexpected())
    }
}

/// 204 if nothing is left, 202 as long as something is.
pub(super) async fn delete(service: &Service<'_>, user_id: &UserId) -> Result<Response, ApiError> {
    let reply = service.ask(user_id, Command::DeleteUser).await?;
    let Reply::UserDeleted { running, is_gone } = reply else {
        return Err(service.unexpected());
    };
    // After the gate was told: a link that is noted from now on is removed by whoever notes it.
    let customers = Customers { env: service.env };
    let forgotten = customers.forget(user_id).await;
    forgotten.map_err(|error| service.fault(&error))?;
    if is_gone {
        let response = Response::empty().map_err(|error| service.fault(&error))?;
        return Ok(response.with_status(204));
    }
    let left = json!({"userId": user_id, "isBeingDeleted": true, "running": running});
    service.accepted(&view::user_link(user_id), &left)
}

/// The account, as it is shown.
pub(super) fn answer(
    service: &Service<'_>,
    user_id: &UserId,
    account: &AccountView,
) -> Result<Response, ApiError> {
    let config = &service.config.gate;
    let domain = service.access.email_domain.as_deref();
    service.json(200, &document::account(user_id, account, config, domain))
}
