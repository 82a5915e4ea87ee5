//! Asks a gate; no URL of an object outside this file.

use super::command::{Call, Command, Reply};
use crate::{bindings, domain::UserId};
use futures_util::future::{Either, select};
use js_sys::Reflect;
use std::{pin::pin, time::Duration};
use wasm_bindgen::JsValue;
use worker::{Delay, Env, Error, Method, Request, RequestInit, Result};

/// Any will do: the object reads the body only.
const URL: &str = "https://gate/";

/// Pauses after a call that failed; one more call than there are pauses is made.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(500)];

/// A gate that has not answered by then is taken for unreachable. Its turns take milliseconds; neighbours
/// in the same batch hold leases while they wait for it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The gates of all users.
pub struct GateClient<'a> {
    env: &'a Env,
}

impl<'a> GateClient<'a> {
    /// The gates as bound in that environment.
    #[must_use]
    pub const fn new(env: &'a Env) -> Self {
        Self { env }
    }

    /// Has the user's gate decide. Every command may be repeated, so a call whose answer was lost on the
    /// way is made again.
    ///
    /// # Errors
    /// When the gate cannot be reached, is overloaded, or failed.
    pub async fn ask(&self, user_id: &UserId, command: Command) -> Result<Reply> {
        let call = serde_json::to_string(&Call {
            user_id: user_id.clone(),
            command,
        })?;
        for pause in PAUSES {
            match self.once(user_id, &call).await {
                Err(error) if may_be_repeated(&error) => Delay::from(pause).await,
                result => return result,
            }
        }
        self.once(user_id, &call).await
    }

    async fn once(&self, user_id: &UserId, call: &str) -> Result<Reply> {
        // A stub is useless after an exception, so each try takes a new one.
        let stub = self
            .env
            .durable_object(bindings::GATES)?
            .get_by_name(user_id.as_str())?;
        let mut init = RequestInit::new();
        init.with_method(Method::Post)
            .with_body(Some(JsValue::from_str(call)));
        let request = Request::new_with_init(URL, &init)?;
        let answer = pin!(async {
            let mut response = stub.fetch_with_request(request).await?;
            let bytes = response.bytes().await?;
            Ok::<_, Error>((response, bytes))
        });
        let (response, bytes) = match select(answer, Delay::from(TIMEOUT)).await {
            Either::Left((answer, _)) => answer?,
            Either::Right(((), _)) => {
                return Err(Error::RustError(
                    "the gate did not answer in time".to_owned(),
                ));
            }
        };
        if response.status_code() != 200 {
            return Err(Error::RustError(
                String::from_utf8_lossy(&bytes).into_owned(),
            ));
        }
        Ok(serde_json::from_slice(&bytes)?)
    }
}

/// Whether another call may help. Every command may be repeated, but an overloaded object must not be called
/// again (Durable Objects, "Error handling"), and what a gate itself answered, or did not in
/// [`TIMEOUT`], will not change so soon.
fn may_be_repeated(error: &Error) -> bool {
    let Error::UnknownJsError { original, .. } = error else {
        return false;
    };
    !Reflect::get(original, &JsValue::from_str("overloaded")).is_ok_and(|flag| flag.is_truthy())
}
