//! The Worker: the platform's side of story-queue. Every decision is in the crate `queue-core`; what is here performs.
//!
//! # Code map
//! - [`http`]: answers requests, and takes mails.
//! - [`consumer`]: works off what the queue delivers.
//! - [`objects`]: the gate of each user and the pool, as Durable Objects; [`clients`]: how they are asked.
//! - [`generator`]: makes the stories and episodes.
//! - [`artifacts`], [`sources`], [`customers`], [`letters`]: the bucket; [`daily`]: the run through its folders.
//! - [`reconcile`]: asks Stripe what a user pays for.
//! - [`log`], [`clock`], [`settings`]: the console, the time and chance, and the variables.
//!
//! # Invariants
//! - An object decides and persists in one synchronous turn; only then does it await.
//! - No file outside `clients/call.rs` knows that an object has a URL.
//! - A message is settled by name; nothing is acknowledged by falling through.

mod artifacts;
mod body;
mod clients;
mod clock;
mod consumer;
mod customers;
mod daily;
mod generator;
mod http;
mod letters;
mod log;
mod objects;
mod reconcile;
mod settings;
mod sources;

use wasm_bindgen::{JsError, JsValue, prelude::wasm_bindgen};
use worker::{
    Context, Env, ForwardableEmailMessage, MessageBatch, Request, Response, Result,
    ScheduleContext, ScheduledEvent, event,
};

/// An HTTP request.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    console_error_panic_hook::set_once();
    http::answer(request, &env).await
}

/// A batch of a queue. Always `Ok`: an error here is a panic of the whole isolate.
#[event(queue)]
async fn queue(batch: MessageBatch<()>, env: Env, _context: Context) -> Result<()> {
    console_error_panic_hook::set_once();
    consumer::deliver(batch, env).await;
    Ok(())
}

/// Once a day.
#[event(scheduled)]
async fn scheduled(_event: ScheduledEvent, env: Env, _context: ScheduleContext) {
    console_error_panic_hook::set_once();
    letters::expire(&env).await;
    customers::expire(&env).await;
    sources::expire(&env).await;
}

/// A mail.
///
/// # Errors
/// What is wrong may pass. This is an exception, of which Email Routing makes a temporary error, so that the sender's server
/// tries again; `event(email)` would make a panic of it.
#[wasm_bindgen(
    wasm_bindgen_futures = ::worker::wasm_bindgen_futures,
    js_sys = ::worker::js_sys
)]
pub async fn email(
    message: ForwardableEmailMessage,
    env: Env,
    _context: JsValue,
) -> Result<(), JsValue> {
    console_error_panic_hook::set_once();
    let taken = http::mails::receive(&message, &env).await;
    taken.map_err(|_| JsError::new("the mail could not be taken; try again").into())
}
