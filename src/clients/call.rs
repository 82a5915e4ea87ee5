//! Calls an object; no URL of an object outside this file.

use futures_util::future::{Either, select};
use js_sys::{JsString, Promise, Reflect};
use queue_core::calls::{CALL_TIMEOUT, Failure, Tries};
use serde::{Deserialize, Serialize};
use std::{pin::pin, time::Duration};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use worker::{
    Delay, Env, Error, Headers, Method, RequestInit, Response, ResponseBuilder, Result, WebSocket,
    web_sys,
};

#[wasm_bindgen]
extern "C" {
    // `worker`'s own reads an answer as a stream, chunk by chunk, which takes several promises more.
    #[derive(Clone)]
    type Object;

    #[wasm_bindgen(method, structural, catch)]
    fn fetch(
        this: &Object,
        url: &str,
        init: &web_sys::RequestInit,
    ) -> std::result::Result<Promise, JsValue>;
}

/// Any will do: an object reads the body only.
const URL: &str = "https://object/";

/// Has the object of that name decide; it may take so long to answer. Every command of the project may be repeated, so
/// a call whose answer was lost on the way is made again.
///
/// # Errors
/// When the object cannot be reached, is overloaded, or failed.
pub(crate) async fn call<R: for<'de> Deserialize<'de>>(
    env: &Env,
    binding: &str,
    name: &str,
    call: &impl Serialize,
    timeout: Duration,
) -> Result<R> {
    let body = serde_json::to_string(call)?;
    let mut tries = Tries::default();
    loop {
        let error = match once(env, binding, name, &body, timeout).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        match tries.again(failure(&error)) {
            Some(pause) => Delay::from(pause).await,
            None => return Err(error),
        }
    }
}

/// Has the object of that name open a socket, for what that header says; `None` if it does not.
///
/// # Errors
/// When the object cannot be reached, or refuses.
pub(crate) async fn upgrade(
    env: &Env,
    binding: &str,
    name: &str,
    (header, value): (&str, &str),
) -> Result<Option<WebSocket>> {
    let object: Object = env.durable_object(binding)?.get_by_name(name)?.into_rpc();
    let headers = Headers::new();
    headers.set("upgrade", "websocket")?;
    headers.set(header, value)?;
    let mut init = RequestInit::new();
    init.with_method(Method::Get).with_headers(headers);
    let answer = pin!(async {
        let response = object.fetch(URL, &(&init).into())?.await?;
        let response: web_sys::Response = response.unchecked_into();
        Ok::<_, Error>(Response::from(response))
    });
    let response = match select(answer, Delay::from(CALL_TIMEOUT)).await {
        Either::Left((answer, _)) => answer?,
        Either::Right(((), _)) => return Err(late(binding)),
    };
    match response.status_code() {
        101 | 204 => Ok(response.websocket()),
        status => Err(Error::RustError(format!("an object answered {status}"))),
    }
}

fn late(binding: &str) -> Error {
    Error::RustError(format!("an object of {binding} did not answer in time"))
}

async fn once<R: for<'de> Deserialize<'de>>(
    env: &Env,
    binding: &str,
    name: &str,
    body: &str,
    timeout: Duration,
) -> Result<R> {
    // A stub is useless after an exception, so each try takes a new one.
    let object: Object = env.durable_object(binding)?.get_by_name(name)?.into_rpc();
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_body(Some(JsValue::from_str(body)));
    let answer = pin!(async {
        let response = object.fetch(URL, &(&init).into())?.await?;
        let response: web_sys::Response = response.unchecked_into();
        let text = response.text()?.await?;
        Ok::<_, Error>((
            response.status(),
            String::from(text.unchecked_into::<JsString>()),
        ))
    });
    let (status, text) = match select(answer, Delay::from(timeout)).await {
        Either::Left((answer, _)) => answer?,
        Either::Right(((), _)) => return Err(late(binding)),
    };
    if status != 200 {
        return Err(Error::RustError(text));
    }
    Ok(serde_json::from_str(&text)?)
}

/// An object's answer to [`call`]: the text alone, since nobody reads headers.
///
/// # Errors
/// When it cannot be written as JSON.
pub(crate) fn answer(reply: &impl Serialize) -> Result<Response> {
    Ok(ResponseBuilder::new().fixed(serde_json::to_vec(reply)?))
}

fn failure(error: &Error) -> Failure {
    let Error::UnknownJsError { original, .. } = error else {
        return Failure::Final;
    };
    let overloaded = Reflect::get(original, &JsValue::from_str("overloaded"));
    if overloaded.is_ok_and(|flag| flag.is_truthy()) {
        Failure::Final
    } else {
        Failure::Transient
    }
}
