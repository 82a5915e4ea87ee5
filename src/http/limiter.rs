//! The guard against abuse: the platform's rate limiter, which counts roughly and for each location separately. It is
//! not a quota: if the limiter fails, all requests pass.

use super::service::Service;
use queue_core::{
    api::{
        auth::{Caller, limit},
        problem::ApiError,
    },
    bindings,
    domain::UserId,
};
use worker::Request;

/// Counts a submission, and refuses it if there are too many.
pub(super) async fn guard(
    service: &Service<'_>,
    caller: &Caller,
    request: &Request,
) -> Result<(), ApiError> {
    let key = limit::submission(caller, address(service, request).as_deref());
    match key {
        Some(key) => count(service, key, caller.user_id()).await,
        None => Ok(()),
    }
}

/// Counts a mail for that user, whoever brings it.
pub(super) async fn guard_mail(service: &Service<'_>, user_id: &UserId) -> Result<(), ApiError> {
    count(service, limit::mail(user_id), Some(user_id)).await
}

async fn count(
    service: &Service<'_>,
    key: String,
    user_id: Option<&UserId>,
) -> Result<(), ApiError> {
    if has_room(service, key).await {
        return Ok(());
    }
    service.refuse("a submission", user_id, "too many within one minute");
    Err(ApiError::RateLimited)
}

/// Counts a failed credential or signature, and logs it. The answer is `error`, or if there are too many, one that does
/// not say what is wrong with it.
pub(super) async fn failed(
    service: &Service<'_>,
    request: &Request,
    what: &'static str,
    reason: &impl ToString,
    error: ApiError,
) -> ApiError {
    let key = limit::failure(address(service, request).as_deref());
    if has_room(service, key).await {
        service.refuse(what, None, reason);
        return error;
    }
    service.refuse(what, None, "too many failed within one minute");
    ApiError::FailuresLimited
}

fn address(service: &Service<'_>, request: &Request) -> Option<String> {
    service.header(request, "cf-connecting-ip")
}

/// Counts one more under that key, if there is a limit at all.
async fn has_room(service: &Service<'_>, key: String) -> bool {
    if !service.access.rate_limit {
        return true;
    }
    let outcome = match service.env.rate_limiter(bindings::SUBMISSIONS) {
        Ok(limiter) => limiter.limit(key).await,
        Err(error) => Err(error),
    };
    outcome.map_or_else(
        |error| {
            service.log(&error);
            true
        },
        |outcome| outcome.success,
    )
}
