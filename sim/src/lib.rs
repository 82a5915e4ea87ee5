//! The deterministic simulator of story-queue.
//!
//! The product's own decisions run here in a world that goes wrong in every way the platform may: a queue
//! that loses, doubles and delays, objects that are evicted, alarms that are late or dropped, storage and
//! calls that fail before or after they took effect, consumers that die, a generator that fails or hangs.
//! Everything a seed does follows from the seed.
//!
//! Reading order: `plan`, `settings`, `stripe`, `replays` and `rates` (what a seed draws), `world` (what happens), `object` (gates,
//! the pool and the list of failures as objects), `table`, [`gate_tables`], [`memory_store`], [`pool_store`], [`list_store`] and [`twin`] (their rows), `oracle` (what must
//! hold), [`run`] (one seed), [`planted`], `liar`, `plan_liar`, `time_liar` and `pool_liar` (defects that the oracle must find),
//! [`marks`] (what happened at all).
//!
//! The decisions are the product's own. What imitates its platform side, and must follow it: `object` follows
//! `src/objects`; in `world`, `consumer` and `pool_calls` follow `src/consumer`, `list_calls` follows `src/objects/failures.rs`, `calls` and `queue` follow
//! `src/clients/call.rs` and `src/objects/outbox.rs`, and `clients` cancels as `src/http` does.

mod deploys;
mod dice;
mod forward;
pub mod gate_tables;
mod kinds;
mod liar;
pub mod list_store;
mod listed;
pub mod marks;
pub mod memory_store;
mod object;
mod operator;
mod oracle;
mod outage;
mod plan;
mod plan_liar;
pub mod planted;
mod pool_liar;
pub mod pool_store;
mod rates;
mod replays;
pub mod run;
mod settings;
mod sight;
mod stripe;
pub mod table;
mod time_liar;
mod times;
pub mod twin;
mod wish;
mod world;

pub use oracle::Violation;
