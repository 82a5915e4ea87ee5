//! The pool: the Durable Object that bounds how many jobs run at once over all users (`POOL_CAPACITY`).
//!
//! # Promise
//! At no instant do more than `capacity` jobs hold a slot. A slot is given only to a delivery that has a place for the
//! job, and always to the best job of the line; while a job waits and a delivery has a place, no slot is free.
//!
//! # A claim
//! ```text
//!  told ──▶ waiting ── slot free, best rank, a delivery has a place ─▶ given ── start confirmed ──▶ held
//!             ▲                                                          │                          │
//!             └────────────── not confirmed within seconds ──────────────┘     freed, or not renewed └──▶ gone
//! ```
//! The line knows a job from its submission: the gate that granted the lease tells it. A job that waits here keeps its
//! lease, so no user has more jobs here than the limit, and nobody can flood the line.
//!
//! A slot's **epoch** is that of the lease; the start raises it. A word under an older epoch changes nothing, one under
//! a newer epoch takes over. So one fencing token guards lease, slot and artifacts.
//!
//! # Who takes the work
//! A delivery with a free place keeps a call open, and is answered as soon as there is work for it ([`desk`]). Only when
//! a slot is free beside a line and nobody listens, a ticket is sent, to bring a delivery: one, until a delivery begins.
//!
//! A job that has just come while nobody listens, but a delivery within its budget is on the way back with a free place,
//! is given to that one at once: it gets the job with its next call. So most jobs cost two rows here, one that comes and
//! one that goes, and never move through the line.
//!
//! # What heals what
//! | fault | what happens |
//! |---|---|
//! | a consumer died | its slots run out and go to the next; what it was given and had not started, within seconds |
//! | an answer was lost | the next call of the delivery gets the same jobs again |
//! | a ticket was lost | another follows after ten seconds, then after twice that, up to a minute |
//! | the job that is given has ended | its gate says so when it is to start, and the delivery gives the slot back |
//! | the pool could not be reached | the gate tells again; the delivery calls again |
//! | the pool lost a row | the gate tells again |
//! | a job was given to a delivery where its older work still runs | the delivery stops that, and gives the job back until it has stopped |
//! | the object was evicted | open calls fail and are made again |
//! | the capacity was set to 0 | the next turn, or alarm, lets the line go, by tickets |
//!
//! Reading order: [`claim`] (the row), [`command`], [`turn`] (what all decisions share) with [`desk`], `seat` and `ticketing`,
//! [`mod@apply`], then the decisions: `tell`, `exchange`, `serve`, [`heal`]; of back ends [`outage`], [`outages`], `watch` with `suspects`, and `breaker`; [`listeners`], [`store`] and [`sql`].

pub mod apply;
mod backlog;
mod breaker;
pub mod claim;
pub mod coming;
pub mod command;
pub mod desk;
mod exchange;
pub mod heal;
mod history;
mod known;
pub mod listeners;
mod opens;
pub mod outage;
pub mod outages;
mod outlook;
mod seat;
mod serve;
pub mod sql;
pub mod store;
mod suspects;
mod tell;
mod ticketing;
pub mod turn;
mod watch;

pub use apply::{Turn, apply};
pub use backlog::Backlog;
pub use claim::{Claim, Hold};
pub use command::{Command, Reply};
pub use desk::Desk;
pub use heal::next_due;
pub use listeners::Listeners;
pub use sql::SqlStore;
pub use store::Store;
pub use turn::Effects;
