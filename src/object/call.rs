//! Calls an object; no URL of an object outside this file.

use futures_util::future::{Either, select};
use js_sys::Reflect;
use serde::{Deserialize, Serialize};
use std::{pin::pin, time::Duration};
use wasm_bindgen::JsValue;
use worker::{Delay, Env, Error, Method, Request, RequestInit, Result};

/// Any will do: an object reads the body only.
const URL: &str = "https://object/";

/// Pauses after a call that failed; one more call than there are pauses is made.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(500)];

/// An object that has not answered by then is taken for unreachable. Its turns take milliseconds; jobs hold
/// leases while a delivery waits for it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Has the object of that name decide. Every command of the project may be repeated, so a call whose answer was
/// lost on the way is made again.
///
/// # Errors
/// When the object cannot be reached, is overloaded, or failed.
pub(crate) async fn call<R: for<'de> Deserialize<'de>>(
    env: &Env,
    binding: &str,
    name: &str,
    call: &impl Serialize,
) -> Result<R> {
    let body = serde_json::to_string(call)?;
    for pause in PAUSES {
        match once(env, binding, name, &body).await {
            Err(error) if may_be_repeated(&error) => Delay::from(pause).await,
            result => return result,
        }
    }
    once(env, binding, name, &body).await
}

async fn once<R: for<'de> Deserialize<'de>>(
    env: &Env,
    binding: &str,
    name: &str,
    body: &str,
) -> Result<R> {
    // A stub is useless after an exception, so each try takes a new one.
    let stub = env.durable_object(binding)?.get_by_name(name)?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_body(Some(JsValue::from_str(body)));
    let request = Request::new_with_init(URL, &init)?;
    let answer = pin!(async {
        let mut response = stub.fetch_with_request(request).await?;
        let bytes = response.bytes().await?;
        Ok::<_, Error>((response, bytes))
    });
    let (response, bytes) = match select(answer, Delay::from(TIMEOUT)).await {
        Either::Left((answer, _)) => answer?,
        Either::Right(((), _)) => {
            let what = format!("an object of {binding} did not answer in time");
            return Err(Error::RustError(what));
        }
    };
    if response.status_code() != 200 {
        let what = String::from_utf8_lossy(&bytes).into_owned();
        return Err(Error::RustError(what));
    }
    Ok(serde_json::from_slice(&bytes)?)
}

/// Whether another call may help. Every command may be repeated, but an overloaded object must not be called
/// again (Durable Objects, "Error handling"), and what an object itself answered, or did not in
/// [`TIMEOUT`], will not change so soon.
fn may_be_repeated(error: &Error) -> bool {
    let Error::UnknownJsError { original, .. } = error else {
        return false;
    };
    !Reflect::get(original, &JsValue::from_str("overloaded")).is_ok_and(|flag| flag.is_truthy())
}
