//! Reads from Stripe what a user pays for, and mends the account by it.

use super::{
    service::{Service, bounded},
    users,
};
use crate::{clock, customers::Customers};
use futures_util::future::{Either, select};
use queue_core::{
    api::{
        problem::ApiError,
        stripe::list::{API_VERSION, ListFault, PAGE_MAX_BYTES},
    },
    config::stripe::StripeApi,
    customers::{
        Rules,
        reconcile::{READ_TIMEOUT, Reading, event_id, mend},
    },
    domain::UserId,
    events::Event,
};
use std::pin::pin;
use worker::{
    AbortController, AbortSignal, Delay, Fetch, Headers, Request, RequestInit, RequestRedirect,
    Response,
};

pub(super) async fn reconcile(
    service: &Service<'_>,
    user_id: &UserId,
) -> Result<Response, ApiError> {
    let Some(api) = &service.access.stripe_api else {
        return Err(ApiError::ReconcileNotConfigured);
    };
    let account = users::account(service, user_id).await?;
    if account.is_erased {
        return Err(ApiError::UserBeingDeleted);
    }
    let customers = Customers { env: service.env };
    let links = customers.links(user_id).await;
    let links = links.map_err(|error| service.fault(&error))?;
    let now = clock::now();
    let mut reading = Reading::of(now, &service.access.stripe_scope, &account, &links)
        .ok_or(ApiError::NoCustomer)?;
    read(api, &mut reading).await.map_err(|fault| {
        service.log(&format!(
            "Stripe's list of subscriptions could not be read: {fault}"
        ));
        ApiError::StripeUnreadable(fault)
    })?;
    let rules = Rules {
        now,
        plans: &service.config.gate.plans,
        secrets: &service.access.stripe_secrets,
    };
    let doubts = mend(&customers, rules, user_id, reading.findings()).await;
    for doubt in doubts.map_err(|error| service.fault(&error))? {
        service.log_event(&Event::WebhookDoubt {
            event_id: event_id(now),
            user_id: Some(user_id.clone()),
            doubt,
        });
    }
    users::shown(service, user_id).await
}

/// Reads all pages, in bounded time.
async fn read(api: &StripeApi, reading: &mut Reading<'_>) -> Result<(), ListFault> {
    let controller = AbortController::default();
    let signal = controller.signal();
    let pages = pin!(pages(api, reading, &signal));
    match select(pages, Delay::from(READ_TIMEOUT)).await {
        Either::Left((read, _)) => read,
        Either::Right(((), _)) => {
            controller.abort();
            Err(ListFault::Late)
        }
    }
}

async fn pages(
    api: &StripeApi,
    reading: &mut Reading<'_>,
    signal: &AbortSignal,
) -> Result<(), ListFault> {
    while let Some(path) = reading.wanted()? {
        let answer = answer(api, &path, signal).await;
        let (status, body) = answer.map_err(|_| ListFault::Unreachable)?;
        reading.answered(status, &body.ok_or(ListFault::TooLong)?)?;
    }
    Ok(())
}

/// The status, and the body if it is short enough. A redirect is not followed: the key would go with it.
async fn answer(
    api: &StripeApi,
    path: &str,
    signal: &AbortSignal,
) -> worker::Result<(u16, Option<Vec<u8>>)> {
    let headers = Headers::new();
    headers.set("authorization", &api.key.bearer())?;
    headers.set("stripe-version", API_VERSION)?;
    let init = RequestInit {
        headers,
        redirect: RequestRedirect::Manual,
        ..RequestInit::default()
    };
    let request = Request::new_with_init(&format!("{}{path}", api.url), &init)?;
    let mut response = Fetch::Request(request).send_with_signal(signal).await?;
    let status = response.status_code();
    if status != 200 {
        return Ok((status, Some(Vec::new())));
    }
    Ok((status, bounded(response.stream()?, PAGE_MAX_BYTES).await?))
}
