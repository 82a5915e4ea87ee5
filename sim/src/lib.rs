//! The deterministic simulator of story-queue.
//!
//! The product's own decisions run here in a world that goes wrong in every way the platform may: a queue
//! that loses, doubles and delays, objects that are evicted, alarms that are late or dropped, storage and
//! calls that fail before or after they took effect, consumers that die, a generator that fails or hangs.
//! Everything a seed does follows from the seed.
//!
//! Reading order: [`plan`] and [`rates`] (what a seed draws), [`world`] (what happens), [`object`] (gates and
//! the pool as objects), [`memory_store`], [`pool_store`] and [`sqlite`] (their rows), [`oracle`] (what must
//! hold), [`run`] (one seed), [`planted`], [`liar`] and [`pool_liar`] (defects that the oracle must find),
//! [`marks`] (what happened at all).
//!
//! What imitates the product, and so must follow it: [`object`] follows `object/alarm.rs` and the
//! `durable_object.rs` of gate and pool; in [`world`], `consumer`, `progress` and `pool_calls` follow
//! `consumer/handler.rs` and `runner.rs`, `tasks` follows `consumer/stage.rs`, `calls` follows
//! `object/call.rs`, `queue` sends as `object/outbox.rs` does, and `clients` follows the cancellation of
//! `api/handler.rs`. The decisions themselves are the product's.

pub mod dice;
pub mod liar;
pub mod marks;
pub mod memory_store;
pub mod object;
pub mod oracle;
pub mod plan;
pub mod planted;
pub mod pool_liar;
pub mod pool_store;
pub mod rates;
pub mod run;
pub mod twin;
pub mod world;
