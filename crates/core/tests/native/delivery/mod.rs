//! A delivery: what a consumer does with the jobs that a pool gives it.

mod alone;
mod ends;
pub mod harness;
mod outages;
mod slots;
mod starts;
mod taking;
mod turns;
