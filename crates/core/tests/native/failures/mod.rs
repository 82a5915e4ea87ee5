//! The list of failures: what it knows, and how it replays many.

mod calls;
mod harness;
mod runs;
mod words;
