//! Logging: one [`Event`] each time something happens to a job, as text or as JSON.
//!
//! Each event stands once, in the table in `event.rs`; the table in `docs/operations.md` is written from it.
//! Payloads, prompts and credentials are never logged.

pub mod event;
mod job;
mod row;

pub use event::Event;
pub use job::JobFacts;
pub use row::{Level, Row};
