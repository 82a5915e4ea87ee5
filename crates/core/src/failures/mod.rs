//! The list of failures: one Durable Object that knows of each failed job, since gates cannot be listed, and replays many.
//!
//! # Promise
//! In the end it has a row for exactly the jobs that have failed at their gates. A replay of many replays each job that it
//! found at most once, and none is lost.
//!
//! # How it knows
//! A gate tells when a job fails, and when that is no failure any more: replayed, forgotten, or its user deleted. It owes
//! each word by a row of its own until the word is confirmed. What goes well costs nothing.
//! Words of one gate come in order, but one whose call was given up may come late; so what is gone is remembered for a while,
//! with its epoch, and an older word changes nothing.
//!
//! # A replay of many
//! ```text
//!  begun ──▶ running ◀──▶ paused
//!              │  └──────────┴──▶ stopped
//!              └─ asked for all ─▶ done
//! ```
//! It goes over the rows that there were when it began, the oldest failure first, by their numbers: a job that fails again gets
//! a new number, so it is not met twice. The alarm has a few gates asked at a time, no more than its rate allows. Which jobs
//! it asked for and has no answer of, its row remembers; after a crash it asks again, and names the epoch at which the job
//! had failed, so that nothing is done twice.
//!
//! # What heals what
//! | fault | what happens |
//! |---|---|
//! | a gate could not tell | its alarm tells again |
//! | a word comes late | its epoch is old; it changes nothing |
//! | a gate cannot be reached by a replay | it is asked again every ten seconds, the others go on meanwhile |
//! | the object died while gates were asked | after a minute they are asked again; who was replayed says so |
//! | two replays meet the same job | the second finds that it is no failure any more |
//! | a row is there of a job that has not failed | the replay that meets it takes it out |
//!
//! Reading order: [`word`] and [`filter`], [`run`] (a replay of many), [`command`], [`mod@apply`] with `wake`, [`store`], [`sql`].

pub mod answer;
pub mod apply;
pub mod command;
pub mod filter;
pub mod run;
pub mod sql;
pub mod store;
mod turn;
mod wake;
pub mod word;

pub use apply::{Effects, Turn, apply, next_due};
pub use command::{Answer, Ask, Command, Reply};
pub use filter::Filter;
pub use run::{Run, RunState};
pub use sql::SqlStore;
pub use store::Store;
pub use word::{Failed, Word};
