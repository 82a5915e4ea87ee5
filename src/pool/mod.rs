//! The pool: the Durable Object that bounds how many jobs run at once over all users (`POOL_CAPACITY`).
//!
//! # Promise
//! At no instant do more than `capacity` jobs hold a slot. A freed slot goes to the best parked job, over all
//! users, in the turn that frees it; no slot idles while a job is parked.
//!
//! # A claim
//! ```text
//!  claim ──┬─ slot free ──▶ held ── released, or not renewed in time ──▶ gone
//!          │                 ▲
//!          └─ none free ──▶ parked ── slot freed, best rank ──▶ granted ── claimed again, or renewed ──▶ held
//! ```
//! A consumer claims for jobs that hold a lease of their gate, all of a batch in one call. A parked job keeps its
//! lease (its gate has it `waiting`), so no user has more jobs here than the limit, and nobody can flood the line.
//! A granted job's ticket is on its way; its row owes that ticket, as a gate's row does. A consumer that frees a slot
//! may take the ticket itself, in the answer: it asks the job's gate and runs the job, which keeps its slot by the
//! first renewal, or gives it back before.
//!
//! A slot's **epoch** is that of the lease it was claimed under. A claim or renewal under a newer epoch takes it over;
//! whoever comes with an older one is refused. So one fencing token guards lease, slot and artifacts.
//!
//! # What heals what
//! | fault | what happens |
//! |---|---|
//! | a consumer died, or could not release | its slots run out and go to the next |
//! | a ticket of a granted job was lost | the alarm sends it again |
//! | the job of a granted slot has ended | its consumer is told so by the gate, and releases the slot |
//! | the pool could not be reached | the gate has the job `waiting` and sends its ticket again |
//! | the pool lost a row | the same, but rarely: an hour later |
//! | the capacity was set to 0 | the next turn, or alarm, lets the line go; whoever still claims runs |
//!
//! Reading order: [`claim`] (the row), [`command`], [`state`] (the decisions), [`store`] and [`sql`];
//! [`durable_object`] and [`client`] are the platform's side.

pub mod claim;
pub mod client;
pub mod command;
pub mod durable_object;
pub mod sql;
pub mod state;
pub mod store;

pub use claim::{Claim, Hold};
pub use client::PoolClient;
pub use command::{Command, Reply};
pub use sql::SqlStore;
pub use state::{Effects, Turn, apply};
pub use store::Store;
