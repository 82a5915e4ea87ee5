//! Story Queue decides **who runs now** for a story-generation service that sells tiers.
//!
//! # Code map
//! - [`domain`]: the words and rules everyone shares.
//! - [`gate`]: one Durable Object per user; may this user's job run now?
//! - [`pool`]: one Durable Object for all; is there capacity for it?
//! - [`line`]: what the gate's waiting line and the pool's share.
//! - [`consumer`]: what happens to a delivered batch of tickets.
//! - [`generator`]: makes the stories.
//! - [`api`]: what the outside may ask.
//! - [`observability`]: what can be seen afterwards.
//! - [`storage`]: the small part of SQL that the objects use, over two real databases.
//! - [`config`], [`bindings`]: what `wrangler.toml` says.
//!
//! # Invariants
//! - A decision never sees the clock, randomness or the platform: time is an argument. A test holds the
//!   `worker` crate out of every file but the few that perform.
//! - An object decides and persists in one synchronous turn; only then does it await.
//! - No file outside `object/call.rs` knows that an object has a URL; only the stores' files have SQL.
//! - A message is settled by name; nothing is acknowledged by falling through.

pub mod api;
pub(crate) mod artifacts;
pub mod bindings;
pub(crate) mod clock;
pub mod config;
pub mod consumer;
pub mod domain;
pub mod gate;
pub mod generator;
pub mod line;
pub(crate) mod object;
pub mod observability;
pub mod pool;
pub(crate) mod settings;
pub mod storage;

use worker::{Context, Env, MessageBatch, Request, Response, Result, event};

/// An HTTP request.
#[event(fetch)]
async fn fetch(request: Request, env: Env, _context: Context) -> Result<Response> {
    console_error_panic_hook::set_once();
    api::handler::answer(request, &env).await
}

/// A batch of a queue. Always `Ok`: an error here is a panic of the whole isolate.
#[event(queue)]
async fn queue(batch: MessageBatch<()>, env: Env, _context: Context) -> Result<()> {
    console_error_panic_hook::set_once();
    consumer::handler::deliver(batch, env).await;
    Ok(())
}
