//! Changes of a user's jobs, told to whoever watches them.
//!
//! A request that waits for changes is a *watcher*: it opens a socket to the user's gate, and the gate tells it of each
//! job that a turn has changed. The gate hibernates meanwhile, so a watcher costs nothing while nothing changes; and where
//! nobody watches, nothing is collected, written or sent. No change is stored: a job's row says when it changed last, and
//! who comes back reads the rows of what has changed since ([`since`]).
//!
//! One socket carries the rows that are asked for and the changes as they come. What is said later of a job is therefore
//! never older, without any number to compare.
//!
//! A socket does not always close when its client leaves, so each is bounded in number and in time ([`watcher`]).

pub mod message;
pub mod since;
pub mod watcher;

pub use message::{Ask, Said, Seen, Watch, answer};
pub use watcher::{Watcher, excess};
