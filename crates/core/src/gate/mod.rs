//! The gate: one Durable Object per user. It records the user's jobs and decides which of them may run.
//!
//! # Promise
//! At no instant do more of a user's jobs hold a lease than the limit of the user's tier. An accepted job
//! ends exactly once. A freed lease goes to the best parked job in the turn that frees it.
//!
//! # States of a job
//! ```text
//!  submit ─┬─ lease free ──▶ queued ── start ──▶ running ── last stage done ─▶ succeeded
//!          │                  ▲   ▲               │ │ │
//!          │      lease freed,│   └─ stage done ──┘ │ └─ permanent, or attempts used up ─▶ failed
//!          │        best rank │                     └─ transient, or lease ran out ──┐
//!          └─ at the limit ─▶ parked ◀──────────────── due ────────── retrying ◀─────┘
//! ```
//! From `failed` and `cancelled`, a replay leads to `queued` or `parked` again, at the stage at which the job ended.
//! From each state that is not final, a wish to cancel leads to `cancelled`. `queued` and `running` hold a lease. A delivery
//! that goes on with the next stage keeps the job `running`. A job whose `notBefore` is yet to come is `scheduled` first,
//! and stands in line when that comes. One that has not started when its `startBy` comes ends as `expired`, wherever it
//! waits: by the alarm, or, if that is late, by the turn that would have it start.
//!
//! # The lease
//! - Granted in the turn that accepts the job, if the user is below the limit, or in the turn that frees it. Its clock
//!   runs from the start; renewed by its holder; taken back when it runs out.
//! - Its **epoch** grows each time the job comes to wait for its turn, each time it is put into the hands of a holder, and
//!   when the lease runs out. Whoever names an old one is refused and changes nothing. The epoch lives in the job's row,
//!   so it never restarts.
//! - It is carried through the stages of a job: a later stage never waits for it again.
//! - A limit that is lowered takes leases back from the worst of those that have not begun.
//! - A delivery that reports takes along what its report frees: its job's next stage, in the same place, and the job that
//!   the freed lease goes to. If that answer is lost, the repeated report gets it again.
//!
//! # The outbox is the row
//! A row in `queued` *is* the fact that the job must be made known: to the pool, or, where there is none, by its ticket.
//! It names when to do so again, unless the job has started by then. What the pool must hear of jobs that wait no more, a
//! table keeps until the pool has heard it. A purged queue heals by itself, and so does a pool that forgot.
//!
//! # What heals what
//! | fault | what happens |
//! |---|---|
//! | the pool could not be told, or lost a row | the alarm tells again, ever less often, for ever |
//! | the queue lost a ticket, or a send failed | with a pool, it calls again for a delivery; without, the alarm sends the ticket again |
//! | the queue delivered twice | the job is running, and is not started again |
//! | the consumer died | the lease runs out; after a short pause the job goes back into the line with its old rank |
//! | a dead consumer comes back | its epoch is old; refused |
//! | the object was evicted | nothing: what it holds in memory is in its rows, too |
//! | the user is deleted while a consumer is cut off | its job ends when the lease runs out; what is stored later is deleted half an hour after |
//! | the bucket fails, or does not answer | each job's artifacts are tried again after a pause of their own; nothing else waits |
//! | the clock was set back | what is due later than any rule allows is due now; a time that a client gave holds by the clock as it is |
//! | the alarm was dropped by the platform | the next request, or the next start of the object, arms it |
//! | storage failed in mid-turn | the turn is one transaction; nothing of it was kept |
//!
//! # The plan
//! Once told, the user's plan alone gives the tier. Each turn first has the plan hold as it is by then, so that a late
//! alarm makes no grace period longer; a change reprices all that has not ended, from the turn that makes it on, in slices.
//! Once a day the alarm has Stripe asked what the user pays for, where there is a key (`reading`).
//!
//! # Reading order
//! [`job`], [`account`] and [`subscriptions`] (the rows), [`command`] (what may be asked), [`turn`], `lease` and `announce` (what all decisions
//! share), [`mod@apply`] (which decision answers which command), then the decisions: [`submit`] with [`quota`], [`start`],
//! [`report`], `ending`, `schedule` and `expiry`, [`heal`] with [`due`], [`plan`] with [`reprice`] and `reading`, `replay` with [`past`], [`erase`], `walk` (slices), [`forget`], and the
//! questions: [`view`]. [`teller`] says what the pool is told when, [`words`] what the list of failures is told. `memory` is what an object remembers between turns,
//! [`store`] what decisions need of its rows, [`sql`] those rows in the [`tables`], with `kind_lines`, `side_rows` and `times`.

pub mod account;
mod announce;
pub mod apply;
mod bound;
pub mod command;
pub mod due;
mod ending;
pub mod erase;
mod expiry;
pub mod forget;
mod hash;
pub mod heal;
mod history;
pub mod job;
mod kind_lines;
mod lease;
mod mailbox;
mod memory;
mod outage;
mod outlook;
pub mod past;
pub mod plan;
pub mod quota;
mod reading;
mod replay;
pub mod report;
pub mod reprice;
mod schedule;
mod side_rows;
pub mod sql;
pub mod start;
pub mod state;
pub mod store;
pub mod submit;
pub mod subscriptions;
pub mod tables;
pub mod teller;
mod times;
pub mod turn;
pub mod view;
mod walk;
pub mod words;

pub use apply::{Turn, apply};
pub use command::{Command, Reply};
pub use due::next_due;
pub use job::{Job, State};
pub use memory::Memory;
pub use sql::SqlStore;
pub use store::Store;
pub use turn::Effects;
