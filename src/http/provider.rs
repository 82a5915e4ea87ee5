//! The keys of an identity provider: fetched from `JWT_JWKS_URL`, and kept for all requests of the isolate.

use super::service::Service;
use crate::{body::bounded, clock};
use futures_util::future::{Either, select};
use queue_core::{
    api::auth::{
        jwks::{KeySet, SET_MAX_BYTES, SetFault},
        key_cache::{FETCH_TIMEOUT, KeyCache, Step},
        token::{Token, TokenFault},
    },
    config::{JwksUrl, PublicKey},
};
use std::{cell::RefCell, pin::pin, time::Duration};
use worker::{AbortController, AbortSignal, Delay, Fetch, Request, RequestInit, RequestRedirect};

/// How often a request looks whether the fetch of another has ended; see [`crate::generator::turns`] for why it is not told.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

thread_local! {
    static KEYS: RefCell<KeyCache> = RefCell::default();
}

/// The key that checks the token; `None` if no keys can be had.
pub(super) async fn key_for(
    service: &Service<'_>,
    url: &JwksUrl,
    token: &Token<'_>,
) -> Result<Option<PublicKey>, TokenFault> {
    loop {
        match KEYS.with_borrow_mut(|keys| keys.step(clock::now(), token)) {
            Step::Check(key) => return Ok(Some(key)),
            Step::Refuse(fault) => return Err(fault),
            Step::NoKeys => return Ok(None),
            Step::Wait => Delay::from(LOOK_AGAIN).await,
            Step::Fetch => {
                let fetched = fetched(url).await;
                match &fetched {
                    Ok(keys) if keys.is_empty() => {
                        service.log(&"the answer of JWT_JWKS_URL has no key that can be used");
                    }
                    Ok(_) => {}
                    Err(error) => service.log(&format!(
                        "the keys of JWT_JWKS_URL could not be fetched: {error}"
                    )),
                }
                KEYS.with_borrow_mut(|keys| keys.fetched(clock::now(), fetched.ok()));
            }
        }
    }
}

async fn fetched(url: &JwksUrl) -> Result<KeySet, String> {
    let controller = AbortController::default();
    let signal = controller.signal();
    let answer = pin!(answer(url, &signal));
    match select(answer, Delay::from(FETCH_TIMEOUT)).await {
        Either::Left((body, _)) => {
            let body = body.map_err(|error| error.to_string())?;
            KeySet::read(&body).map_err(|fault| fault.to_string())
        }
        Either::Right(((), _)) => {
            controller.abort();
            Err("there was no answer in time".to_owned())
        }
    }
}

/// The body of the answer. A redirect is not followed: it could lead to an address that is not safe.
async fn answer(url: &JwksUrl, signal: &AbortSignal) -> worker::Result<Vec<u8>> {
    let init = RequestInit {
        redirect: RequestRedirect::Manual,
        ..RequestInit::default()
    };
    let request = Request::new_with_init(url.as_str(), &init)?;
    let mut response = Fetch::Request(request).send_with_signal(signal).await?;
    let status = response.status_code();
    if status != 200 {
        return Err(format!("the status is {status}").into());
    }
    let body = bounded(response.stream()?, SET_MAX_BYTES).await?;
    body.ok_or_else(|| SetFault::TooLong.to_string().into())
}
