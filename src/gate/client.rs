//! Asks a gate; no URL of an object outside this file.

use super::command::{Call, Command, Reply};
use crate::{bindings, domain::UserId};
use js_sys::Reflect;
use wasm_bindgen::JsValue;
use worker::{Env, Error, Method, Request, RequestInit, Result};

/// Any will do: the object reads the body only.
const URL: &str = "https://gate/";

/// Calls made before giving up, when the platform says that the same call may be made again.
const TRIES: u32 = 3;

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
        let mut tries = 0;
        loop {
            tries += 1;
            match self.once(user_id, &call).await {
                Err(error) if tries < TRIES && is_retryable(&error) => {}
                result => return result,
            }
        }
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
        let mut response = stub.fetch_with_request(request).await?;
        let bytes = response.bytes().await?;
        if response.status_code() != 200 {
            return Err(Error::RustError(
                String::from_utf8_lossy(&bytes).into_owned(),
            ));
        }
        Ok(serde_json::from_slice(&bytes)?)
    }
}

/// Whether the platform marked the error as passing; an overloaded object must not be called again
/// (Durable Objects, "Error handling").
fn is_retryable(error: &Error) -> bool {
    let Error::UnknownJsError { original, .. } = error else {
        return false;
    };
    let flag = |name: &str| {
        Reflect::get(original, &JsValue::from_str(name)).is_ok_and(|value| value.is_truthy())
    };
    flag("retryable") && !flag("overloaded")
}
