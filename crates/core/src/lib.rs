//! Who runs now: every decision of story-queue, without the platform.
//!
//! # Code map
//! - [`domain`]: the words and rules everyone shares.
//! - [`gate`]: one per user; may this user's job run now?
//! - [`pool`]: one for all; is there capacity for it?
//! - [`failures`]: one for all; which jobs have failed, and the replay of many.
//! - [`mod@line`]: what the gate's waiting line and the pool's share.
//! - [`alarm`]: the one alarm of an object.
//! - [`calls`], [`sends`]: what fails on the way, and is tried again.
//! - [`delivery`]: what happens to a delivered batch of tickets.
//! - [`cleanup`]: what jobs of nobody delete.
//! - [`customers`]: whose Stripe's customers are, and what their events mean for a user.
//! - [`dead_letters`]: how records of messages that could not be read are kept.
//! - [`api`]: what a request, or an answer, is.
//! - [`events`]: what can be seen afterwards.
//! - [`storage`]: the small part of SQL that the objects use.
//! - [`config`], [`bindings`]: what `wrangler.toml` says.
//!
//! # Invariants
//! - A decision never sees the clock, randomness or the platform: time is an argument. This crate depends on no crate that
//!   knows any of them.
//! - A turn of an object reads and writes rows through a store, returns what must follow, and awaits nothing.
//! - Only the stores' files have SQL.

pub mod alarm;
pub mod api;
pub mod bindings;
pub mod calls;
pub mod cleanup;
pub mod config;
pub mod customers;
pub mod dead_letters;
pub mod delivery;
pub mod domain;
pub mod estimate;
pub mod events;
pub mod failures;
pub mod gate;
pub mod line;
pub mod live;
pub mod pool;
pub mod sends;
pub mod storage;
