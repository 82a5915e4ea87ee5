//! Reads from Stripe what a user pays for, and mends the account by it: on request, and once a day from the user's gate.

use crate::{body::bounded, clients::GateClient, clock, customers::Customers};
use futures_util::future::{Either, select};
use queue_core::{
    api::stripe::list::{API_VERSION, ListFault, PAGE_MAX_BYTES},
    config::{access::Access, stripe::StripeApi},
    customers::{
        Rules,
        reconcile::{READ_TIMEOUT, Reading, event_id, mend},
    },
    domain::{Plans, UserId},
    events::Event,
    gate::{Command, Reply},
};
use std::pin::pin;
use worker::{
    AbortController, AbortSignal, Delay, Env, Error, Fetch, Headers, Request, RequestInit,
    RequestRedirect,
};

/// Why nothing was mended.
pub(crate) enum Fault {
    /// There is no key for Stripe.
    NotConfigured,
    /// The user is being deleted.
    BeingDeleted,
    /// No customer of Stripe is known to be the user's.
    NoCustomer,
    /// The list could not be read; nothing changed.
    Unreadable(ListFault),
    /// A gate or the bucket failed; to do it again is harmless.
    Platform(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Platform(error)
    }
}

/// Mends the account, and returns what is to be logged.
pub(crate) async fn reconcile(
    env: &Env,
    access: &Access,
    plans: &Plans,
    user_id: &UserId,
) -> Result<Vec<Event>, Fault> {
    let Some(api) = &access.stripe_api else {
        return Err(Fault::NotConfigured);
    };
    let reply = GateClient::new(env).ask(user_id, Command::Account).await?;
    let Reply::Account { account } = reply else {
        let what = "a gate gave an unexpected reply".to_owned();
        return Err(Error::RustError(what).into());
    };
    if account.is_erased {
        return Err(Fault::BeingDeleted);
    }
    let customers = Customers { env };
    let links = customers.links(user_id).await?;
    let now = clock::now();
    let mut reading =
        Reading::of(now, &access.stripe_scope, &account, &links).ok_or(Fault::NoCustomer)?;
    let is_read = read(api, &mut reading).await;
    is_read.map_err(Fault::Unreadable)?;
    let rules = Rules {
        now,
        plans,
        secrets: &access.stripe_secrets,
    };
    let doubts = mend(&customers, rules, user_id, reading.findings()).await?;
    let doubts = doubts.into_iter().map(|doubt| Event::WebhookDoubt {
        event_id: event_id(now),
        user_id: Some(user_id.clone()),
        doubt,
    });
    Ok(doubts.collect())
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
