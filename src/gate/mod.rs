//! The gate: one Durable Object per user. It records the user's jobs and decides which of them may run.
//!
//! # Promise
//! At no instant do more of a user's jobs hold a lease than the limit of the user's tier. An accepted job
//! ends exactly once. A freed lease goes to the best parked job in the turn that frees it.
//!
//! # States of a job
//! ```text
//!                    ┌────────────── cancel ─────────────▶ cancelled
//!                    │
//! submit ─▶ queued ──┼─ admit, lease free ─▶ running ─ last stage done ─▶ succeeded
//!             ▲      │                       │  │  │
//!        sent again  └─ admit, at limit      │  │  └─ permanent, or attempts used up ─▶ failed
//!                            │               │  └─ transient ──────┐
//!                            ▼               └─ lease ran out ─────┤
//!                         parked ◀─ due ─ retrying ◀───────────────┘
//!                            │
//!                            └─ lease freed, best rank ─▶ granted ─ admit ─▶ running
//!                                                            ▲ stage done, or handed back
//! ```
//! `granted` and `running` hold a lease: granted has a ticket on its way, running has a holder.
//!
//! # The lease
//! - Granted until a time; renewed by its holder; taken back when it runs out.
//! - Its **epoch** grows each time the job is handed to a holder. Every report names the epoch; an old one
//!   is refused and changes nothing. The epoch lives in the job's row, so it never restarts.
//! - It is carried through the stages of a job: a later stage never waits again.
//! - A delivery that reports and would go on names itself: then the job's next stage, and the jobs that freed
//!   leases go to, are `running` in its hands in the same turn, and no ticket travels. If that answer is lost, the
//!   repeated report gets it again; if the delivery died, their leases run out.
//!
//! # The outbox is the row
//! A row in `queued` or `granted` *is* the fact that a ticket is owed: it names when to send again, unless
//! somebody was admitted before. There is no second table to forget, and a purged queue heals by itself.
//!
//! # What heals what
//! | fault | what happens |
//! |---|---|
//! | the queue lost a ticket, or a send failed | the alarm sends it again, ever less often, for ever |
//! | the queue delivered twice | the second delivery finds the job running and is skipped |
//! | the consumer died | the lease runs out; after a short pause the job goes back into the line with its old rank |
//! | a dead consumer comes back | its epoch is old; refused |
//! | the object was evicted | nothing: it holds no state in memory but the time of its alarm |
//! | the user is deleted while a consumer is cut off | its job ends when the lease runs out; what it stores later, it deletes itself |
//! | the alarm was dropped by the platform | the next request, or the next start of the object, arms it |
//! | storage failed in mid-turn | the turn is one transaction; nothing of it was kept |
//!
//! # The plan
//! Once told, the user's plan alone gives the tier. Each turn first has the plan hold as it is by then, so that a late
//! alarm makes no grace period longer; a change reprices all that has not ended in the turn that makes it.
//!
//! # Reading order
//! [`job`] (the row), [`command`] (what may be asked), [`state`] (what all decisions share), then the
//! decisions: [`submit`] with [`quota`], [`admit`] with `hand_over`, [`report`], [`heal`], [`plan`] with [`reprice`],
//! [`erase`], and the questions: [`view`]. [`store`] is what
//! decisions need of a memory, [`sql`] its rows; [`durable_object`] and [`client`] are the platform's side.

pub mod admit;
pub mod client;
pub mod command;
pub mod durable_object;
pub mod erase;
mod hand_over;
pub mod heal;
pub mod job;
pub mod plan;
pub mod quota;
pub mod report;
pub mod reprice;
pub mod sql;
pub mod state;
pub mod store;
pub mod submit;
pub mod view;

pub use client::GateClient;
pub use command::{Command, Reply};
pub use heal::next_due;
pub use job::{Job, State};
pub use sql::SqlStore;
pub use state::{Effects, Turn, apply};
pub use store::Store;
