//! What must hold, whatever goes wrong. The oracle watches the world: what was promised to clients, what
//! really runs at the generator, and how long each lease was promised; never the gate's own counters.
//!
//! | invariant | where |
//! |---|---|
//! | I1 world limit, I2 one live execution a job | [`executions`] |
//! | I3 one effect a stage, I5 no phantom, P7 attempts, P8 | [`replies`] |
//! | I8 order, I10 states, I11 attempts and pauses, P4 no idle lease, P7 age, P8 keys | [`rows`], [`moves`] |
//! | the limits of kinds | [`kinds`] |
//! | I6 an alarm behind everything, I11 sends | [`promises`] |
//! | I4 nothing lost | [`Oracle::lost`] |
//! | P3 plans, and which tier counts when | [`plans`], [`grace`] |
//! | not before, not after | [`times`] |
//! | quotas, to the job | [`quotas`] |
//! | I7 world capacity, I6 of the pool | [`pool`] |
//! | I7 slots as promised | [`slots`] |
//! | P4 no idle slot, P5 over all users, P6, I10 holds, I11 sends of the pool | [`pool_rows`] |
//! | P4 and P5 in the world: what rests, and who is passed, at the generator | `world/progress.rs` |

mod account;
mod erasures;
mod executions;
mod facts;
mod grace;
mod kinds;
mod moves;
mod plans;
mod pool;
pub(crate) mod pool_facts;
mod pool_rows;
mod promises;
mod quotas;
mod replays;
pub(crate) mod replies;
mod rows;
mod running;
mod slots;
mod times;
mod user;
mod violation;

pub(crate) use facts::{Fact, Oracle};
pub(crate) use running::Execution;
pub(crate) use user::User;
pub use violation::Violation;
pub(crate) use violation::require;
